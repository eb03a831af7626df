import type { APIGatewayProxyEvent } from 'aws-lambda';
import { headerValues } from '../../core/presentation.ts';
import type { Principal } from '../../core/principal.ts';
import { REFUSALS } from '../../core/refusal.ts';
import { readKeptVerdict } from '../authorizer/principal-context.ts';
import type { Problem } from '../http/problem.ts';

/**
 * What is wrong with a request though a verdict has let it in: the key may have expired since, and a verdict that was kept
 * is given to whatever request API Gateway takes for the same, also to one with a second credential beside the first.
 * @param now Unix seconds.
 * @returns a 401 as the authorizer would have answered it, or `undefined`.
 */
export function problemSince(
  principal: Principal,
  { requestContext, multiValueHeaders }: APIGatewayProxyEvent,
  now: number,
): Problem | undefined {
  const kept = readKeptVerdict(requestContext.authorizer);
  const presented = kept && headerValues(multiValueHeaders ?? {}, kept.credentialHeader);
  const isOne = presented === undefined || presented.length === 1;
  if (isOne && !isExpired(principal, now)) return undefined;
  return { ...REFUSALS.expired, ...(kept && { headers: { 'WWW-Authenticate': kept.challenge } }) };
}

/** A policy may outlive the moment it was made; the key does not. */
export function isExpired({ constraints }: Principal, now: number): boolean {
  return constraints.expiresAt !== null && constraints.expiresAt <= now;
}
