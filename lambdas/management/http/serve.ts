import middy from '@middy/core';
import type { APIGatewayProxyEvent, APIGatewayProxyResult, Context } from 'aws-lambda';
import type { Caller } from '../../../core/access/principal.ts';
import { isExpired } from '../../../core/credential/credential.ts';
import { isPassing, Unfinished } from '../../../core/errors/fault.ts';
import { describeUnauthorized, MANAGEMENT_PROBLEMS } from '../../../core/management/problem.ts';
import { isRepeatable } from '../../../core/management/route-path.ts';
import type { Profile } from '../../../core/profile/profile.ts';
import { readDecision, readSignedInUser } from '../../authorizer/principal-context.ts';
import {
  faultProblem,
  ProblemError,
  problemResponse,
  requestIdOf,
  unfinishedProblem,
} from '../../http/problem.ts';
import { withCrossOriginHeaders } from '../../http/response-headers.ts';
import { faultEntry, type LogEntry } from '../../log/entry.ts';
import { beginInvocation, writeEntry } from '../../log/powertools-log.ts';
import { beforeTimeout } from '../../time-limit.ts';
import { hasIdempotencyKey } from './idempotency.ts';
import type { Operation, PublicOperation } from './operation.ts';

/** A Lambda function of the management API. */
export type ManagementFunction = (
  event: APIGatewayProxyEvent,
  context: Context,
) => Promise<APIGatewayProxyResult>;

export interface ServeOptions {
  readonly profile: Profile;
  /** @returns Unix seconds. */
  readonly now: () => number;
}

/**
 * Makes a Lambda handler of an operation. The caller comes from the authorizer. The answer is JSON that must not be cached.
 * A {@link ProblemError} is answered as the problem it holds; every other error is a fault. Each call is logged.
 */
export function serve(operation: Operation, { profile, now }: ServeOptions): ManagementFunction {
  return serveAnswers(({ event, now: at }) => {
    const caller = callerOf(event);
    if (isExpired(expiryOf(caller), at)) throw new ProblemError(describeUnauthorized(profile));
    return operation({ event, caller, now: at });
  }, now);
}

/** As {@link serve}, for a route without an authorizer. */
export function servePublic(
  operation: PublicOperation,
  { now }: Pick<ServeOptions, 'now'>,
): ManagementFunction {
  return serveAnswers(operation, now);
}

function serveAnswers(answer: PublicOperation, now: ServeOptions['now']): ManagementFunction {
  return middy<APIGatewayProxyEvent, APIGatewayProxyResult>()
    .use({
      before: ({ context }) => beginInvocation(context),
      after: (request) => {
        request.response = withCrossOriginHeaders(request.event, request.response);
        logAnswer(request.event, request.response?.statusCode);
      },
      onError: (request) => {
        const failure = failureResponse(request.error, request.event);
        request.response = withCrossOriginHeaders(request.event, failure);
        logAnswer(request.event, request.response.statusCode, request.error);
      },
    })
    .handler(async (event: APIGatewayProxyEvent, context): Promise<APIGatewayProxyResult> => {
      const { status, body } = await beforeTimeout(context, async () => answer({ event, now: now() }));
      return {
        statusCode: status,
        headers: { 'Content-Type': 'application/json', 'Cache-Control': 'no-store' },
        body: JSON.stringify(body),
      };
    });
}

/** When the authorizer's verdict ends. Somebody who signed in at the issuer has a token whose end the authorizer has checked. */
function expiryOf(caller: Caller): number | null {
  return caller.kind === 'signed_in' ? (caller.session?.expiresAt ?? null) : caller.constraints.expiresAt;
}

/** @throws where the method was deployed without Keyward's authorizer. */
function callerOf({ requestContext }: APIGatewayProxyEvent): Caller {
  const user = readSignedInUser(requestContext.authorizer);
  if (user !== undefined) return user;
  const decision = readDecision(requestContext.authorizer);
  if (decision?.kind !== 'allow') throw new Error('The method has no authorizer of Keyward.');
  return decision.principal;
}

function failureResponse(error: unknown, event: APIGatewayProxyEvent): APIGatewayProxyResult {
  const { httpMethod, resource, requestContext } = event;
  const requestId = requestIdOf(requestContext);
  if (error instanceof ProblemError) return problemResponse(error.problem, requestId);
  const repeatable = isRepeatable(httpMethod, resource);
  if (error instanceof Unfinished)
    return problemResponse(unfinishedProblem(error.progress, { isRepeatable: repeatable }), requestId);
  writeEntry(faultEntry(error), requestId);
  const once = hasIdempotencyKey(event) ? MANAGEMENT_PROBLEMS.made_once : MANAGEMENT_PROBLEMS.maybe_made;
  const passing = repeatable ? MANAGEMENT_PROBLEMS.unavailable : once;
  return problemResponse(faultProblem({ isPassing: isPassing(error) }, passing), requestId);
}

function logAnswer(event: APIGatewayProxyEvent, status = 500, error?: unknown): void {
  writeEntry(answerEntry(event, status, error), requestIdOf(event.requestContext));
}

/**
 * Says what was asked and how it was answered. It names the route as API Gateway knows it and repeats nothing that the caller
 * wrote: a path, a query or a body may hold a secret that was put in the wrong place.
 */
function answerEntry(event: APIGatewayProxyEvent, status: number, error: unknown): LogEntry {
  const { httpMethod, resource, requestContext } = event;
  return {
    level: 'INFO',
    message: 'answered',
    fields: {
      method: httpMethod,
      route: resource,
      status,
      outcome: outcomeOf(status, error),
      code: codeOf(error),
      credential_id: requestContext.authorizer?.credentialId ?? null,
    },
    metric: { name: 'ManagementCall', value: 1, unit: 'Count', by: 'outcome' },
  };
}

function codeOf(error: unknown): string | null {
  if (error instanceof Unfinished) return 'change_in_progress';
  return error instanceof ProblemError ? error.problem.code : null;
}

/** `unfinished`: the change has begun and goes on by itself, which is no fault. */
function outcomeOf(status: number, error: unknown): 'done' | 'refused' | 'unfinished' | 'fault' {
  if (error instanceof Unfinished) return 'unfinished';
  if (status >= 500) return 'fault';
  return status >= 400 ? 'refused' : 'done';
}
