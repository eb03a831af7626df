import { PROBLEMS } from '../../../core/errors/public-problem.ts';
import type { Permission } from '../../../core/management/permission.ts';
import { NO_SUCH } from '../../../core/management/problem.ts';
import { forbidden, ProblemError } from '../../http/problem.ts';

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
