import type { ResolvedResource, ResolvedStack } from '../assembly/resolved-stack.ts';
import { CannotRun } from '../cannot-run.ts';

/** The parts of a Cognito user pool that the development issuer imitates. */
export interface UserPool {
  /** `Stack/LogicalId`. */
  readonly id: string;
  readonly poolId: string;
  readonly arn: string;
  readonly region: string;
  /** The ARN of the function to invoke before making tokens. */
  readonly beforeTokens: string | undefined;
  readonly clients: readonly UserPoolClient[];
}

export interface UserPoolClient {
  readonly clientId: string;
  readonly callbackUrls: readonly string[];
  readonly logoutUrls: readonly string[];
  readonly scopes: readonly string[];
  readonly accessTokenSeconds: number;
  readonly idTokenSeconds: number;
  readonly refreshTokenSeconds: number;
}

export const USER_POOL = 'AWS::Cognito::UserPool';
const USER_POOL_CLIENT = 'AWS::Cognito::UserPoolClient';

const UNIT_SECONDS: Readonly<Record<string, number>> = {
  seconds: 1,
  minutes: 60,
  hours: 3_600,
  days: 86_400,
};

/** @returns undefined if the assembly has no user pool. */
export function readUserPool(stacks: readonly ResolvedStack[]): UserPool | undefined {
  const resources = stacks.flatMap((stack) => stack.resources);
  const [pool, another] = resources.filter(({ type }) => type === USER_POOL);
  if (another)
    throw new CannotRun(`${another.id} is a second user pool; one machine has one sign-in issuer.`);
  if (!pool) return undefined;
  const { id, identity, properties } = pool;
  return {
    id,
    poolId: identity.ref,
    arn: identity.attributes.Arn ?? '',
    region: stacks[0]?.region ?? '',
    beforeTokens: properties.object('LambdaConfig').optionalText('PreTokenGeneration'),
    clients: resources.filter(({ type }) => type === USER_POOL_CLIENT).map(readClient),
  };
}

function readClient({ id, identity, properties }: ResolvedResource): UserPoolClient {
  if (properties.boolean('GenerateSecret'))
    throw new CannotRun(`${id}: the sign-in issuer knows clients without a secret only.`);
  if (properties.textList('AllowedOAuthFlows').join() !== 'code')
    throw new CannotRun(`${id}: the sign-in issuer knows the code flow only.`);
  const units = properties.object('TokenValidityUnits');
  const seconds = (name: string, fallback: number, unit: string) =>
    properties.number(`${name}Validity`, fallback) * (UNIT_SECONDS[units.optionalText(name) ?? unit] ?? 1);
  return {
    clientId: identity.ref,
    callbackUrls: properties.textList('CallbackURLs'),
    logoutUrls: properties.textList('LogoutURLs'),
    scopes: properties.textList('AllowedOAuthScopes'),
    accessTokenSeconds: seconds('AccessToken', 1, 'hours'),
    idTokenSeconds: seconds('IdToken', 1, 'hours'),
    refreshTokenSeconds: seconds('RefreshToken', 30, 'days'),
  };
}

/** Whether a page of this origin may read the issuer's answers: an origin that it redirects to, with any loopback port. */
export function isOwnOrigin({ clients }: UserPool, origin: string): boolean {
  const own = clients.flatMap(({ callbackUrls }) => callbackUrls.map((url) => new URL(url)));
  const isHere = /^http:\/\/127\.0\.0\.1:\d+$/.test(origin);
  return own.some((url) => url.origin === origin || (isHere && url.hostname === '127.0.0.1'));
}
