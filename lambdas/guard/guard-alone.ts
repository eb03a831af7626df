import type { MiddlewareObj } from '@middy/core';
import type { APIGatewayProxyResult } from 'aws-lambda';
import { PROBLEMS } from '../../core/errors/public-problem.ts';
import type { Profile } from '../../core/profile/profile.ts';
import { credentialHeader } from '../../core/verification/presentation.ts';
import { REFUSALS } from '../../core/verification/refusal.ts';
import { requirementFor } from '../../core/verification/requirement.ts';
import { challengeOf, unauthorizedDetail } from '../../core/verification/unauthorized.ts';
import type { RateState, Refusal } from '../../core/verification/verdict.ts';
import { faultProblem, type Problem, problemResponse } from '../http/problem.ts';
import { requestIdOf } from '../http/request.ts';
import { answerEarly, failClosed } from './early-answer.ts';
import type { GuardedEvent } from './guard.ts';
import { allowOrigins } from './guarded-response.ts';
import { addRateHeaders, rateLimitProblem, rememberErrors } from './rest-answer.ts';
import { type Verifier, verdictsByVerifying } from './verdict-source.ts';

/**
 * Makes Middy middleware for a function whose routes have no authorizer. It verifies each request itself, decides by the route
 * as the authorizer does, and gives the handler `event.principal`.
 */
export function createGuardAlone(verifier: Verifier): MiddlewareObj<GuardedEvent, APIGatewayProxyResult> {
  const { profile } = verifier;
  const verdictOn = verdictsByVerifying(verifier);
  const rates = new WeakMap<object, RateState>();
  return {
    before: failClosed(async (request) => {
      const { event } = request;
      // Decides by the resource that API Gateway has routed to. Unlike a path, it has one spelling.
      const requirement = requirementFor(profile, `${event.httpMethod} ${event.resource}`);
      const verdict = await verdictOn(event, requirement);
      const requestId = requestIdOf(event.requestContext);
      if (verdict.kind === 'fault')
        return answerEarly(
          request,
          problemResponse(faultProblem(verdict, PROBLEMS.not_begun), requestId, profile.errors),
        );
      if (verdict.kind === 'refuse')
        return answerEarly(request, problemResponse(problemOf(profile, verdict), requestId, profile.errors));
      if (verdict.rate) rates.set(request, verdict.rate);
      Object.assign(event, { principal: verdict.principal });
      rememberErrors(event, profile.errors);
      allowOrigins(request);
    }),
    after: (request) => addRateHeaders(request, rates.get(request)),
  };
}

function problemOf({ presentation, realm }: Profile, { code, requiredScope, rate }: Refusal): Problem {
  const refusal: Problem = REFUSALS[code];
  if (refusal.status === 401) {
    const headers = { 'WWW-Authenticate': challengeOf(presentation, realm) };
    return { ...refusal, detail: unauthorizedDetail(credentialHeader(presentation)), headers };
  }
  if (rate !== undefined && code === 'rate_limited') return rateLimitProblem(rate);
  return requiredScope === undefined ? refusal : { ...refusal, members: { required_scope: requiredScope } };
}
