import {
  type AuditEvent,
  type AuditEventType,
  actorOf,
  type EventSubject,
} from '../../../core/audit/audit-event.ts';
import { MANAGEMENT_PROBLEMS } from '../../../core/management/problem.ts';
import { refusalLog } from '../../audit/refusal-log.ts';
import { newEventIdentity } from '../../environment.ts';
import { ProblemError } from '../../http/problem.ts';
import { requestIdOf } from '../../http/request.ts';
import { writeEntry } from '../../log/powertools-log.ts';
import { eventStore } from '../stores.ts';
import { type Answer, answering, type ManagementCall } from './management-call.ts';

export type { Answer, ManagementCall } from './management-call.ts';

const noteRefusal = refusalLog(eventStore);

/** As {@link answering}, for operations that may refuse who calls: each refusal stands in the audit log. */
export function managementHandler(operation: (call: ManagementCall) => Promise<Answer>) {
  return answering(operation, async (call, error) => {
    if (error instanceof ProblemError && isTelling(error)) await note(call, error);
  });
}

/**
 * What cannot be read is no attempt at anything, and is the caller's own to find out. That others changed the same thing at the
 * same time says nothing about the caller.
 */
function isTelling({ problem: { status, code } }: ProblemError): boolean {
  return status !== 400 && status !== 413 && code !== MANAGEMENT_PROBLEMS.conflict.code;
}

function note({ event, caller, standing: { log } }: ManagementCall, { problem }: ProblemError) {
  const { httpMethod: method, resource, pathParameters, requestContext } = event;
  return noteRefusal(
    {
      ...{ caller, log, pathParameters, route: { method, resource }, code: problem.code },
      sourceAddress: requestContext.identity.sourceIp,
    },
    (fault) => writeEntry(fault, requestIdOf(requestContext)),
  );
}

/** The value of a path parameter; API Gateway routes nothing here without it. */
export function pathParameter({ event }: ManagementCall, name: string): string {
  return event.pathParameters?.[name] ?? '';
}

/** The audit event of what this call does. */
export function auditEvent(
  { event, caller }: ManagementCall,
  type: AuditEventType,
  subject: EventSubject,
): AuditEvent {
  const sourceAddress = event.requestContext.identity.sourceIp;
  return {
    ...newEventIdentity(),
    type,
    actor: actorOf(caller),
    sourceAddress,
    ...subject,
    outcome: 'done',
  };
}
