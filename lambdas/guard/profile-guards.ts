import type { MiddlewareObj } from '@middy/core';
import type { APIGatewayProxyResult } from 'aws-lambda';
import { InvalidProfile, parseProfile } from '../../core/profile/parse-profile.ts';
import type { Profile } from '../../core/profile/profile.ts';
import { productVerification } from '../product-verification.ts';
import { type GuardedEvent, type GuardOptions, readOptions } from './guard.ts';
import { createGuardAlone } from './guard-alone.ts';
import { createGuardMcp, type GuardedMcpEvent } from './guard-mcp.ts';
import { type Verifier, verdictsByVerifying, verdictsOfAuthorizer } from './verdict-source.ts';

export interface ProfileGuardOptions extends GuardOptions {
  /**
   * The product's rules: the data of its JSON file, such as
   * `import profile from './profiles/ours.json' with { type: 'json' }`. There is no default.
   */
  readonly profile: object;
}

/**
 * Middy middleware for a function without an authorizer in front. It verifies each request in the function itself, by the
 * called route and the given profile.
 *
 * The function needs the variable `KEYWARD_SECRETS_TABLE`, and the right to read and update that table: `KeyTables.grantVerify`.
 * @throws at start if the variable is missing, or if the profile is missing or not valid.
 */
export function guardAlone(options: ProfileGuardOptions): MiddlewareObj<GuardedEvent, APIGatewayProxyResult> {
  return createGuardAlone(productVerifier('guardAlone', options));
}

/**
 * Middy middleware for a function that serves MCP without an authorizer in front. It verifies each request in the function
 * itself, by the posted message. It needs the same as {@link guardAlone}.
 * @throws at start also if the profile says nothing about MCP.
 */
export function guardMcp(
  options: ProfileGuardOptions,
): MiddlewareObj<GuardedMcpEvent, APIGatewayProxyResult> {
  const verifier = productVerifier('guardMcp', options);
  return createGuardMcp(verifier.profile, verdictsByVerifying(verifier));
}

/**
 * As {@link guardMcp}, for a function behind the authorizer. It decides by the posted message and by what the authorizer has
 * verified, so it needs no access to the secrets. An authorizer of another product in front is a fault.
 */
export function guardMcpBehindAuthorizer(
  options: ProfileGuardOptions,
): MiddlewareObj<GuardedMcpEvent, APIGatewayProxyResult> {
  const { profile, now } = readProfileOptions('guardMcpBehindAuthorizer', options);
  return createGuardMcp(profile, verdictsOfAuthorizer({ product: profile.name, now }));
}

function productVerifier(guardName: string, options: ProfileGuardOptions): Verifier {
  const { profile, now } = readProfileOptions(guardName, options);
  return { profile, verification: productVerification(profile), now };
}

/**
 * Reads the options of a guard that decides by a profile.
 * @throws at start if the profile is missing or not valid: a guard with the rules of another product would let the wrong
 * callers in.
 */
export function readProfileOptions(
  guardName: string,
  options: ProfileGuardOptions,
): { readonly profile: Profile; readonly now: () => number } {
  // A caller in plain JavaScript may leave anything out.
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
