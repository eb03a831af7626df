import type { MiddlewareObj } from '@middy/core';
import type { APIGatewayProxyResult } from 'aws-lambda';
import { productVerification } from '../product-verification.ts';
import { profile } from '../profile.ts';
import type { GuardedEvent } from './guard.ts';
import { createGuardAlone } from './guard-alone.ts';
import { createGuardMcp, type GuardedMcpEvent } from './guard-mcp.ts';
import { type GuardOptions, readOptions } from './options.ts';
import type { Verifier } from './verifier.ts';

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
 * Middy middleware for a function that serves MCP: verifies by itself, by the message that was posted. It takes what
 * {@link guardAlone} takes.
 * @throws at start also when the profile says nothing about MCP.
 */
export function guardMcp(options: GuardOptions = {}): MiddlewareObj<GuardedMcpEvent, APIGatewayProxyResult> {
  return createGuardMcp(productVerifier('guardMcp', options));
}

function productVerifier(guardName: string, options: GuardOptions): Verifier {
  const { now } = readOptions(guardName, options);
  return { profile, verification: productVerification(), now };
}
