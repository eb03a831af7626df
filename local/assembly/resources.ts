/**
 * The reviewed resource types. A type is **run**, **replaced** by a local counterpart, or **inert**; any other type,
 * and any property of a run or replaced type that stands in neither of its lists, stops the run: nothing is quietly
 * ignored.
 * A listed property covers everything below it; `Integration.Uri` covers one property of an object or of each
 * object in a list. What is ignored says what is lost on one machine.
 */
export type ReviewedType =
  | {
      readonly kind: 'run';
      readonly honoured: readonly string[];
      readonly ignored: Readonly<Record<string, string>>;
    }
  | {
      readonly kind: 'replaced';
      readonly by: string;
      readonly honoured: readonly string[];
      readonly ignored: Readonly<Record<string, string>>;
    }
  | { readonly kind: 'inert'; readonly because: string };

const TAGS = { Tags: 'Nothing local reads tags.' };
const THROTTLING = 'One machine has no traffic worth throttling.';
const ISSUER = 'the development sign-in issuer, local/sign-in';
const NO_ACCOUNTS = 'The issuer asks nobody for a password, so there are no accounts.';
const NO_MAIL = 'No mail is sent.';

export const REVIEWED_TYPES: Readonly<Record<string, ReviewedType>> = {
  'AWS::DynamoDB::Table': {
    kind: 'run',
    honoured: [
      'TableName',
      'AttributeDefinitions',
      'KeySchema',
      'BillingMode',
      'ProvisionedThroughput',
      'GlobalSecondaryIndexes.IndexName',
      'GlobalSecondaryIndexes.KeySchema',
      'GlobalSecondaryIndexes.Projection',
      'GlobalSecondaryIndexes.ProvisionedThroughput',
      'TimeToLiveSpecification',
      'StreamSpecification.StreamViewType',
    ],
    ignored: {
      ...TAGS,
      PointInTimeRecoverySpecification: 'The table lives in memory and has no backups.',
      DeletionProtectionEnabled: 'The table goes when the run ends.',
      SSESpecification: 'Nothing is written to disk.',
      WarmThroughput: THROTTLING,
      OnDemandThroughput: THROTTLING,
      ContributorInsightsSpecification: 'There are no metrics.',
      TableClass: 'Only the price depends on it.',
      'GlobalSecondaryIndexes.WarmThroughput': THROTTLING,
      'GlobalSecondaryIndexes.OnDemandThroughput': THROTTLING,
      'GlobalSecondaryIndexes.ContributorInsightsSpecification': 'There are no metrics.',
    },
  },
  'AWS::DynamoDB::GlobalTable': {
    kind: 'run',
    honoured: [
      'TableName',
      'AttributeDefinitions',
      'KeySchema',
      'BillingMode',
      'GlobalSecondaryIndexes.IndexName',
      'GlobalSecondaryIndexes.KeySchema',
      'GlobalSecondaryIndexes.Projection',
      'TimeToLiveSpecification',
      'StreamSpecification.StreamViewType',
      'Replicas.Region',
    ],
    ignored: {
      SSESpecification: 'Nothing is written to disk.',
      WarmThroughput: THROTTLING,
      'GlobalSecondaryIndexes.WarmThroughput': THROTTLING,
      'Replicas.GlobalSecondaryIndexes':
        'Replica indexes repeat the names; only settings of throughput hang there.',
      'Replicas.PointInTimeRecoverySpecification': 'The table lives in memory and has no backups.',
      'Replicas.DeletionProtectionEnabled': 'The table goes when the run ends.',
      'Replicas.ContributorInsightsSpecification': 'There are no metrics.',
      'Replicas.TableClass': 'Only the price depends on it.',
      'Replicas.Tags': TAGS.Tags,
      'Replicas.SSESpecification': 'Nothing is written to disk.',
    },
  },
  'AWS::Lambda::Function': {
    kind: 'run',
    honoured: [
      'FunctionName',
      'Code.S3Bucket',
      'Code.S3Key',
      'Handler',
      'Runtime',
      'Role',
      'Timeout',
      'MemorySize',
      'Environment.Variables',
      'PackageType',
    ],
    ignored: {
      ...TAGS,
      Description: 'Read by people only.',
      Architectures: 'A bundle without native code runs on any processor.',
      LoggingConfig: 'Lines are handed over as they were printed.',
      TracingConfig: 'There are no traces.',
      ReservedConcurrentExecutions:
        'The bound on environments is an option of the run, and requests queue behind it.',
      EphemeralStorage: 'The temporary folder is the machine’s own.',
      RecursiveLoop: 'No queue or topic runs here that could loop.',
      RuntimeManagementConfig: 'The runtime is the Node that runs the runner.',
    },
  },
  'AWS::Lambda::Permission': {
    kind: 'run',
    honoured: ['Action', 'FunctionName', 'Principal', 'SourceArn'],
    ignored: { SourceAccount: 'There is one account.' },
  },
  'AWS::IAM::Role': {
    kind: 'run',
    honoured: ['RoleName', 'ManagedPolicyArns', 'Policies.PolicyName', 'Policies.PolicyDocument'],
    ignored: {
      ...TAGS,
      AssumeRolePolicyDocument: 'Functions act as the role that names them; nothing else assumes one.',
      Description: 'Read by people only.',
      MaxSessionDuration: 'Local credentials do not expire.',
      Path: 'Nothing matches on it.',
    },
  },
  'AWS::IAM::Policy': { kind: 'run', honoured: ['PolicyName', 'PolicyDocument', 'Roles'], ignored: {} },
  'AWS::IAM::ManagedPolicy': {
    kind: 'run',
    honoured: ['ManagedPolicyName', 'PolicyDocument', 'Roles'],
    ignored: { Description: 'Read by people only.', Path: 'Nothing matches on it.' },
  },
  'AWS::ApiGateway::RestApi': {
    kind: 'run',
    honoured: ['Name', 'BinaryMediaTypes'],
    ignored: {
      ...TAGS,
      Description: 'Read by people only.',
      EndpointConfiguration: 'The API listens on the loopback address, as a regional one would.',
      EndpointAccessMode: 'There is no TLS on the loopback address.',
      SecurityPolicy: 'There is no TLS on the loopback address.',
      DisableExecuteApiEndpoint: 'There is no custom domain to use instead.',
      FailOnWarnings: 'It concerns imports, which are refused.',
      ApiKeySourceType: 'Methods that need an API Gateway key are refused.',
    },
  },
  'AWS::ApiGateway::Resource': { kind: 'run', honoured: ['RestApiId', 'ParentId', 'PathPart'], ignored: {} },
  'AWS::ApiGateway::Method': {
    kind: 'run',
    honoured: [
      'RestApiId',
      'ResourceId',
      'HttpMethod',
      'AuthorizationType',
      'AuthorizerId',
      'ApiKeyRequired',
      'Integration.Type',
      'Integration.Uri',
      'Integration.IntegrationHttpMethod',
      'Integration.TimeoutInMillis',
      'Integration.RequestTemplates',
      'Integration.ContentHandling',
      'Integration.IntegrationResponses.ContentHandling',
      'Integration.IntegrationResponses.StatusCode',
      'Integration.IntegrationResponses.ResponseParameters',
      'Integration.IntegrationResponses.ResponseTemplates',
    ],
    ignored: {
      OperationName: 'Only the access log of AWS prints it.',
      MethodResponses: 'They declare what the integration responses may set.',
      RequestParameters: 'Without a request validator they only declare.',
      'Integration.PassthroughBehavior': 'Proxy integrations have no templates to fall through.',
    },
  },
  'AWS::ApiGateway::Authorizer': {
    kind: 'run',
    honoured: [
      'RestApiId',
      'Name',
      'Type',
      'AuthorizerUri',
      'AuthorizerResultTtlInSeconds',
      'IdentitySource',
    ],
    ignored: { AuthType: 'Only imports and exports read it.' },
  },
  'AWS::ApiGateway::GatewayResponse': {
    kind: 'run',
    honoured: ['RestApiId', 'ResponseType', 'StatusCode', 'ResponseParameters', 'ResponseTemplates'],
    ignored: {},
  },
  'AWS::ApiGateway::Deployment': {
    kind: 'run',
    honoured: ['RestApiId'],
    ignored: { Description: 'Read by people only.' },
  },
  'AWS::ApiGateway::Stage': {
    kind: 'run',
    honoured: ['RestApiId', 'DeploymentId', 'StageName', 'Variables', 'AccessLogSetting.Format'],
    ignored: {
      ...TAGS,
      Description: 'Read by people only.',
      'AccessLogSetting.DestinationArn': 'Access-log lines go to the log of the run.',
      TracingEnabled: 'There are no traces.',
      'MethodSettings.HttpMethod': 'It addresses settings that are ignored below.',
      'MethodSettings.ResourcePath': 'It addresses settings that are ignored below.',
      'MethodSettings.MetricsEnabled': 'There are no metrics.',
      'MethodSettings.LoggingLevel': 'Execution notes always go to the log of the run.',
      'MethodSettings.DataTraceEnabled': 'Execution notes always go to the log of the run.',
      'MethodSettings.ThrottlingBurstLimit': THROTTLING,
      'MethodSettings.ThrottlingRateLimit': THROTTLING,
    },
  },
  'AWS::Events::Rule': {
    kind: 'run',
    honoured: ['Name', 'ScheduleExpression', 'State', 'Targets.Arn', 'Targets.Id', 'Targets.Input'],
    ignored: {
      ...TAGS,
      Description: 'Read by people only.',
      'Targets.RetryPolicy': 'A failed run is logged and not repeated.',
    },
  },
  'AWS::ApiGateway::Account': {
    kind: 'inert',
    because: 'It lets API Gateway write logs, which go to the run’s log.',
  },
  'AWS::CDK::Metadata': { kind: 'inert', because: 'It tells AWS which constructs are in use.' },
  'AWS::CloudWatch::Alarm': { kind: 'inert', because: 'There are no metrics.' },
  'AWS::CloudWatch::CompositeAlarm': { kind: 'inert', because: 'There are no metrics.' },
  'AWS::CloudWatch::Dashboard': { kind: 'inert', because: 'There are no metrics.' },
  'AWS::Logs::LogGroup': { kind: 'inert', because: 'Lines go to the run’s log.' },
  'AWS::Logs::MetricFilter': { kind: 'inert', because: 'There are no metrics.' },
  'AWS::Logs::QueryDefinition': { kind: 'inert', because: 'It is a saved search over logs.' },
  'AWS::SNS::Topic': { kind: 'inert', because: 'Only alarms publish to it.' },
  'AWS::SNS::TopicPolicy': { kind: 'inert', because: 'Only alarms publish to the topic.' },
  'AWS::SNS::Subscription': { kind: 'inert', because: 'Only alarms publish to the topic.' },
  'AWS::Cognito::UserPool': {
    kind: 'replaced',
    by: ISSUER,
    honoured: ['LambdaConfig.PreTokenGeneration'],
    ignored: {
      UserPoolTags: TAGS.Tags,
      UserPoolName: 'Read by people only.',
      UserPoolTier: 'Only the price and what it offers depend on it.',
      DeletionProtection: 'Nobody has an account, so there is none to lose.',
      Policies: NO_ACCOUNTS,
      MfaConfiguration: NO_ACCOUNTS,
      EnabledMfas: NO_ACCOUNTS,
      AdminCreateUserConfig: NO_ACCOUNTS,
      AccountRecoverySetting: NO_ACCOUNTS,
      Schema: NO_ACCOUNTS,
      UserAttributeUpdateSettings: NO_ACCOUNTS,
      UsernameAttributes: 'Whoever signs in is named by an address or a user id.',
      'UsernameConfiguration.CaseSensitive': 'Addresses are compared in lower case.',
      AutoVerifiedAttributes: 'Every address counts as verified.',
      EmailVerificationMessage: NO_MAIL,
      EmailVerificationSubject: NO_MAIL,
      SmsVerificationMessage: NO_MAIL,
      VerificationMessageTemplate: NO_MAIL,
      EmailConfiguration: NO_MAIL,
    },
  },
  'AWS::Cognito::UserPoolClient': {
    kind: 'replaced',
    by: ISSUER,
    honoured: [
      'UserPoolId',
      'ClientName',
      'GenerateSecret',
      'AllowedOAuthFlows',
      'AllowedOAuthScopes',
      'CallbackURLs',
      'LogoutURLs',
      'AccessTokenValidity',
      'IdTokenValidity',
      'RefreshTokenValidity',
      'TokenValidityUnits',
    ],
    ignored: {
      AllowedOAuthFlowsUserPoolClient: 'It says that the other OAuth properties count, as they do.',
      ExplicitAuthFlows: 'Cognito’s own API does not run here.',
      EnableTokenRevocation: 'Refresh tokens can always be revoked.',
      PreventUserExistenceErrors: NO_ACCOUNTS,
      SupportedIdentityProviders: 'The issuer knows whoever says who they are.',
    },
  },
  'AWS::Cognito::UserPoolDomain': { kind: 'inert', because: 'The issuer has pages of its own.' },
  'AWS::Cognito::ManagedLoginBranding': { kind: 'inert', because: 'The issuer has pages of its own.' },
};
