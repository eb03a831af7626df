import middy from '@middy/core';
import type { APIGatewayProxyEvent, APIGatewayProxyResult } from 'aws-lambda';
import type { Actor, AuditEvent, AuditEventType, EventSubject } from '../../core/audit-event.ts';
import type { Caller } from '../../core/caller.ts';
import { PROBLEMS } from '../../core/public-problem.ts';
import { REFUSALS } from '../../core/refusal.ts';
import { Unavailable } from '../../core/unavailable.ts';
import { readDecision, readSignedInUser } from '../authorizer/principal-context.ts';
import { newId, unixNow } from '../environment.ts';
import { isExpired } from '../guard/guard.ts';
import { ProblemError, problemResponse, UNAVAILABLE } from '../http/problem.ts';
import { faultEntry } from '../log/entry.ts';
import { beginInvocation, writeEntry } from '../log/function-log.ts';
import { answerEntry } from './answer-entry.ts';

/** One call of the management API, as an operation sees it. */
export interface ManagementCall {
  readonly event: APIGatewayProxyEvent;
  readonly caller: Caller;
  /** Unix seconds; one moment for the whole call. */
  readonly now: number;
}

export interface Answer {
  readonly status: number;
  readonly body: object;
}

/**
 * Wraps an operation into a Lambda handler: the caller comes from the authorizer, an answer is JSON that nobody may
 * cache, a {@link ProblemError} is what it says, and anything else that is thrown is a fault.
 */
export function managementHandler(operation: (call: ManagementCall) => Promise<Answer>) {
  return middy<APIGatewayProxyEvent, APIGatewayProxyResult>()
    .use({
      before: ({ context }) => beginInvocation(context),
      after: ({ event, response }) => logAnswer(event, response?.statusCode),
      onError: (request) => {
        request.response = faultResponse(request.error, request.event.requestContext.requestId);
        logAnswer(request.event, request.response.statusCode, request.error);
      },
    })
    .handler(async (event: APIGatewayProxyEvent): Promise<APIGatewayProxyResult> => {
      const now = unixNow();
      const { status, body } = await operation({ event, caller: callerOf(event, now), now });
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
  if (isExpired(decision.principal, now)) throw new ProblemError(REFUSALS.expired);
  return decision.principal;
}

function logAnswer(event: APIGatewayProxyEvent, status = 500, error?: unknown): void {
  writeEntry(answerEntry(event, status, error), event.requestContext.requestId);
}

function faultResponse(error: unknown, requestId: string): APIGatewayProxyResult {
  if (error instanceof ProblemError) return problemResponse(error.problem, requestId);
  writeEntry(faultEntry(error), requestId);
  return problemResponse(error instanceof Unavailable ? UNAVAILABLE : PROBLEMS.internal_error, requestId);
}

/** The value of a path parameter; API Gateway routes nothing here without it. */
export function pathParameter({ event }: ManagementCall, name: string): string {
  return event.pathParameters?.[name] ?? '';
}

/** The audit event of what this call does. */
export function auditEvent(
  { event, caller, now }: ManagementCall,
  type: AuditEventType,
  subject: EventSubject,
): AuditEvent {
  const sourceAddress = event.requestContext.identity.sourceIp;
  return {
    id: newId('evt'),
    at: now,
    type,
    actor: actorOf(caller),
    sourceAddress,
    ...subject,
    outcome: 'done',
  };
}

function actorOf(caller: Caller): Actor {
  if (caller.kind === 'signed_in' || caller.kind === 'person')
    return { kind: 'person', credentialId: null, user: caller.user };
  return { kind: caller.kind, credentialId: caller.credentialId, user: caller.user };
}
