import type { MiddlewareObj } from '@middy/core';
import type { APIGatewayProxyEvent, APIGatewayProxyResult } from 'aws-lambda';
import type { Principal } from '../../core/access/principal.ts';
import { isExpired } from '../../core/credential/credential-type.ts';
import { PROBLEMS } from '../../core/errors/public-problem.ts';
import { headerValues, unauthorizedDetail } from '../../core/verification/presentation.ts';
import { REFUSALS } from '../../core/verification/refusal.ts';
import type { Refusal } from '../../core/verification/verdict.ts';
import {
  type Decision,
  type KeptVerdict,
  readDecision,
  readKeptVerdict,
} from '../authorizer/principal-context.ts';
import { unixNow } from '../environment.ts';
import { type Problem, problemResponse } from '../http/problem.ts';
import { requestIdOf } from '../http/request.ts';
import { AUTHORIZATION_FAULT, faultEntry, refusalEntry } from '../log/entry.ts';
import { beginInvocation, writeEntry } from '../log/stdout-log.ts';
import { answerEarly, failClosed } from './early-answer.ts';
import { allowOrigins } from './guarded-response.ts';
import { addRateHeaders, rateLimitProblem } from './rate-headers.ts';
import { readErrors, rememberErrors } from './rest-problem.ts';

/** What a guarded handler is called with. */
export type GuardedEvent = APIGatewayProxyEvent & { readonly principal: Principal };

/**
 * Middy middleware for a function behind Keyward's authorizer. Gives the handler `event.principal`, answers 429 where the
 * authorizer found the rate limit exceeded, and says on every answer that the handler returns what is left of it.
 *
 * A request that no authorizer of Keyward has decided on is a 500: the method was deployed without one.
 */
export function guard(options: GuardOptions = {}): MiddlewareObj<GuardedEvent, APIGatewayProxyResult> {
  const { now } = readOptions('guard', options);
  const errors = readErrors();
  const decisions = new WeakMap<object, Decision>();
  return {
    before: failClosed((request) => {
      const { event } = request;
      const decision = readDecision(event.requestContext?.authorizer);
      const requestId = requestIdOf(event.requestContext);
      const invocation = beginInvocation(requestId);
      if (decision === undefined) {
        const fault = new Error('The method has no authorizer of Keyward.');
        writeEntry(faultEntry(fault, AUTHORIZATION_FAULT), invocation);
        return answerEarly(request, problemResponse(PROBLEMS.internal_error, requestId, errors));
      }
      const since = refusalSince(decision.principal, event, now());
      if (since !== undefined) {
        writeEntry(refusalEntry(since.refusal), invocation);
        return answerEarly(request, problemResponse(since.problem, requestId, errors));
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

export interface GuardOptions {
  /**
   * Unix seconds.
   * @default the system's clock
   */
  readonly now?: () => number;
}

/** @throws at start for an option that does not exist, so that nobody relies on what is not there. */
export function readOptions(guardName: string, options: GuardOptions): Required<GuardOptions> {
  const { now = unixNow, ...others } = options;
  const [unknown] = Object.keys(others);
  if (unknown !== undefined) throw new Error(`${guardName}() has no option ${unknown}.`);
  return { now };
}

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
