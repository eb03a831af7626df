import type { MiddlewareObj } from '@middy/core';
import type { APIGatewayProxyEvent, APIGatewayProxyResult } from 'aws-lambda';
import type { Principal } from '../../core/access/principal.ts';
import { isExpired } from '../../core/credential/credential.ts';
import { PROBLEMS } from '../../core/errors/public-problem.ts';
import { headerValues } from '../../core/verification/presentation.ts';
import { REFUSALS, unauthorizedDetail } from '../../core/verification/refusal.ts';
import type { Refusal } from '../../core/verification/verdict.ts';
import {
  type CachedVerdict,
  type Decision,
  readCachedVerdict,
  readDecision,
} from '../authorizer/principal-context.ts';
import { unixNow } from '../environment.ts';
import { authorizerContextOf, type HttpEvent, headersOf, requestIdOfEvent } from '../http/http-event.ts';
import { type Problem, problemResponse } from '../http/problem.ts';
import { AUTHORIZATION_FAULT, faultEntry, refusalEntry } from '../log/entry.ts';
import { beginInvocation, writeEntry } from '../log/stdout-log.ts';
import { allowOrigins, answerEarly, failClosed } from './guarded-response.ts';
import { addRateHeaders, rateLimitProblem, readErrors, rememberErrors } from './rest-answer.ts';

/** The event of a guarded handler. Name its type where it is none of a REST API: `GuardedEvent<APIGatewayProxyEventV2>`. */
export type GuardedEvent<Event extends HttpEvent = APIGatewayProxyEvent> = Event & {
  readonly principal: Principal;
};

export interface GuardOptions {
  /**
   * Unix seconds.
   * @default the system's clock
   */
  readonly now?: () => number;
}

/**
 * Middy middleware for a function behind Keyward's authorizer. It gives the handler `event.principal`. It answers 429 where the
 * authorizer found the rate limit exceeded, and adds the rest of the limit to every answer of the handler.
 *
 * A request without a decision of Keyward's authorizer gets a 500, because the method was deployed without the authorizer.
 */
export function guard<Event extends HttpEvent = APIGatewayProxyEvent>(
  options: GuardOptions = {},
): MiddlewareObj<GuardedEvent<Event>, APIGatewayProxyResult> {
  const { now } = readOptions('guard', options);
  const errors = readErrors();
  const decisions = new WeakMap<object, Decision>();
  return {
    before: failClosed((request) => {
      const { event } = request;
      const decision = readDecision(authorizerContextOf(event));
      const requestId = requestIdOfEvent(event);
      const invocation = beginInvocation(requestId);
      if (decision === undefined) {
        const fault = new Error("The method has no authorizer of Keyward's.");
        writeEntry(faultEntry(fault, AUTHORIZATION_FAULT), invocation);
        return answerEarly(request, problemResponse(PROBLEMS.internal_error, requestId, errors));
      }
      const refused = recheck(decision.principal, event, now());
      if (refused !== undefined) {
        writeEntry(refusalEntry(refused.refusal), invocation);
        return answerEarly(request, problemResponse(refused.problem, requestId, errors));
      }
      if (decision.kind === 'rate_limited') {
        return answerEarly(request, problemResponse(rateLimitProblem(decision.rate), requestId, errors));
      }
      decisions.set(request, decision);
      Object.assign(event, { principal: decision.principal });
      rememberErrors(event, errors);
      allowOrigins(request);
    }),
    after: (request) => addRateHeaders(request, decisions.get(request)?.rate),
  };
}

/** @throws at start for an unknown option, so that nobody relies on an option that does nothing. */
export function readOptions(guardName: string, options: GuardOptions): Required<GuardOptions> {
  const { now = unixNow, ...others } = options;
  const [unknown] = Object.keys(others);
  if (unknown !== undefined) throw new Error(`${guardName}() has no option ${unknown}.`);
  return { now };
}

/**
 * Checks a request again that the authorizer's policy has let in. The key may have expired since. And API Gateway uses a cached
 * verdict for every request that looks the same to it, such as one with a second credential beside the first.
 * @param now Unix seconds.
 * @returns a refusal with the 401 that the authorizer would have caused, or `undefined`.
 */
function recheck(
  principal: Principal,
  event: HttpEvent,
  now: number,
): { readonly refusal: Refusal; readonly problem: Problem } | undefined {
  const cached = readCachedVerdict(authorizerContextOf(event));
  const presented = cached && headerValues(headersOf(event), cached.credentialHeader);
  const code = recheckedCode(principal, presented?.length ?? 1, now);
  if (code === undefined) return undefined;
  return { refusal: { kind: 'refuse', code, principal }, problem: unauthorizedProblem(code, cached) };
}

function recheckedCode(
  { constraints }: Principal,
  credentials: number,
  now: number,
): 'malformed' | 'expired' | undefined {
  if (credentials !== 1) return 'malformed';
  return isExpired(constraints.expiresAt, now) ? 'expired' : undefined;
}

function unauthorizedProblem(code: 'malformed' | 'expired', cached: CachedVerdict | undefined): Problem {
  if (cached === undefined) return REFUSALS[code];
  return {
    ...REFUSALS[code],
    detail: unauthorizedDetail(cached.credentialHeader),
    headers: { 'WWW-Authenticate': cached.challenge },
  };
}
