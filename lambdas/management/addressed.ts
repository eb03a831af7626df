import { type ApiKey, statusOf } from '../../core/api-key.ts';
import { isIdentifier } from '../../core/identifier.ts';
import { belongsTo, type Permission } from '../../core/permission.ts';
import { isSlug, type Workspace } from '../../core/workspace.ts';
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
  const mayExist = isSlug(slug) && belongsTo(call.caller, slug);
  const workspace = mayExist ? await workspaces.get(slug) : undefined;
  if (workspace === undefined) throw notFound();
  return workspace;
}

/**
 * The id of the key that a call names. What is no id is not looked up: the store does not take a text of any length.
 * @throws {ProblemError} 404.
 */
export function addressedKeyId(call: ManagementCall): string {
  const id = pathParameter(call, 'key');
  if (!isIdentifier('key', id)) throw notFound();
  return id;
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
