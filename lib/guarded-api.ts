import { Duration, RemovalPolicy, Stack } from 'aws-cdk-lib';
import {
  AccessLogFormat,
  AuthorizationType,
  type CfnRestApi,
  EndpointType,
  type IAuthorizer,
  LambdaIntegration,
  LogGroupLogDestination,
  type MethodOptions,
  RequestAuthorizer,
  RestApi,
} from 'aws-cdk-lib/aws-apigateway';
import type { Function as LambdaFunction } from 'aws-cdk-lib/aws-lambda';
import { LogGroup, RetentionDays } from 'aws-cdk-lib/aws-logs';
import { Construct } from 'constructs';
import { challengeOf } from '../core/presentation.ts';
import type { Presentation } from '../core/profile.ts';
import { ApiAlarms } from './api-alarms.ts';
import { acknowledge } from './findings.ts';
import { addGatewayResponses } from './gateway-responses.ts';
import type { KeyTables } from './key-tables.ts';

export interface GuardedApiProps {
  readonly description: string;
  readonly presentation: Presentation;
  readonly realm: string;
  /**
   * The authorizer's function, of the same stack: from another one, the two stacks would need each other.
   * @default none: every route is added with {@link GuardedApi.addSelfVerifyingRoute}
   */
  readonly authorizer?: LambdaFunction;
  /**
   * Requests a second over all callers, before API Gateway answers 429; twice as many at once.
   * @default 1000
   */
  readonly requestsPerSecond?: number;
  /**
   * Whether to set the role by which API Gateway writes logs: one for an account and Region, so one stack of them sets it.
   * @default false
   */
  readonly setsAccountLogRole?: boolean;
  /**
   * The ARN of the SNS topic that alarms tell.
   * @default nobody is told: alarms are seen in CloudWatch only
   */
  readonly alarmTopicArn?: string | undefined;
}

export const STAGE_NAME = 'live';

/** The name by which API Gateway's metrics tell one API from another. */
export function apiName(stackName: string, apiId: string): string {
  return `${stackName}-${apiId}`;
}

/**
 * A REST API whose methods stand behind one authorizer, or in front of functions that verify by themselves, with bodies for
 * every error that a caller can meet.
 */
export class GuardedApi extends Construct {
  readonly restApi: RestApi;
  readonly #verifying = new Set<LambdaFunction>();
  readonly #authorizer: IAuthorizer | undefined;

  constructor(scope: Construct, id: string, props: GuardedApiProps) {
    super(scope, id);
    const { description, presentation, realm, requestsPerSecond = 1000, setsAccountLogRole = false } = props;
    const accessLog = new LogGroup(this, 'AccessLog', {
      retention: RetentionDays.THREE_MONTHS,
      removalPolicy: RemovalPolicy.DESTROY,
    });
    this.restApi = new RestApi(this, 'Rest', {
      restApiName: apiName(Stack.of(this).stackName, id),
      description,
      endpointTypes: [EndpointType.REGIONAL],
      cloudWatchRole: setsAccountLogRole,
      deployOptions: {
        stageName: STAGE_NAME,
        throttlingRateLimit: requestsPerSecond,
        throttlingBurstLimit: requestsPerSecond * 2,
        accessLogDestination: new LogGroupLogDestination(accessLog),
        accessLogFormat: AccessLogFormat.custom(JSON.stringify(ACCESS_LOG)),
      },
    });
    // No prop of the construct has it: what is older than TLS 1.2 is turned away, and there is no plain listener.
    (this.restApi.node.defaultChild as CfnRestApi).securityPolicy = 'TLS_1_2';
    this.#authorizer =
      props.authorizer &&
      new RequestAuthorizer(this, 'Authorizer', {
        handler: props.authorizer,
        // A revoked key is refused on the very next request, so no verdict is kept.
        resultsCacheTtl: Duration.seconds(0),
        identitySources: [],
      });
    addGatewayResponses(this.restApi, challengeOf(presentation, realm));
    const { authorizer, alarmTopicArn } = props;
    new ApiAlarms(this, 'Alarms', { stage: this.restApi.deploymentStage, authorizer, alarmTopicArn });
    for (const finding of ['APIG2', 'APIG3', 'APIG6', 'COG4'] as const) acknowledge(this.restApi, finding);
    if (setsAccountLogRole) acknowledge(this.restApi, 'IAM4', LOG_POLICY);
  }

  /** @param path as API Gateway writes it, such as `/users/{id}`. */
  addRoute(method: string, path: string, handler: LambdaFunction): void {
    if (this.#authorizer === undefined)
      throw new Error(`${method} ${path} needs an authorizer, and there is none.`);
    this.#addMethod(method, path, handler, {
      authorizer: this.#authorizer,
      authorizationType: AuthorizationType.CUSTOM,
    });
  }

  /**
   * A route that everybody reaches: **its function must verify**, with `guardAlone` or `guardMcp` of `keyward/middleware`.
   * It is granted what that takes.
   */
  addSelfVerifyingRoute(method: string, path: string, handler: LambdaFunction, tables: KeyTables): void {
    handler.addEnvironment('KEYWARD_SECRETS_TABLE', tables.secrets.tableName);
    if (!this.#verifying.has(handler)) tables.grantVerify(handler);
    this.#verifying.add(handler);
    this.#addMethod(method, path, handler, { authorizationType: AuthorizationType.NONE });
  }

  /** A route that everybody reaches without a credential, such as a document by which a product is discovered. */
  addPublicRoute(method: string, path: string, handler: LambdaFunction): void {
    this.#addMethod(method, path, handler, { authorizationType: AuthorizationType.NONE });
  }

  #addMethod(method: string, path: string, handler: LambdaFunction, options: MethodOptions): void {
    const integration = new LambdaIntegration(handler, { allowTestInvoke: false });
    const added = this.restApi.root.resourceForPath(path).addMethod(method, integration, options);
    if (options.authorizationType === AuthorizationType.NONE) acknowledge(added, 'APIG4');
    handler.addEnvironment('KEYWARD_STACK', Stack.of(this).stackName);
  }
}

const LOG_POLICY =
  'Policy::arn:<AWS::Partition>:iam::aws:policy/service-role/AmazonAPIGatewayPushToCloudWatchLogs';

/**
 * One line for each request. It holds no header, no query and no path that a caller wrote, since any of them may hold a
 * secret that was put in the wrong place.
 */
const ACCESS_LOG = {
  request_id: '$context.requestId',
  at: '$context.requestTime',
  method: '$context.httpMethod',
  route: '$context.resourcePath',
  status: '$context.status',
  source_ip: '$context.identity.sourceIp',
  credential_id: '$context.authorizer.credentialId',
  refusal: '$context.authorizer.refusal',
  response_type: '$context.error.responseType',
  latency_ms: '$context.responseLatency',
  authorizer_latency_ms: '$context.authorizer.latency',
};
