import type { FunctionDefinition } from './function-definition.ts';

/** Where functions find the AWS services that run here. */
export interface Endpoints {
  /** DynamoDB. Calls to services that do not run here go there too, and are refused. */
  readonly proxyUrl: string;
  /** API Gateway's own API. */
  readonly controlPlaneUrl: string;
}

/**
 * All environment variables of a function: those that Lambda sets and those of its template, none of the
 * machine's. Its credentials tell the proxy who calls. Every AWS endpoint points to this run, so that nothing can reach
 * AWS by mistake.
 * @see "Using Lambda environment variables", AWS Lambda Developer Guide
 */
export function variablesOf(
  definition: FunctionDefinition,
  { accessKeyId, proxyUrl, controlPlaneUrl }: { readonly accessKeyId: string } & Endpoints,
  overrides: Readonly<Record<string, string>>,
): Record<string, string> {
  return {
    ...definition.variables,
    ...overrides,
    _HANDLER: definition.handler,
    AWS_ACCESS_KEY_ID: accessKeyId,
    AWS_SECRET_ACCESS_KEY: 'local',
    AWS_SESSION_TOKEN: 'local',
    AWS_REGION: definition.region,
    AWS_DEFAULT_REGION: definition.region,
    AWS_EXECUTION_ENV: 'AWS_Lambda_nodejs24.x',
    AWS_LAMBDA_FUNCTION_NAME: definition.name,
    AWS_LAMBDA_FUNCTION_MEMORY_SIZE: String(definition.memoryMegabytes),
    AWS_LAMBDA_FUNCTION_VERSION: '$LATEST',
    AWS_LAMBDA_INITIALIZATION_TYPE: 'on-demand',
    AWS_LAMBDA_LOG_GROUP_NAME: `/aws/lambda/${definition.name}`,
    AWS_LAMBDA_LOG_STREAM_NAME: '2026/01/01/[$LATEST]local',
    AWS_EC2_METADATA_DISABLED: 'true',
    AWS_ENDPOINT_URL: proxyUrl,
    AWS_ENDPOINT_URL_DYNAMODB: proxyUrl,
    AWS_ENDPOINT_URL_API_GATEWAY: controlPlaneUrl,
    LAMBDA_TASK_ROOT: definition.assetDirectory,
    LAMBDA_RUNTIME_DIR: definition.assetDirectory,
    LANG: 'en_US.UTF-8',
    PATH: '/var/lang/bin:/usr/local/bin:/usr/bin:/bin',
    TZ: ':UTC',
  };
}
