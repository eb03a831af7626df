import type { APIGatewayProxyResult } from 'aws-lambda';
import { REFUSALS } from '../../core/verification/refusal.ts';
import type { RateState } from '../../core/verification/verdict.ts';
import type { Problem } from '../http/problem.ts';
import { mergeHeaders } from '../http/response-headers.ts';

/** What is left of a limit, as draft-ietf-httpapi-ratelimit-headers-11 has it. */
export function rateHeaders({
  limit,
  windowSeconds,
  remaining,
  resetSeconds,
}: RateState): Record<string, string> {
  return {
    RateLimit: `"default";r=${remaining};t=${resetSeconds}`,
    'RateLimit-Policy': `"default";q=${limit};w=${windowSeconds}`,
  };
}

/** The headers of a call that exceeded its limit. */
export function retryHeaders(rate: RateState): Record<string, string> {
  return { 'Retry-After': String(rate.resetSeconds), ...rateHeaders({ ...rate, remaining: 0 }) };
}

/** Says on an answer what is left of its caller's limit. */
export function addRateHeaders(
  request: { response?: APIGatewayProxyResult | null | undefined },
  rate: RateState | undefined,
): void {
  if (rate === undefined || request.response == null) return;
  request.response.headers = mergeHeaders(request.response.headers ?? {}, rateHeaders(rate));
}

export function rateLimitProblem(rate: RateState): Problem {
  return { ...REFUSALS.rate_limited, headers: retryHeaders(rate) };
}
