import type { ResolvedResource } from '../assembly/resolved-stack.ts';
import { CannotRun } from '../cannot-run.ts';

/** Where an authorizer finds one part of a caller's identity. */
export interface IdentitySource {
  readonly kind: 'header' | 'querystring' | 'stageVariables' | 'context';
  readonly name: string;
}

export interface Authorizer {
  readonly id: string;
  readonly functionArn: string;
  readonly identitySources: readonly IdentitySource[];
  /** 0 turns caching off. */
  readonly ttlSeconds: number;
}

/** CloudFormation's own default when the property is left out. */
const DEFAULT_TTL_SECONDS = 300;

export function readAuthorizer({ id, identity, properties }: ResolvedResource): Authorizer {
  const type = properties.text('Type');
  if (type !== 'REQUEST') {
    throw new CannotRun(
      `${id}: an authorizer of type ${type} cannot be honoured locally; use a REQUEST authorizer.`,
    );
  }
  const ttlSeconds = properties.number('AuthorizerResultTtlInSeconds', DEFAULT_TTL_SECONDS);
  const identitySources = (properties.optionalText('IdentitySource') ?? '')
    .split(',')
    .map((source) => source.trim())
    .filter((source) => source !== '')
    .map((source) => readIdentitySource(id, source));
  if (ttlSeconds > 0 && identitySources.length === 0) {
    throw new CannotRun(`${id}: API Gateway refuses an authorizer cache without an identity source.`);
  }
  if (ttlSeconds < 0 || ttlSeconds > 3600)
    throw new CannotRun(`${id}: the cache time must be 0 to 3600 seconds.`);
  return {
    id: identity.ref,
    functionArn: functionArnIn(id, properties.text('AuthorizerUri')),
    identitySources,
    ttlSeconds,
  };
}

export function functionArnIn(where: string, uri: string): string {
  const [, arn] = /:lambda:path\/[^/]+\/functions\/(.+)\/invocations$/.exec(uri) ?? [];
  if (!arn) throw new CannotRun(`${where}: ${uri} does not name a Lambda function.`);
  return arn;
}

function readIdentitySource(where: string, source: string): IdentitySource {
  const [, request, plain, name] =
    /^(?:method\.request\.(header|querystring)|(stageVariables|context))\.(.+)$/.exec(source) ?? [];
  const kind = request ?? plain;
  if (
    name &&
    (kind === 'header' || kind === 'querystring' || kind === 'stageVariables' || kind === 'context')
  ) {
    return { kind, name };
  }
  throw new CannotRun(`${where}: the identity source ${source} is not one that API Gateway knows.`);
}
