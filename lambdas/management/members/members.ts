import * as v from 'valibot';
import { canNameUser } from '../../../core/access/identity.ts';
import type { Role } from '../../../core/access/role.ts';
import type { AuditEventType } from '../../../core/audit/audit-event.ts';
import { Contended } from '../../../core/errors/fault.ts';
import { type MemberChange, type MemberStore, roleCopiesOf } from '../../../core/management/member-store.ts';
import { mayChangeMember } from '../../../core/management/permission.ts';
import { type Member, roleOf, type WorkspaceStore } from '../../../core/management/workspace-store.ts';
import type { Profile } from '../../../core/profile/profile.ts';
import { conflict } from '../../http/problem.ts';
import type { MemberAnswer, MembersAnswer, RemovedMemberAnswer } from '../answers/workspace-answers.ts';
import { invalidUserId, knownUserIdField, roleField, userIdField } from '../http/field.ts';
import { type Ids, makeChangeEvent, type Operation, pathParameter } from '../http/operation.ts';
import { cursorTo, readPage } from '../http/page.ts';
import { assertPermitted, noSuch } from '../http/refusal.ts';
import { readBody, readOptionalBody } from '../http/request-body.ts';
import { timeView } from '../http/view.ts';
import {
  resolveWorkspaceCall,
  type WorkspaceCall,
  type WorkspaceOptions,
} from '../workspaces/resolve-caller.ts';

export interface MemberOptions {
  readonly profile: Profile;
  readonly workspaces: Pick<WorkspaceStore, 'get' | 'getMember'>;
  readonly members: Pick<MemberStore, 'put' | 'remove'>;
  readonly ids: Ids;
}

export const memberBody = v.strictObject({ role: roleField });

/** Adds a member, or changes their role. */
export function putMemberOperation(options: MemberOptions): Operation {
  return resolveWorkspaceCall(options, async (call) => {
    const body = readBody(call.event, memberBody);
    const change = await decideChange(options, call, body.role);
    const outcome = await options.members.put({ ...change, role: body.role });
    if (!('member' in outcome)) throw notChanged(outcome.kind);
    return { status: outcome.kind === 'added' ? 201 : 200, body: memberView(outcome.member) };
  });
}

export const removeBody = v.strictObject({});

/** Removes a member. Keys that act with the member's role end too; all other keys belong to the workspace and stay. */
export function removeMemberOperation(options: MemberOptions): Operation {
  const keys = roleCopiesOf(options.profile).length > 0 ? 'revoke' : 'keep';
  const remove = resolveWorkspaceCall(options, async (call) => {
    const change = await decideChange(options, call, 'none');
    const outcome = await options.members.remove({ ...change, keys });
    if (outcome.kind === 'no_member') throw noSuch('member');
    if (outcome.kind !== 'removed') throw notChanged(outcome.kind);
    const { revoked, kept } = outcome;
    const body: RemovedMemberAnswer = { user_id: change.userId, revoked, kept };
    return { status: 200, body };
  });
  return async (call) => {
    readOptionalBody(call.event, removeBody);
    return remove(call);
  };
}

/**
 * Decides a change of the member in the path, on what the member and the caller are at this moment. The store makes it only if
 * both are still the same.
 * @throws {ProblemError} 403; 404 or 400 for a text that cannot be a user's id.
 */
async function decideChange(
  { profile, workspaces, ids }: MemberOptions,
  call: WorkspaceCall,
  after: Role | 'none',
): Promise<MemberChange> {
  const { caller, inForce, now } = call;
  const workspace = call.workspace.slug;
  const userId = pathParameter(call, 'user_id');
  if (!v.is(knownUserIdField(profile), userId)) throw after === 'none' ? noSuch('member') : invalidUserId();
  const member = await workspaces.getMember(workspace, userId);
  const before = member ? roleOf(member) : 'none';
  assertPermitted(mayChangeMember(caller, { userId, before, after }));
  const isNew = before === 'none' && after !== 'none';
  if (isNew && !v.is(userIdField(profile), userId)) throw invalidUserId();
  return {
    workspace,
    userId,
    decidedOn: member ?? null,
    changeId: ids.newId('chg'),
    // A member who changes themselves is left out: the store requires anyway that the changed member is what they were.
    caller: inForce?.kind === 'member' && inForce.userId !== userId ? inForce : null,
    now,
    event: makeChangeEvent(call, {
      ids,
      type: changeTypeOf(before, after),
      workspace,
      keyId: null,
      userId,
      before: { role: before === 'none' ? null : before },
      after: { role: after === 'none' ? null : after },
    }),
  };
}

function changeTypeOf(before: Role | 'none', after: Role | 'none'): AuditEventType {
  if (after === 'none') return 'member.removed';
  return before === 'none' ? 'member.added' : 'member.role_changed';
}

function notChanged(kind: 'conflict' | 'last_owner'): Error {
  if (kind === 'conflict') return new Contended('The member, or the caller, was changed in between.');
  return conflict('last_owner', 'The last owner of a workspace stays. Make somebody else an owner first.');
}

export interface ReadMembersOptions extends WorkspaceOptions {
  readonly members: Pick<MemberStore, 'list'>;
}

export function readMembersOperation(options: ReadMembersOptions): Operation {
  return resolveWorkspaceCall(options, async ({ event, workspace }) => {
    const asked = readPage(event, canNameUser);
    const { members, next } = await options.members.list({ workspace: workspace.slug, ...asked });
    const body: MembersAnswer = { members: members.map(memberView), next_cursor: cursorTo(next) };
    return { status: 200, body };
  });
}

/** A member as the API shows them. While their role is being lowered, it is shown as the lower one already. */
export function memberView(member: Member): MemberAnswer {
  const { userId, createdAt } = member;
  return { user_id: userId, role: roleOf(member), created_at: timeView(createdAt) };
}
