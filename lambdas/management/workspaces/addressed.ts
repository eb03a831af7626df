import { isSlug } from '../../../core/access/identity.ts';
import type { Caller, Principal } from '../../../core/access/principal.ts';
import { type ApiKey, statusOf } from '../../../core/credential/api-key.ts';
import { isIdentifier } from '../../../core/credential/identifier.ts';
import { Contended } from '../../../core/errors/fault.ts';
import { principalOfMember } from '../../../core/management/caller.ts';
import type { CallerInForce } from '../../../core/management/key-store.ts';
import { belongsTo, type Creator, type Permission } from '../../../core/management/permission.ts';
import { describeUnauthorized } from '../../../core/management/problem.ts';
import { roleOf, type Workspace, type WorkspaceStore } from '../../../core/management/workspace-store.ts';
import { conflict, forbidden, notFound, ProblemError } from '../../http/problem.ts';
import { profile } from '../../profile.ts';
import { type ManagementCall, pathParameter } from '../http/management-handler.ts';
import { missingThing } from '../http/missing-thing.ts';

/** What a call is about, and what its caller is there. */
export interface Addressed {
  readonly workspace: Workspace;
  readonly caller: Principal;
  /** What has to be true still when a change is made; `null` for a management key. */
  readonly inForce: CallerInForce | null;
}

/**
 * The workspace that a call names, and who the caller is in it.
 * @throws {ProblemError} 404, the same for one that does not exist and one that the caller does not belong to. The operator,
 * who belongs everywhere, is told what is missing.
 */
export async function addressedWorkspace(
  workspaces: WorkspaceStore,
  call: ManagementCall,
): Promise<Addressed> {
  const slug = pathParameter(call, 'workspace');
  const known = isSlug(slug) ? await callerIn(workspaces, call.caller, slug) : undefined;
  const workspace = known && (await workspaces.get(slug));
  if (known === undefined || workspace === undefined)
    throw call.caller.kind === 'management_key' ? missingThing('workspace') : notFound();
  call.standing.log = slug;
  return { workspace, ...known };
}

async function callerIn(
  workspaces: WorkspaceStore,
  caller: Caller,
  slug: string,
): Promise<Omit<Addressed, 'workspace'> | undefined> {
  if (caller.kind !== 'signed_in') {
    if (!belongsTo(caller, slug)) return undefined;
    const address = { workspace: slug, id: caller.credentialId };
    return { caller, inForce: caller.kind === 'management_key' ? null : { kind: 'api_key', address } };
  }
  const { user: userId } = caller;
  const member = await workspaces.getMember(slug, userId);
  if (member === undefined) return undefined;
  const { version } = member;
  return {
    caller: principalOfMember(member, profile),
    inForce: { kind: 'member', workspace: slug, userId, version },
  };
}

/**
 * The id of the key that a call names, for a caller who belongs to the workspace. What is no id is not looked up: the store does
 * not take a text of any length.
 * @throws {ProblemError} 404.
 */
export function addressedKeyId(call: ManagementCall): string {
  const id = pathParameter(call, 'key');
  if (!isIdentifier('key', id)) throw missingThing('key');
  return id;
}

/** A key that calls acts as its own creator, who may be less by now than when they issued it. */
export async function issuerOf(
  workspaces: WorkspaceStore,
  { caller: { kind, user }, workspace: { slug } }: Addressed,
): Promise<Creator> {
  if (kind !== 'api_key' || user === null) return 'nobody';
  const member = await workspaces.getMember(slug, user);
  return member ? roleOf(member) : 'gone';
}

export function assertPermitted(permission: Permission): void {
  if (permission.kind === 'refuse') throw forbidden(permission.reason);
}

/** A key that has ended cannot be changed any more. */
export function assertChangeable(key: ApiKey, now: number): void {
  const status = statusOf(key, now);
  if (status === 'revoked') throw conflict('key_revoked', 'The key was revoked and cannot be changed.');
  if (status === 'expired') throw conflict('key_expired', 'The key has expired and cannot be changed.');
}

/**
 * What to throw for a caller who was in force when the call came, and is no more. A member may have become another kind of
 * one: what they may do is decided again.
 */
export function callerEnded({ inForce }: Addressed): Error {
  return inForce?.kind === 'member'
    ? new Contended("The caller's membership was changed in between.")
    : new ProblemError(describeUnauthorized(profile));
}
