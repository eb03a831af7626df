import { createHash } from 'node:crypto';
import type { ResourceIdentity } from './template.ts';

/** Enough of a resource to name it. Only its name is resolved at this point. */
export interface NamedResource {
  readonly stackName: string;
  readonly logicalId: string;
  readonly type: string;
  readonly account: string;
  readonly region: string;
  /** The URL of the issuer that replaces the user pool; undefined if none runs. */
  readonly issuerUrl: string | undefined;
  /** A name property as the template has it, such as `TableName`; undefined if AWS would generate one. */
  givenName(property: string): string | undefined;
}

/** What CloudFormation's `Ref` and `Fn::GetAtt` answer for each type, from its page in the template reference. */
export function identityOf(resource: NamedResource): ResourceIdentity | undefined {
  return identities[resource.type]?.(resource);
}

const identities: Record<string, (resource: NamedResource) => ResourceIdentity> = {
  'AWS::DynamoDB::Table': (resource) => table(resource),
  'AWS::DynamoDB::GlobalTable': (resource) => table(resource),
  'AWS::Lambda::Function': (resource) => {
    const name = nameOf(resource, 'FunctionName');
    return { ref: name, attributes: { Arn: arn(resource, 'lambda', `function:${name}`) } };
  },
  'AWS::IAM::Role': (resource) => {
    const name = nameOf(resource, 'RoleName');
    const attributes = { Arn: `arn:aws:iam::${resource.account}:role/${name}`, RoleId: hashed(resource, 21) };
    return { ref: name, attributes };
  },
  'AWS::IAM::Policy': (resource) => ({ ref: nameOf(resource, 'PolicyName'), attributes: {} }),
  'AWS::IAM::ManagedPolicy': (resource) => {
    const policyArn = `arn:aws:iam::${resource.account}:policy/${nameOf(resource, 'ManagedPolicyName')}`;
    return { ref: policyArn, attributes: { PolicyArn: policyArn } };
  },
  'AWS::ApiGateway::RestApi': (resource) => {
    const id = hashed(resource, 10);
    return { ref: id, attributes: { RestApiId: id, RootResourceId: rootResourceIdOf(id) } };
  },
  'AWS::ApiGateway::Resource': (resource) => withId(resource, 'ResourceId'),
  'AWS::ApiGateway::Authorizer': (resource) => withId(resource, 'AuthorizerId'),
  'AWS::ApiGateway::Deployment': (resource) => withId(resource, 'DeploymentId'),
  'AWS::ApiGateway::Method': (resource) => withId(resource, 'MethodId'),
  'AWS::ApiGateway::GatewayResponse': (resource) => withId(resource, 'Id'),
  'AWS::ApiGateway::Stage': (resource) => ({
    ref: resource.givenName('StageName') ?? 'prod',
    attributes: {},
  }),
  'AWS::Cognito::UserPool': (resource) => {
    const { region, issuerUrl } = resource;
    const id = `${region}_${hashed(resource, 9)}`;
    const poolArn = arn(resource, 'cognito-idp', `userpool/${id}`);
    const attributes = {
      Arn: poolArn,
      UserPoolId: id,
      ProviderName: `cognito-idp.${region}.amazonaws.com/${id}`,
      ...(issuerUrl !== undefined && { ProviderURL: issuerUrl }),
    };
    return { ref: id, attributes };
  },
  // Cognito generates an id. Here the id is the client's name, so that scripts can know it.
  'AWS::Cognito::UserPoolClient': (resource) => {
    const id = nameOf(resource, 'ClientName');
    return { ref: id, attributes: { ClientId: id } };
  },
  'AWS::Cognito::UserPoolDomain': (resource) => ({
    ref: resource.givenName('Domain') ?? nameOf(resource, 'Domain'),
    attributes: {},
  }),
  'AWS::Cognito::ManagedLoginBranding': (resource) => withId(resource, 'ManagedLoginBrandingId'),
  'AWS::S3::Bucket': (resource) => {
    // A host name may have no capital letters.
    const name = resource.givenName('BucketName') ?? nameOf(resource, 'BucketName').toLowerCase();
    const domain = `${name}.s3.${resource.region}.amazonaws.com`;
    return { ref: name, attributes: { Arn: `arn:aws:s3:::${name}`, RegionalDomainName: domain } };
  },
  'AWS::CloudFront::Distribution': (resource) => {
    const id = hashed(resource, 14);
    return { ref: id, attributes: { Id: id, DomainName: `${id}.cloudfront.net` } };
  },
  'AWS::CloudFront::Function': (resource) => {
    const functionArn = `arn:aws:cloudfront::${resource.account}:function/${hashed(resource, 12)}`;
    return { ref: functionArn, attributes: { FunctionARN: functionArn } };
  },
  'AWS::CloudFront::ResponseHeadersPolicy': (resource) => withId(resource, 'Id'),
  'AWS::CloudFront::OriginAccessControl': (resource) => withId(resource, 'Id'),
  'AWS::Events::Rule': (resource) => {
    const name = nameOf(resource, 'Name');
    return { ref: name, attributes: { Arn: arn(resource, 'events', `rule/${name}`) } };
  },
  'AWS::Logs::LogGroup': (resource) => {
    const name = nameOf(resource, 'LogGroupName');
    return { ref: name, attributes: { Arn: `${arn(resource, 'logs', `log-group:${name}`)}:*` } };
  },
  'AWS::CloudWatch::Alarm': (resource) => alarm(resource),
  'AWS::CloudWatch::CompositeAlarm': (resource) => alarm(resource),
  'AWS::CloudWatch::Dashboard': (resource) => ({ ref: nameOf(resource, 'DashboardName'), attributes: {} }),
  'AWS::SNS::Topic': (resource) => {
    const name = nameOf(resource, 'TopicName');
    const topicArn = arn(resource, 'sns', name);
    return { ref: topicArn, attributes: { TopicArn: topicArn, TopicName: name } };
  },
};

/** A REST API always has a root resource. The template has no entry for it. */
export function rootResourceIdOf(restApiId: string): string {
  return digest(`${restApiId}/`).slice(0, 10);
}

function table(resource: NamedResource): ResourceIdentity {
  const name = nameOf(resource, 'TableName');
  const tableArn = arn(resource, 'dynamodb', `table/${name}`);
  return {
    ref: name,
    attributes: { Arn: tableArn, StreamArn: `${tableArn}/stream/local`, TableId: hashed(resource, 16) },
  };
}

function alarm(resource: NamedResource): ResourceIdentity {
  const name = nameOf(resource, 'AlarmName');
  return { ref: name, attributes: { Arn: arn(resource, 'cloudwatch', `alarm:${name}`) } };
}

function withId(resource: NamedResource, attribute: string): ResourceIdentity {
  const id = hashed(resource, 6);
  return { ref: id, attributes: { [attribute]: id } };
}

/** CloudFormation generates `stack-logicalId-random`. Here the last part is the same in every run. */
function nameOf(resource: NamedResource, property: string): string {
  return (
    resource.givenName(property) ?? `${resource.stackName}-${resource.logicalId}-${hashed(resource, 12)}`
  );
}

function arn({ region, account }: NamedResource, service: string, rest: string): string {
  return `arn:aws:${service}:${region}:${account}:${rest}`;
}

function hashed({ stackName, logicalId }: NamedResource, length: number): string {
  return digest(`${stackName}/${logicalId}`).slice(0, length);
}

function digest(text: string): string {
  return BigInt(`0x${createHash('sha256').update(text).digest('hex')}`).toString(36);
}
