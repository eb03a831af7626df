import middy from '@middy/core';
import type { APIGatewayProxyEvent, APIGatewayProxyResult } from 'aws-lambda';
import type { Actor, AuditEvent, AuditEventType } from '../../core/audit-event.ts';
import type { KeyAddress } from '../../core/key-store.ts';
import type { Principal } from '../../core/principal.ts';
import { PROBLEMS } from '../../core/public-problem.ts';
import { Unavailable } from '../../core/unavailable.ts';
import { newId, unixNow } from '../environment.ts';
import { type GuardedEvent, guard } from '../guard/guard.ts';
import { logFault } from '../http/log.ts';
import { ProblemError, problemResponse, UNAVAILABLE } from '../http/problem.ts';

/** One call of the management API, as an operation sees it. */
export interface ManagementCall {
  readonly event: APIGatewayProxyEvent;
  readonly caller: Principal;
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
      onError: (request) => {
        request.response = faultResponse(request.error, request.event.requestContext.requestId);
      },
    })
    .use(guard())
    .handler(async (event: GuardedEvent): Promise<APIGatewayProxyResult> => {
      const { status, body } = await operation({ event, caller: event.principal, now: unixNow() });
      return {
        statusCode: status,
        headers: { 'Content-Type': 'application/json', 'Cache-Control': 'no-store' },
        body: JSON.stringify(body),
      };
    });
}

function faultResponse(error: unknown, requestId: string): APIGatewayProxyResult {
  if (error instanceof ProblemError) return problemResponse(error.problem, requestId);
  logFault(error, requestId);
  return problemResponse(error instanceof Unavailable ? UNAVAILABLE : PROBLEMS.internal_error, requestId);
}

/** The value of a path parameter; API Gateway routes nothing here without it. */
export function pathParameter({ event }: ManagementCall, name: string): string {
  return event.pathParameters?.[name] ?? '';
}

/** The calling key, where it is one: it has to be in force when what it asks for is done. */
export function callerKey({ caller }: ManagementCall): KeyAddress | null {
  return caller.workspace === null ? null : { workspace: caller.workspace, id: caller.credentialId };
}

/** The audit event of what this call does. */
export function auditEvent(
  { event, caller, now }: ManagementCall,
  type: AuditEventType,
  subject: { readonly workspace: string; readonly keyId: string | null },
): AuditEvent {
  const actor: Actor = { kind: caller.kind, credentialId: caller.credentialId, user: caller.user };
  const sourceAddress = event.requestContext.identity.sourceIp;
  return { id: newId('evt'), at: now, type, actor, sourceAddress, ...subject, outcome: 'done' };
}
