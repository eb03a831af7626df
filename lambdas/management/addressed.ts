import { type ApiKey, statusOf } from '../../core/api-key.ts';
import { belongsTo, type Permission } from '../../core/permission.ts';
import type { Workspace } from '../../core/workspace.ts';
import type { WorkspaceStore } from '../../core/workspace-store.ts';
import { conflict, forbidden, notFound } from '../http/problem.ts';
import { type ManagementCall, pathParameter } from './management-handler.ts';

/**
 * The workspace that a call names.
 * @throws {ProblemError} 404, the same for one that does not exist and one that the caller does not belong to.
 */
export async function addressedWorkspace(
  workspaces: WorkspaceStore,
  call: ManagementCall,
): Promise<Workspace> {
  const slug = pathParameter(call, 'workspace');
  const workspace = belongsTo(call.caller, slug) ? await workspaces.get(slug) : undefined;
  if (workspace === undefined) throw notFound();
  return workspace;
}

export function assertPermitted(permission: Permission): void {
  if (permission.kind === 'forbidden') throw forbidden(permission.reason);
}

/** A key that has ended cannot be changed any more. */
export function assertChangeable(key: ApiKey, now: number): void {
  const status = statusOf(key, now);
  if (status === 'revoked') throw conflict('key_revoked', 'The key was revoked and cannot be changed.');
  if (status === 'expired') throw conflict('key_expired', 'The key has expired and cannot be changed.');
}
