import { Stack } from 'aws-cdk-lib';
import type { MethodDeploymentOptions } from 'aws-cdk-lib/aws-apigateway';
import type { IConstruct } from 'constructs';
import { GuardedApi } from './guarded-api.ts';
import type { OwnThrottle } from './guarded-api-props.ts';

/** As the settings of a stage name methods. */
export function methodThrottles(throttles: readonly OwnThrottle[]): Record<string, MethodDeploymentOptions> {
  return Object.fromEntries(
    throttles.map(({ method, path, requestsPerSecond }) => [
      `${path}/${method}`,
      { throttlingRateLimit: requestsPerSecond, throttlingBurstLimit: requestsPerSecond * 2 },
    ]),
  );
}

/**
 * One line for each request. It holds no header, no query and no path that a caller wrote, since any of them may hold a
 * secret that was put in the wrong place.
 */
export const ACCESS_LOG = {
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

export const STAGE_NAME = 'live';

/**
 * The name by which API Gateway's metrics tell one API from another.
 * @param pathInStack the ids that lead to its {@link GuardedApi} in its stack, with hyphens between them.
 */
export function apiName(stackName: string, pathInStack: string): string {
  return `${stackName}-${pathInStack}`;
}

/**
 * The ids that lead to a construct within its stack. Together with the stack's name they are unique in an account and
 * Region; a path from the app is not, since two apps may give their stacks equal ids.
 */
export function pathInStack(construct: IConstruct): string {
  const { length } = Stack.of(construct).node.scopes;
  return construct.node.scopes
    .slice(length)
    .map(({ node }) => node.id)
    .join('-');
}
