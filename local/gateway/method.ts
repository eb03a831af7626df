import type { PropertyReader } from '../assembly/json.ts';
import type { ResolvedResource } from '../assembly/resolved-stack.ts';
import { CannotRun } from '../cannot-run.ts';
import { type Authorizer, functionArnIn } from './authorizer-definition.ts';
import { type MockIntegration, readMock } from './mock-integration.ts';

export type Integration =
  | { readonly kind: 'lambda'; readonly functionArn: string; readonly timeoutMs: number }
  | MockIntegration;

export interface Method {
  readonly httpMethod: string;
  readonly authorizer: Authorizer | undefined;
  readonly integration: Integration;
}

/** A REST API waits 29 seconds for an integration, unless the template says less. */
const DEFAULT_TIMEOUT_MS = 29_000;

export function readMethod(resource: ResolvedResource, authorizers: ReadonlyMap<string, Authorizer>): Method {
  const { id, properties } = resource;
  if (properties.boolean('ApiKeyRequired')) {
    throw new CannotRun(`${id}: methods that need an API Gateway key cannot be honoured locally.`);
  }
  const type = properties.optionalText('AuthorizationType') ?? 'NONE';
  if (type !== 'NONE' && type !== 'CUSTOM') {
    throw new CannotRun(
      `${id}: the authorization type ${type} cannot be honoured locally; use NONE or CUSTOM.`,
    );
  }
  const authorizer = type === 'CUSTOM' ? authorizers.get(properties.text('AuthorizerId')) : undefined;
  if (type === 'CUSTOM' && !authorizer)
    throw new CannotRun(`${id}: its authorizer is not one of this REST API.`);
  const integration = properties.object('Integration');
  return {
    httpMethod: properties.text('HttpMethod'),
    authorizer,
    integration: readIntegration(id, integration),
  };
}

function readIntegration(id: string, integration: PropertyReader): Integration {
  const type = integration.text('Type');
  if (type === 'AWS_PROXY') {
    if (integration.list('IntegrationResponses').length > 0) {
      throw new CannotRun(`${id}: a proxy integration has no integration responses.`);
    }
    if (integration.optionalText('ContentHandling') !== undefined)
      throw new CannotRun(`${id}: the ContentHandling of a proxy integration cannot be honoured locally.`);
    return {
      kind: 'lambda',
      functionArn: functionArnIn(id, integration.text('Uri')),
      timeoutMs: integration.number('TimeoutInMillis', DEFAULT_TIMEOUT_MS),
    };
  }
  if (type === 'MOCK') return readMock(id, integration);
  throw new CannotRun(`${id}: the integration type ${type} cannot be honoured locally; use AWS_PROXY.`);
}
