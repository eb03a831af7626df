import type { MethodDeploymentOptions } from 'aws-cdk-lib/aws-apigateway';

/** A throttle of one method: what others are sent does not use it up. */
export interface OwnThrottle {
  readonly method: string;
  readonly path: string;
  readonly requestsPerSecond: number;
}

/** As the settings of a stage name methods. */
export function methodThrottles(throttles: readonly OwnThrottle[]): Record<string, MethodDeploymentOptions> {
  return Object.fromEntries(
    throttles.map(({ method, path, requestsPerSecond }) => [
      `${path}/${method}`,
      { throttlingRateLimit: requestsPerSecond, throttlingBurstLimit: requestsPerSecond * 2 },
    ]),
  );
}
