import type { APIGatewayProxyResult } from 'aws-lambda';
import type { ErrorBodies } from '../../core/errors/error-body.ts';
import type { PublicProblem } from '../../core/errors/public-problem.ts';
import { REFUSALS } from '../../core/verification/refusal.ts';
import type { RateState } from '../../core/verification/verdict.ts';
import { optionalVariable } from '../environment.ts';
import { addHeaders, fitAnswer } from '../http/http-answer.ts';
import { type EventHeaders, type HttpEvent, requestIdOfEvent } from '../http/http-event.ts';
import { type Problem, problemResponse } from '../http/problem.ts';

type Answered = Pick<HttpEvent, 'requestContext'> & EventHeaders;

/** The product's shape of errors, by the request's context: every copy of an event has the same one. */
const remembered = new WeakMap<object, ErrorBodies>();

/**
 * Answers an error of the product's own in the same shape as Keyward's errors: that of the profile's `errors`, or else problem
 * details (RFC 9457). Where the profile has words for the status, they replace those of the problem.
 * @param event a request that `guard` or `guardAlone` has let in.
 * @param problem its `code` is for programs, and its `detail` is one sentence for people.
 */
export function answerError(event: Answered, problem: PublicProblem): APIGatewayProxyResult {
  const errors = remembered.get(event.requestContext);
  return fitAnswer(event, problemResponse(problem, requestIdOfEvent(event), errors));
}

export function rememberErrors({ requestContext }: Answered, errors: ErrorBodies | undefined): void {
  if (errors !== undefined) remembered.set(requestContext, errors);
}

/** Reads the product's shape of errors from the variable that `GuardedApi` sets: behind the authorizer there is no profile. */
export function readErrors(): ErrorBodies | undefined {
  const text = optionalVariable('KEYWARD_ERRORS');
  return text === undefined ? undefined : JSON.parse(text);
}

export function rateLimitProblem(rate: RateState): Problem {
  return { ...REFUSALS.rate_limited, headers: retryHeaders(rate) };
}

/** The rest of a limit, in the headers of draft-ietf-httpapi-ratelimit-headers-11. */
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

/** The headers of a call beyond its limit. */
export function retryHeaders(rate: RateState): Record<string, string> {
  return { 'Retry-After': String(rate.resetSeconds), ...rateHeaders({ ...rate, remaining: 0 }) };
}

/** Adds the rest of the caller's limit to an answer. */
export function addRateHeaders(
  request: { readonly event: HttpEvent; response?: APIGatewayProxyResult | null | undefined },
  rate: RateState | undefined,
): void {
  if (rate === undefined || request.response == null) return;
  request.response = addHeaders(request.event, request.response, rateHeaders(rate));
}
