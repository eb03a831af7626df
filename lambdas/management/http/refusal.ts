import type { Permission } from '../../../core/management/permission.ts';
import { forbidden, missing, type ProblemError } from '../../http/problem.ts';

/** @throws {ProblemError} 403 with the reason, for what the core does not permit. */
export function assertPermitted(permission: Permission): void {
  if (permission.kind === 'refuse') throw forbidden(permission.reason);
}

/**
 * A 404 that says what is missing and what to do. Only the operator and callers who belong to the workspace are told: use it
 * behind the check that the caller belongs there. A stranger gets `notFound()`, the same for everything.
 */
export function missingThing(thing: keyof typeof DETAILS): ProblemError {
  return missing(DETAILS[thing]);
}

const DETAILS = {
  workspace:
    'There is no workspace with this slug. A slug is 1 to 40 lower-case letters, digits and hyphens. POST /v1/workspaces makes a workspace with the slug that you name.',
  key: 'There is no key with this id in the workspace. An id begins with key_, and GET /v1/workspaces/{workspace}/keys lists them. The name or the secret of a key is not an id.',
  token: 'The user has no token with this id. An id begins with pat_, and the list of tokens names them.',
  invitation:
    'There is no open invitation with this id in the workspace. It may have been accepted or revoked, or it has expired. GET /v1/workspaces/{workspace}/invitations lists the open ones.',
  member:
    'The user is not a member of the workspace. GET /v1/workspaces/{workspace}/members lists the members by their user ids.',
  creator:
    'The user in created_by is not a member of the workspace. Add them first, with PUT /v1/workspaces/{workspace}/members/{user_id} and a role in the body, or name a member: GET /v1/workspaces/{workspace}/members lists them.',
  holder:
    'The user is a member of no workspace, so the token could do nothing. Add them to one first, with PUT /v1/workspaces/{workspace}/members/{user_id} and a role in the body.',
  user: 'There is no such user: nobody with this id is a member of a workspace or has a token.',
} as const;
