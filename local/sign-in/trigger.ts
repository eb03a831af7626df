import type { InvocationResult } from '../functions/environment.ts';
import type { Invoker } from '../functions/permission.ts';
import type { Log } from '../log.ts';
import type { Person } from './person.ts';
import type { UserPool } from './user-pool.ts';

export interface TriggerOptions {
  readonly pool: UserPool;
  readonly log: Log;
  /** @returns undefined when no permission lets the pool invoke the function. */
  readonly invoke: (
    functionArn: string,
    event: object,
    invoker: Invoker,
  ) => Promise<InvocationResult | undefined>;
}

/** Grant → the trigger source that Cognito names when it makes tokens for it. */
const SOURCES: Readonly<Record<string, string>> = {
  authorization_code: 'TokenGeneration_HostedAuth',
  refresh_token: 'TokenGeneration_RefreshTokens',
  password: 'TokenGeneration_Authentication',
};

/**
 * Invokes the pool's function before somebody gets tokens.
 * @returns false if the function failed, or changes claims, which the runner does not honour.
 * @see "Pre token generation Lambda trigger", Amazon Cognito Developer Guide
 */
export async function tellTrigger(
  { pool, log, invoke }: TriggerOptions,
  { person, grantType, clientId }: { person: Person; grantType: string; clientId: string },
): Promise<boolean> {
  if (pool.beforeTokens === undefined) return true;
  const event = {
    version: '1',
    triggerSource: SOURCES[grantType],
    region: pool.region,
    userPoolId: pool.poolId,
    userName: person.userId,
    callerContext: { awsSdkVersion: 'aws-sdk-unknown-unknown', clientId },
    request: {
      userAttributes: attributesOf(person),
      groupConfiguration: { groupsToOverride: [], iamRolesToOverride: [], preferredRole: null },
    },
    response: { claimsOverrideDetails: null },
  };
  const invoker = { service: 'cognito-idp.amazonaws.com', sourceArn: pool.arn };
  const trouble = troubleOf(await invoke(pool.beforeTokens, event, invoker));
  if (trouble !== undefined) log({ source: `sign-in:${pool.id}`, text: trouble, at: new Date() });
  return trouble === undefined;
}

function troubleOf(result: InvocationResult | undefined): string | undefined {
  if (result === undefined) return 'no permission lets the user pool invoke its function';
  if (result.kind === 'failed') return `${result.errorType}: ${result.errorMessage}`;
  const { response } = (result.payload ?? {}) as { response?: { claimsOverrideDetails?: unknown } };
  if (response === undefined) return 'the function returned no event';
  if (response.claimsOverrideDetails != null) return 'claimsOverrideDetails cannot be honoured locally';
  return undefined;
}

/** The user attributes in Cognito's trigger event. All are texts. */
function attributesOf({ userId, email }: Person): Record<string, string> {
  return {
    sub: userId,
    'cognito:user_status': 'CONFIRMED',
    ...(email !== null && { email, email_verified: 'true' }),
  };
}
