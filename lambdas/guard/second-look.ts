import type { APIGatewayProxyEvent } from 'aws-lambda';
import type { Principal } from '../../core/access/principal.ts';
import { isExpired } from '../../core/credential/credential-type.ts';
import { headerValues, unauthorizedDetail } from '../../core/verification/presentation.ts';
import { REFUSALS } from '../../core/verification/refusal.ts';
import type { Refusal } from '../../core/verification/verdict.ts';
import { type KeptVerdict, readKeptVerdict } from '../authorizer/principal-context.ts';
import type { Problem } from '../http/problem.ts';

export interface RefusalSince {
  readonly refusal: Refusal;
  readonly problem: Problem;
}

/**
 * What is wrong with a request though a verdict has let it in: the key may have expired since, and a verdict that was kept
 * is given to whatever request API Gateway takes for the same, also to one with a second credential beside the first.
 * @param now Unix seconds.
 * @returns with a 401 as the authorizer would have answered it, or `undefined`.
 */
export function refusalSince(
  principal: Principal,
  { requestContext, multiValueHeaders }: APIGatewayProxyEvent,
  now: number,
): RefusalSince | undefined {
  const kept = readKeptVerdict(requestContext.authorizer);
  const presented = kept && headerValues(multiValueHeaders ?? {}, kept.credentialHeader);
  const code = codeSince(principal, presented?.length ?? 1, now);
  if (code === undefined) return undefined;
  return { refusal: { kind: 'refuse', code, principal }, problem: problemOf(code, kept) };
}

function problemOf(code: 'malformed' | 'expired', kept: KeptVerdict | undefined): Problem {
  if (kept === undefined) return REFUSALS[code];
  return {
    ...REFUSALS[code],
    detail: unauthorizedDetail(kept.credentialHeader),
    headers: { 'WWW-Authenticate': kept.challenge },
  };
}

/** A policy may outlive the moment it was made; the key does not. */
function codeSince(
  { constraints }: Principal,
  credentials: number,
  now: number,
): 'malformed' | 'expired' | undefined {
  if (credentials !== 1) return 'malformed';
  return isExpired(constraints.expiresAt, now) ? 'expired' : undefined;
}
