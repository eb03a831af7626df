import type { MiddlewareObj } from '@middy/core';
import type { APIGatewayProxyEvent, APIGatewayProxyResult } from 'aws-lambda';
import { PROBLEMS } from '../../core/errors/public-problem.ts';
import { InvalidProfile, parseProfile } from '../../core/profile/parse-profile.ts';
import type { Profile } from '../../core/profile/profile.ts';
import { credentialHeader } from '../../core/verification/presentation.ts';
import { challengeOf, REFUSALS, unauthorizedDetail } from '../../core/verification/refusal.ts';
import { requirementFor } from '../../core/verification/requirement.ts';
import type { RateState, Refusal } from '../../core/verification/verdict.ts';
import { type HttpEvent, readHttpRequest } from '../http/http-event.ts';
import { faultProblem, type Problem, problemResponse } from '../http/problem.ts';
import { productVerification } from '../product-verification.ts';
import { type GuardedEvent, type GuardOptions, readOptions } from './guard.ts';
import { createGuardMcp, type GuardedMcpEvent } from './guard-mcp.ts';
import { allowOrigins, answerEarly, failClosed } from './guarded-response.ts';
import { addRateHeaders, rateLimitProblem, rememberErrors } from './rest-answer.ts';
import { createRouteRequirement, readRoute } from './route-requirement.ts';
import {
  type Fault,
  type Verifier,
  verdictsByVerifying,
  verdictsOfAuthorizer,
  verifyRequest,
} from './verdict-source.ts';

export interface ProfileGuardOptions extends GuardOptions {
  /**
   * The product's rules: the data of its JSON file, such as
   * `import profile from './profiles/ours.json' with { type: 'json' }`. There is no default.
   */
  readonly profile: object;
}

export interface GuardAloneOptions<Event extends HttpEvent = APIGatewayProxyEvent>
  extends ProfileGuardOptions {
  /**
   * Tells the method and the route that a router of your own has matched, such as `GET /orders/{id}`, never the path that the
   * caller has sent.
   * @default the route that API Gateway has matched; behind `$default`, a function URL or a load balancer, the route of the
   * profile that the path belongs to
   */
  readonly route?: ((event: Event) => string) | undefined;
}

/**
 * Middy middleware for a function without an authorizer in front. It verifies each request in the function itself, by the
 * called route and the given profile. It reads the events of REST APIs, HTTP APIs, function URLs and load balancers.
 *
 * The function needs the variable `KEYWARD_SECRETS_TABLE`, and the right to read and update that table: `KeyTables.grantVerify`.
 * @throws at start if the variable is missing, or if the profile is missing or not valid.
 */
export function guardAlone<Event extends HttpEvent = APIGatewayProxyEvent>(
  options: GuardAloneOptions<Event>,
): MiddlewareObj<GuardedEvent<Event>, APIGatewayProxyResult> {
  const { route, ...others }: Partial<GuardAloneOptions<Event>> = options ?? {};
  return createGuardAlone(productVerifier('guardAlone', others as ProfileGuardOptions), route);
}

/**
 * Middy middleware for a function that serves MCP without an authorizer in front. It verifies each request in the function
 * itself, by the posted message. It needs the same as {@link guardAlone}.
 * @throws at start also if the profile says nothing about MCP.
 */
export function guardMcp<Event extends HttpEvent = APIGatewayProxyEvent>(
  options: ProfileGuardOptions,
): MiddlewareObj<GuardedMcpEvent<Event>, APIGatewayProxyResult> {
  const verifier = productVerifier('guardMcp', options);
  return createGuardMcp(verifier.profile, verdictsByVerifying(verifier));
}

/**
 * As {@link guardMcp}, for a function behind the authorizer. It decides by the posted message and by what the authorizer has
 * verified, so it needs no access to the secrets. An authorizer of another product in front is a fault.
 */
export function guardMcpBehindAuthorizer<Event extends HttpEvent = APIGatewayProxyEvent>(
  options: ProfileGuardOptions,
): MiddlewareObj<GuardedMcpEvent<Event>, APIGatewayProxyResult> {
  const { profile, now } = readProfileOptions('guardMcpBehindAuthorizer', options);
  return createGuardMcp(profile, verdictsOfAuthorizer({ product: profile.name, now }));
}

/**
 * Makes Middy middleware for a function whose routes have no authorizer. It verifies each request itself, decides by the route
 * as the authorizer does, and gives the handler `event.principal`.
 */
export function createGuardAlone<Event extends HttpEvent = APIGatewayProxyEvent>(
  verifier: Verifier,
  matchedRoute?: GuardAloneOptions<Event>['route'],
): MiddlewareObj<GuardedEvent<Event>, APIGatewayProxyResult> {
  const { profile } = verifier;
  const requirementOf = createRouteRequirement(profile);
  const rates = new WeakMap<object, RateState>();
  return {
    before: failClosed(async (request) => {
      const { event } = request;
      const called = readHttpRequest(event);
      const verdict = await verifyRequest(verifier, called, () =>
        matchedRoute === undefined
          ? requirementOf(called)
          : requirementFor(profile, readRoute(matchedRoute(event))),
      );
      if (verdict.kind !== 'allow') {
        const problem = problemOfVerdict(profile, verdict);
        return answerEarly(request, problemResponse(problem, called.requestId, profile.errors));
      }
      if (verdict.rate) rates.set(request, verdict.rate);
      Object.assign(event, { principal: verdict.principal });
      rememberErrors(event, profile.errors);
      allowOrigins(request);
    }),
    after: (request) => addRateHeaders(request, rates.get(request)),
  };
}

/** Words a refusal or a fault for the caller. */
export function problemOfVerdict(profile: Profile, verdict: Refusal | Fault): Problem {
  return verdict.kind === 'fault' ? faultProblem(verdict, PROBLEMS.not_begun) : problemOf(profile, verdict);
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

function productVerifier(guardName: string, options: ProfileGuardOptions): Verifier {
  const { profile, now } = readProfileOptions(guardName, options);
  return { profile, verification: productVerification(profile), now };
}

/**
 * Reads the options of a guard that decides by a profile.
 * @throws at start if the profile is missing or not valid: a guard with the rules of another product would let the wrong
 * callers in.
 */
export function readProfileOptions(
  guardName: string,
  options: ProfileGuardOptions,
): { readonly profile: Profile; readonly now: () => number } {
  // A caller in plain JavaScript may leave anything out.
  const { profile, ...others }: Partial<ProfileGuardOptions> = options ?? {};
  const { now } = readOptions(guardName, others);
  return { profile: parseFor(guardName, profile), now };
}

function parseFor(guardName: string, data: unknown): Profile {
  if (typeof data !== 'object' || data === null) {
    throw new InvalidProfile(
      `${guardName}() needs the profile of the product: call ${guardName}({ profile }) with the data of its JSON file.`,
    );
  }
  try {
    return parseProfile(data);
  } catch (cause) {
    if (!(cause instanceof InvalidProfile)) throw cause;
    throw new InvalidProfile(`${guardName}() was given a profile that is not valid. ${cause.message}`, {
      cause,
    });
  }
}
