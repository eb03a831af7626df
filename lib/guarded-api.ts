import { Duration, RemovalPolicy } from 'aws-cdk-lib';
import {
  AccessLogFormat,
  AuthorizationType,
  type CfnRestApi,
  EndpointType,
  type IAuthorizer,
  LambdaIntegration,
  LogGroupLogDestination,
  RequestAuthorizer,
  RestApi,
} from 'aws-cdk-lib/aws-apigateway';
import type { Function as LambdaFunction } from 'aws-cdk-lib/aws-lambda';
import { LogGroup, RetentionDays } from 'aws-cdk-lib/aws-logs';
import { Construct } from 'constructs';
import { challengeOf } from '../core/presentation.ts';
import type { Presentation } from '../core/profile.ts';
import { addGatewayResponses } from './gateway-responses.ts';

export interface GuardedApiProps {
  readonly description: string;
  readonly presentation: Presentation;
  readonly realm: string;
  /** The authorizer's function, of the same stack: from another one, the two stacks would need each other. */
  readonly authorizer: LambdaFunction;
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
}

/** A REST API of which every method stands behind one authorizer, with bodies for every error that a caller can meet. */
export class GuardedApi extends Construct {
  readonly restApi: RestApi;
  readonly #authorizer: IAuthorizer;

  constructor(scope: Construct, id: string, props: GuardedApiProps) {
    super(scope, id);
    const { description, presentation, realm, requestsPerSecond = 1000, setsAccountLogRole = false } = props;
    const accessLog = new LogGroup(this, 'AccessLog', {
      retention: RetentionDays.THREE_MONTHS,
      removalPolicy: RemovalPolicy.DESTROY,
    });
    this.restApi = new RestApi(this, 'Rest', {
      description,
      endpointTypes: [EndpointType.REGIONAL],
      cloudWatchRole: setsAccountLogRole,
      deployOptions: {
        stageName: 'live',
        throttlingRateLimit: requestsPerSecond,
        throttlingBurstLimit: requestsPerSecond * 2,
        accessLogDestination: new LogGroupLogDestination(accessLog),
        accessLogFormat: AccessLogFormat.custom(JSON.stringify(ACCESS_LOG)),
      },
    });
    // No prop of the construct has it: what is older than TLS 1.2 is turned away, and there is no plain listener.
    (this.restApi.node.defaultChild as CfnRestApi).securityPolicy = 'TLS_1_2';
    this.#authorizer = new RequestAuthorizer(this, 'Authorizer', {
      handler: props.authorizer,
      // A revoked key is refused on the very next request, so no verdict is kept.
      resultsCacheTtl: Duration.seconds(0),
      identitySources: [],
    });
    addGatewayResponses(this.restApi, challengeOf(presentation, realm));
  }

  /** @param path as API Gateway writes it, such as `/users/{id}`. */
  addRoute(method: string, path: string, handler: LambdaFunction): void {
    this.restApi.root
      .resourceForPath(path)
      .addMethod(method, new LambdaIntegration(handler, { allowTestInvoke: false }), {
        authorizer: this.#authorizer,
        authorizationType: AuthorizationType.CUSTOM,
      });
  }
}

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
