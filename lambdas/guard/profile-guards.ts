import type { MiddlewareObj } from '@middy/core';
import type { APIGatewayProxyResult } from 'aws-lambda';
import { InvalidProfile, parseProfile } from '../../core/profile/parse-profile.ts';
import type { Profile } from '../../core/profile/profile.ts';
import { productVerification } from '../product-verification.ts';
import { type GuardedEvent, type GuardOptions, readOptions } from './guard.ts';
import { createGuardAlone } from './guard-alone.ts';
import { createGuardMcp, type GuardedMcpEvent } from './guard-mcp.ts';
import { authorized, type Verifier, verifying } from './verdict-source.ts';

/**
 * Middy middleware for a function without an authorizer in front: verifies by itself, by the route that was called and the
 * profile that it is given.
 *
 * The function needs `KEYWARD_SECRETS_TABLE` and the right to read and update that table: `KeyTables.grantVerify`.
 * @throws at start when the function was deployed without them, or is given no valid profile.
 */
export function guardAlone(options: ProfileGuardOptions): MiddlewareObj<GuardedEvent, APIGatewayProxyResult> {
  return createGuardAlone(productVerifier('guardAlone', options));
}

/**
 * Middy middleware for a function that serves MCP without an authorizer: verifies by itself, by the message that was
 * posted. It takes what {@link guardAlone} takes.
 * @throws at start also when the profile says nothing about MCP.
 */
export function guardMcp(
  options: ProfileGuardOptions,
): MiddlewareObj<GuardedMcpEvent, APIGatewayProxyResult> {
  const verifier = productVerifier('guardMcp', options);
  return createGuardMcp(verifier.profile, verifying(verifier));
}

/**
 * As {@link guardMcp}, for a function behind the authorizer: decides by the message with what the authorizer has verified,
 * and needs no access to the secrets. An authorizer of another product in front is a fault.
 */
export function guardMcpBehindAuthorizer(
  options: ProfileGuardOptions,
): MiddlewareObj<GuardedMcpEvent, APIGatewayProxyResult> {
  const { profile, now } = readProfileOptions('guardMcpBehindAuthorizer', options);
  return createGuardMcp(profile, authorized({ product: profile.name, now }));
}

function productVerifier(guardName: string, options: ProfileGuardOptions): Verifier {
  const { profile, now } = readProfileOptions(guardName, options);
  return { profile, verification: productVerification(profile), now };
}

export interface ProfileGuardOptions extends GuardOptions {
  /**
   * The product's rules: the data of its JSON file, such as
   * `import profile from './profiles/ours.json' with { type: 'json' }`. Nothing takes its place.
   */
  readonly profile: object;
}

/**
 * Reads what a guard that decides by a profile is given.
 * @throws at start, also without a profile or with one that is not valid: a guard that enforced other rules than its
 * product's would let in whom nobody meant.
 */
export function readProfileOptions(
  guardName: string,
  options: ProfileGuardOptions,
): { readonly profile: Profile; readonly now: () => number } {
  // Whoever writes plain JavaScript may leave anything out.
  const { profile, ...others }: Partial<ProfileGuardOptions> = options ?? {};
  const { now } = readOptions(guardName, others);
  return { profile: parseFor(guardName, profile), now };
}

function parseFor(guardName: string, data: unknown): Profile {
  if (typeof data !== 'object' || data === null) {
    throw new InvalidProfile(
      `${guardName}() needs the profile of the product: call ${guardName}({ profile }) with the data of its JSON file.`,
    );
  }
  try {
    return parseProfile(data);
  } catch (cause) {
    if (!(cause instanceof InvalidProfile)) throw cause;
    throw new InvalidProfile(`${guardName}() was given a profile that is not valid. ${cause.message}`, {
      cause,
    });
  }
}
