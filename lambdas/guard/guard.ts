import type { MiddlewareObj } from '@middy/core';
import type { APIGatewayProxyEvent, APIGatewayProxyResult } from 'aws-lambda';
import type { Principal } from '../../core/access/principal.ts';
import { PROBLEMS } from '../../core/errors/public-problem.ts';
import { type Decision, readDecision } from '../authorizer/principal-context.ts';
import { problemResponse } from '../http/problem.ts';
import { requestIdOf } from '../http/request-id.ts';
import { faultEntry, refusalEntry } from '../log/entry.ts';
import { AUTHORIZATION_FAULT } from '../log/metric.ts';
import { beginInvocation, writeEntry } from '../log/small-log.ts';
import { readErrors, rememberErrors } from './answer-error.ts';
import { answerEarly, failClosed } from './early-answer.ts';
import { allowOrigins } from './guarded-response.ts';
import { type GuardOptions, readOptions } from './options.ts';
import { addRateHeaders, rateLimitProblem } from './rate-limit.ts';
import { refusalSince } from './second-look.ts';

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
