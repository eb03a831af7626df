import { isSlug } from '../../../core/access/identity.ts';
import type { Caller, Principal } from '../../../core/access/principal.ts';
import { Contended } from '../../../core/errors/fault.ts';
import { belongsTo, principalOfMember } from '../../../core/management/caller.ts';
import type { CallerInForce } from '../../../core/management/key-store.ts';
import { describeUnauthorized } from '../../../core/management/problem.ts';
import type { Workspace, WorkspaceStore } from '../../../core/management/workspace-store.ts';
import type { Profile } from '../../../core/profile/profile.ts';
import { notFoundToStranger, ProblemError } from '../../http/problem.ts';
import { type Answer, type ManagementCall, type Operation, pathParameter } from '../http/operation.ts';
import { noSuch, RefusedInWorkspace } from '../http/refusal.ts';

/** A call whose caller belongs to the workspace of its path. */
export interface WorkspaceCall extends ManagementCall {
  readonly workspace: Workspace;
  /** What the caller is in this workspace. */
  readonly caller: Principal;
  /** What must still be true of the caller when a change is written; `null` for a management key. */
  readonly inForce: CallerInForce | null;
}

export interface WorkspaceOptions {
  readonly profile: Profile;
  readonly workspaces: Pick<WorkspaceStore, 'get' | 'getMember'>;
}

/**
 * Makes an operation of work in one workspace. The caller is resolved first. When the work refuses the caller, the workspace's
 * log tells of it.
 * @throws {ProblemError} 404 for a workspace that does not exist, and the same for one that the caller does not belong to.
 * Only the operator, who belongs everywhere, is told what is missing.
 */
export function resolveWorkspaceCall(
  options: WorkspaceOptions,
  work: (call: WorkspaceCall) => Promise<Answer>,
): Operation {
  return async (call) => {
    const resolved = await resolveCaller(options, call);
    try {
      return await work(resolved);
    } catch (error) {
      if (!(error instanceof ProblemError)) throw error;
      throw new RefusedInWorkspace(error.problem, resolved.workspace.slug);
    }
  };
}

async function resolveCaller(options: WorkspaceOptions, call: ManagementCall): Promise<WorkspaceCall> {
  const slug = pathParameter(call, 'workspace');
  const known = isSlug(slug) ? await findCaller(options, call.caller, slug) : undefined;
  const workspace = known && (await options.workspaces.get(slug));
  if (known !== undefined && workspace !== undefined) return { ...call, ...known, workspace };
  throw call.caller.kind === 'management_key' ? noSuch('workspace') : notFoundToStranger();
}

/**
 * @returns `undefined` for a caller who does not belong to the workspace.
 * @throws {ProblemError} 401 for a session whose person is no longer the member that they were: it has ended.
 */
async function findCaller(
  { profile, workspaces }: WorkspaceOptions,
  caller: Caller,
  slug: string,
): Promise<Pick<WorkspaceCall, 'caller' | 'inForce'> | undefined> {
  if (caller.kind === 'signed_in') {
    const { user, session } = caller;
    if (session !== undefined && session.workspace !== slug) return undefined;
    const member = await workspaces.getMember(slug, user);
    if (session !== undefined && member?.createdAt !== session.memberSince)
      throw new ProblemError(describeUnauthorized(profile));
    if (member === undefined) return undefined;
    const { userId, version } = member;
    return {
      caller: principalOfMember(member, profile, session),
      inForce: { kind: 'member', workspace: slug, userId, version },
    };
  }
  if (!belongsTo(caller, slug)) return undefined;
  if (caller.kind === 'management_key') return { caller, inForce: null };
  return { caller, inForce: { kind: 'api_key', address: { workspace: slug, id: caller.credentialId } } };
}

/**
 * What to throw when the store finds that the caller is no longer in force. A key has ended, which is 401. A member may have
 * another role by now, so the operation begins again and decides on that.
 */
export function callerEndedError({ inForce }: WorkspaceCall, profile: Profile): Error {
  return inForce?.kind === 'member'
    ? new Contended("The caller's membership was changed in between.")
    : new ProblemError(describeUnauthorized(profile));
}
