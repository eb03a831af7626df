import type { MiddlewareObj } from '@middy/core';
import type { APIGatewayProxyResult } from 'aws-lambda';
import { productVerification } from '../product-verification.ts';
import { authorized } from './authorized.ts';
import type { GuardedEvent } from './guard.ts';
import { createGuardAlone } from './guard-alone.ts';
import { createGuardMcp, type GuardedMcpEvent } from './guard-mcp.ts';
import { type ProfileGuardOptions, readProfileOptions } from './profile-options.ts';
import { type Verifier, verifying } from './verifier.ts';

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
