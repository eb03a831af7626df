import { ownLogOf, type RefusedCall } from '../../../core/audit/audit-event.ts';
import { PROBLEMS } from '../../../core/errors/public-problem.ts';
import type { Permission } from '../../../core/management/permission.ts';
import { MANAGEMENT_PROBLEMS, NO_SUCH } from '../../../core/management/problem.ts';
import { forbidden, type Problem, ProblemError, requestIdOf } from '../../http/problem.ts';
import type { LogEntry } from '../../log/entry.ts';
import { writeEntry } from '../../log/powertools-log.ts';
import type { ManagementCall, Operation } from './operation.ts';

/** @throws {ProblemError} 403 with the reason, for what the core does not permit. */
export function assertPermitted(permission: Permission): void {
  if (permission.kind === 'refuse') throw forbidden(permission.reason);
}

/**
 * A 404 that says what is missing and what to do. Only the operator and callers who belong to the workspace are told: use it
 * behind the check that the caller belongs there. A stranger gets `notFoundToStranger()`, the same for everything.
 */
export function noSuch(thing: keyof typeof NO_SUCH): ProblemError {
  return new ProblemError({ ...PROBLEMS.not_found, detail: NO_SUCH[thing] });
}

/**
 * A refusal of a caller who belongs to the workspace of the path. The workspace's log tells of it. Other
 * refusals go to the caller's own log, so that a stranger cannot fill or probe another workspace's log.
 */
export class RefusedInWorkspace extends ProblemError {
  readonly slug: string;

  constructor(problem: Problem, slug: string) {
    super(problem);
    this.slug = slug;
  }
}

/** Writes a refused call into the audit log. Never throws: the caller gets the refusal in any case. */
export type NoteRefusal = (call: RefusedCall, write: (fault: LogEntry) => void) => Promise<void>;

/** Writes every refusal of an operation into the audit log, before the caller is answered. */
export function recordRefusals(operation: Operation, note: NoteRefusal): Operation {
  return async (call) => {
    try {
      return await operation(call);
    } catch (error) {
      if (error instanceof ProblemError && isRecorded(error.problem)) await record(note, call, error);
      throw error;
    }
  };
}

/** These say nothing about the caller: the request met others, or it was sent before. */
const UNRECORDED: readonly string[] = [
  MANAGEMENT_PROBLEMS.conflict.code,
  MANAGEMENT_PROBLEMS.already_done.code,
  MANAGEMENT_PROBLEMS.idempotency_mismatch.code,
];

/** A request that cannot be read attempts nothing. It is not recorded either. */
function isRecorded({ status, code }: Problem): boolean {
  return status !== 400 && status !== 413 && !UNRECORDED.includes(code);
}

function record(note: NoteRefusal, { event, caller }: ManagementCall, error: ProblemError): Promise<void> {
  const { httpMethod, resource, pathParameters, requestContext } = event;
  const refused: RefusedCall = {
    caller,
    log: error instanceof RefusedInWorkspace ? error.slug : ownLogOf(caller),
    route: { method: httpMethod, resource },
    pathParameters,
    sourceAddress: requestContext.identity.sourceIp,
    code: error.problem.code,
  };
  return note(refused, (fault) => writeEntry(fault, requestIdOf(requestContext)));
}
