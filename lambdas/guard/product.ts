import type { MiddlewareObj } from '@middy/core';
import type { APIGatewayProxyResult } from 'aws-lambda';
import { productVerification } from '../product-verification.ts';
import { profile } from '../profile.ts';
import { authorized } from './authorized.ts';
import type { GuardedEvent } from './guard.ts';
import { createGuardAlone } from './guard-alone.ts';
import { createGuardMcp, type GuardedMcpEvent } from './guard-mcp.ts';
import { type GuardOptions, readOptions } from './options.ts';
import { type Verifier, verifying } from './verifier.ts';

/**
 * Middy middleware for a function without an authorizer in front: verifies by itself, by the route that was called.
 *
 * The function needs `KEYWARD_SECRETS_TABLE` and the right to read and update that table: `KeyTables.grantVerify`.
 * @throws at start when the function was deployed without them.
 */
export function guardAlone(options: GuardOptions = {}): MiddlewareObj<GuardedEvent, APIGatewayProxyResult> {
  return createGuardAlone(productVerifier('guardAlone', options));
}

/**
 * Middy middleware for a function that serves MCP without an authorizer: verifies by itself, by the message that was
 * posted. It takes what {@link guardAlone} takes.
 * @throws at start also when the profile says nothing about MCP.
 */
export function guardMcp(options: GuardOptions = {}): MiddlewareObj<GuardedMcpEvent, APIGatewayProxyResult> {
  return createGuardMcp(profile, verifying(productVerifier('guardMcp', options)));
}

/**
 * As {@link guardMcp}, for a function behind the authorizer: decides by the message with what the authorizer has verified,
 * and needs no access to the secrets.
 */
export function guardMcpBehindAuthorizer(
  options: GuardOptions = {},
): MiddlewareObj<GuardedMcpEvent, APIGatewayProxyResult> {
  const { now } = readOptions('guardMcpBehindAuthorizer', options);
  return createGuardMcp(profile, authorized(now));
}

function productVerifier(guardName: string, options: GuardOptions): Verifier {
  const { now } = readOptions(guardName, options);
  return { profile, verification: productVerification(), now };
}
