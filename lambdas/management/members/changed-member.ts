import * as v from 'valibot';
import type { Role } from '../../../core/access/role.ts';
import type { AuditEventType } from '../../../core/audit/audit-event.ts';
import { Contended } from '../../../core/errors/fault.ts';
import type { MemberChange } from '../../../core/management/member-store.ts';
import { mayChangeMember } from '../../../core/management/permission.ts';
import { roleOf } from '../../../core/management/workspace-store.ts';
import { newId } from '../../environment.ts';
import { conflict } from '../../http/problem.ts';
import { invalidUserId, knownUserId, userId as newUserId } from '../http/field.ts';
import { auditEvent, type ManagementCall, pathParameter } from '../http/management-handler.ts';
import { missingThing } from '../http/missing-thing.ts';
import { workspaceStore } from '../stores.ts';
import { type Addressed, addressedWorkspace, assertPermitted } from '../workspaces/addressed.ts';

type Contention = { readonly kind: 'conflict' | 'last_owner' };

/**
 * Decides a change of the member that the call names, on what they and the caller are at this moment, and makes it only if
 * both are still so.
 * @throws {ProblemError} 404 for no workspace of the caller's, 403, 400 for an id that nobody may have, or 409 for the last owner.
 * @throws {Contended} when either was changed in between.
 */
export async function changedMember<Outcome extends { readonly kind: string }>(
  call: ManagementCall,
  after: Role | 'none',
  change: (asked: MemberChange) => Promise<Outcome>,
): Promise<Exclude<Outcome, Contention>> {
  const addressed = await addressedWorkspace(workspaceStore, call);
  const userId = addressedUserId(call, after);
  const workspace = addressed.workspace.slug;
  const member = await workspaceStore.getMember(workspace, userId);
  const before = member ? roleOf(member) : 'none';
  assertPermitted(mayChangeMember(addressed.caller, { userId, before, after }));
  const subject = { workspace, keyId: null, userId, before: shown(before), after: shown(after) };
  if (before === 'none' && after !== 'none' && !v.is(newUserId, userId)) throw invalidUserId();
  const outcome = await change({
    workspace,
    userId,
    decidedOn: member ?? null,
    changeId: newId('chg'),
    caller: otherMember(addressed, userId),
    now: call.now,
    event: auditEvent(call, eventOf(before, after), subject),
  });
  if (isSettled(outcome)) return outcome;
  if (outcome.kind === 'last_owner') {
    const detail = 'The last owner of a workspace stays. Make somebody else an owner first.';
    throw conflict('last_owner', detail);
  }
  throw new Contended('The member was changed in between.');
}

/**
 * The user that a call names, for a caller who belongs to the workspace. What can be nobody's id is not looked up.
 * @throws {ProblemError} 404, or 400 where they would become a member.
 */
function addressedUserId(call: ManagementCall, after: Role | 'none'): string {
  const userId = pathParameter(call, 'user_id');
  if (v.is(knownUserId, userId)) return userId;
  throw after === 'none' ? missingThing('member') : invalidUserId();
}

/** Who asks for it, where that is not the member themselves: that those are unchanged is required anyway. */
function otherMember({ inForce }: Addressed, userId: string): MemberChange['caller'] {
  return inForce?.kind === 'member' && inForce.userId !== userId ? inForce : null;
}

function eventOf(before: Role | 'none', after: Role | 'none'): AuditEventType {
  if (after === 'none') return 'member.removed';
  return before === 'none' ? 'member.added' : 'member.role_changed';
}

function shown(role: Role | 'none') {
  return { role: role === 'none' ? null : role };
}

function isSettled<Outcome extends { readonly kind: string }>(
  outcome: Outcome,
): outcome is Exclude<Outcome, Contention> {
  return outcome.kind !== 'conflict' && outcome.kind !== 'last_owner';
}
