import {
  AccessLogFormat,
  LogGroupLogDestination,
  type MethodDeploymentOptions,
  type StageOptions,
} from 'aws-cdk-lib/aws-apigateway';
import type { LogGroup } from 'aws-cdk-lib/aws-logs';
import { ALLOWED_ORIGINS_VARIABLE, writeAllowedOrigins } from '../../core/access/allowed-origins.ts';

export const STAGE_NAME = 'live';

/**
 * The name of an API in API Gateway's metrics.
 * @param path the `pathInStack` of its `GuardedApi`.
 */
export function apiName(stackName: string, path: string): string {
  return `${stackName}-${path}`;
}

/** A throttle that one method has for itself. A burst may be twice as large. */
export interface OwnThrottle {
  /** In capitals, such as `POST`. */
  readonly method: string;
  /** As API Gateway writes it, such as `/users/{id}`. */
  readonly path: string;
  /** Of all callers together. */
  readonly requestsPerSecond: number;
}

interface StageSettings {
  readonly accessLog: LogGroup;
  readonly requestsPerSecond: number;
  readonly ownThrottles: readonly OwnThrottle[];
  /** The origins whose pages may call the API; `undefined` where none may. */
  readonly origins: readonly string[] | undefined;
}

/** The only stage of an API: its throttles, its access log, and the variable that tells guards the allowed origins. */
export function stageOptions(settings: StageSettings): StageOptions {
  const { accessLog, requestsPerSecond, ownThrottles, origins } = settings;
  return {
    stageName: STAGE_NAME,
    ...(origins !== undefined && { variables: { [ALLOWED_ORIGINS_VARIABLE]: writeAllowedOrigins(origins) } }),
    throttlingRateLimit: requestsPerSecond,
    throttlingBurstLimit: requestsPerSecond * 2,
    methodOptions: methodThrottles(ownThrottles),
    accessLogDestination: new LogGroupLogDestination(accessLog),
    accessLogFormat: AccessLogFormat.custom(JSON.stringify(ACCESS_LOG)),
  };
}

/** A stage calls its methods `/users/GET`. */
function methodThrottles(throttles: readonly OwnThrottle[]): Record<string, MethodDeploymentOptions> {
  return Object.fromEntries(
    throttles.map(({ method, path, requestsPerSecond }) => [
      `${path}/${method}`,
      { throttlingRateLimit: requestsPerSecond, throttlingBurstLimit: requestsPerSecond * 2 },
    ]),
  );
}

/**
 * The access log has one line for each request. It holds no header, no query and no path as the caller wrote it: a caller may
 * put a secret into any of them by mistake.
 */
const ACCESS_LOG = {
  request_id: '$context.extendedRequestId',
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
