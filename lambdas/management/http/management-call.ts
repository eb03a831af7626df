import middy from '@middy/core';
import type { APIGatewayProxyEvent, APIGatewayProxyResult } from 'aws-lambda';
import type { Caller } from '../../../core/access/principal.ts';
import { ownLogOf } from '../../../core/audit/audit-event.ts';
import { isExpired } from '../../../core/credential/credential-type.ts';
import { isPassing, Unfinished } from '../../../core/errors/fault.ts';
import { PROBLEMS } from '../../../core/errors/public-problem.ts';
import { describeUnauthorized, MANAGEMENT_PROBLEMS } from '../../../core/management/problem.ts';
import { isRepeatable } from '../../../core/management/route.ts';
import { readDecision, readSignedInUser } from '../../authorizer/principal-context.ts';
import { unixNow } from '../../environment.ts';
import { faultProblem, ProblemError, problemResponse, unfinishedProblem } from '../../http/problem.ts';
import { requestIdOf } from '../../http/request.ts';
import { withCrossOriginHeaders } from '../../http/response-headers.ts';
import { faultEntry } from '../../log/entry.ts';
import { beginInvocation, writeEntry } from '../../log/powertools-log.ts';
import { profile } from '../../profile.ts';
import { beforeTimeout } from '../../time-limit.ts';
import { answerEntry } from './answer-entry.ts';
import { untilUncontended } from './until-uncontended.ts';

/** One call of the management API, as an operation sees it. */
export interface ManagementCall {
  readonly event: APIGatewayProxyEvent;
  readonly caller: Caller;
  /** Unix seconds; one moment for the whole call. */
  readonly now: number;
  readonly standing: Standing;
}

/**
 * Whose audit log tells of this call if it is refused: the caller's own, until they are known to belong to the workspace that
 * they address. A stranger writes into nobody's log but theirs, and what stands there does not depend on what exists.
 */
export interface Standing {
  log: string;
}

export interface Answer {
  readonly status: number;
  readonly body: object;
  /** @default true, for operations that may: kept verdicts are flushed then */
  readonly takesPower?: boolean;
}

/** Hears of every call whose operation threw. Must not throw itself: the answer is what was thrown before. */
export type FailureListener = (call: ManagementCall, error: unknown) => Promise<void>;

/**
 * Wraps an operation into a Lambda handler: the caller comes from the authorizer, an answer is JSON that nobody may
 * cache, a {@link ProblemError} is what it says, and anything else that is thrown is a fault. An operation that meets other
 * changes is done again from its beginning, for as long as there is time.
 */
export function answering(
  operation: (call: ManagementCall) => Promise<Answer>,
  onFailure: FailureListener = async () => {},
) {
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
      const now = unixNow();
      const caller = callerOf(event, now);
      const call: ManagementCall = { event, caller, now, standing: { log: ownLogOf(caller) } };
      const { status, body } = await beforeTimeout(context, () =>
        untilUncontended(() => operation(call)).catch(async (error: unknown) => {
          await onFailure(call, error);
          throw error;
        }),
      );
      return {
        statusCode: status,
        headers: { 'Content-Type': 'application/json', 'Cache-Control': 'no-store' },
        body: JSON.stringify(body),
      };
    });
}

/** @throws where the method was deployed without Keyward's authorizer. */
function callerOf({ requestContext }: APIGatewayProxyEvent, now: number): Caller {
  const user = readSignedInUser(requestContext.authorizer);
  if (user !== undefined) return user;
  const decision = readDecision(requestContext.authorizer);
  if (decision?.kind !== 'allow') throw new Error('The method has no authorizer of Keyward.');
  if (isExpired(decision.principal.constraints.expiresAt, now))
    throw new ProblemError(describeUnauthorized(profile));
  return decision.principal;
}

function logAnswer(event: APIGatewayProxyEvent, status = 500, error?: unknown): void {
  writeEntry(answerEntry(event, status, error), requestIdOf(event.requestContext));
}

function failureResponse(error: unknown, event: APIGatewayProxyEvent): APIGatewayProxyResult {
  const { httpMethod, resource, requestContext } = event;
  const requestId = requestIdOf(requestContext);
  if (error instanceof ProblemError) return problemResponse(error.problem, requestId);
  const repeatable = isRepeatable(httpMethod, resource);
  if (error instanceof Unfinished)
    return problemResponse(unfinishedProblem(error.progress, { isRepeatable: repeatable }), requestId);
  writeEntry(faultEntry(error), requestId);
  const passing = repeatable ? PROBLEMS.unavailable : MANAGEMENT_PROBLEMS.maybe_made;
  return problemResponse(faultProblem({ isPassing: isPassing(error) }, passing), requestId);
}
