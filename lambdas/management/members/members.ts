import * as v from 'valibot';
import { canNameUser } from '../../../core/access/identity.ts';
import { ROLES, type Role } from '../../../core/access/role.ts';
import type { AuditEventType } from '../../../core/audit/audit-event.ts';
import { Contended } from '../../../core/errors/fault.ts';
import { type MemberChange, type MemberStore, roleCopiesOf } from '../../../core/management/member-store.ts';
import { mayChangeMember } from '../../../core/management/permission.ts';
import { type Member, roleOf, type WorkspaceStore } from '../../../core/management/workspace-store.ts';
import type { Profile } from '../../../core/profile/profile.ts';
import { conflict, invalidRequest, type ProblemError } from '../../http/problem.ts';
import type { MemberAnswer, MembersAnswer, RemovedMemberAnswer } from '../answers/workspace-answers.ts';
import { invalidUserId, knownUserIdField, memberNameField, roleField, userIdField } from '../http/field.ts';
import { type Ids, makeChangeEvent, type Operation, pathParameter } from '../http/operation.ts';
import { cursorTo, readPage } from '../http/page.ts';
import { assertPermitted, noSuch } from '../http/refusal.ts';
import { readBody, readOptionalBody } from '../http/request-body.ts';
import { pickDifferences, timeView } from '../http/view.ts';
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

/** A caller who only names a member leaves the role out, so that the call never undoes a change of the role. */
export function memberBody(profile: Profile) {
  return v.strictObject({ role: v.optional(roleField), name: v.optional(memberNameField(profile)) });
}

/** Adds a member, or changes their role and their name. */
export function putMemberOperation(options: MemberOptions): Operation {
  return resolveWorkspaceCall(options, async (call) => {
    const asked = readBody(call.event, memberBody(options.profile));
    if (asked.role === undefined && asked.name === undefined) throw invalidRequest('role', ROLE);
    const found = await findMember(options, call, invalidUserId);
    const role = asked.role ?? (found.member && roleOf(found.member));
    if (role === undefined) throw noSuch('member');
    const after = { role, name: asked.name };
    const change = decideChange(options, call, { ...found, ...after });
    const outcome = await options.members.put({ ...change, ...after });
    if (!('member' in outcome)) throw notChanged(outcome.kind);
    return { status: outcome.kind === 'added' ? 201 : 200, body: memberView(outcome.member) };
  });
}

const ROLE = `one of ${ROLES.join(', ')}, and only a body with a name may leave it out`;

export const removeBody = v.strictObject({});

/** Removes a member. Keys that act with the member's role end too; all other keys belong to the workspace and stay. */
export function removeMemberOperation(options: MemberOptions): Operation {
  const keys = roleCopiesOf(options.profile).length > 0 ? 'revoke' : 'keep';
  const remove = resolveWorkspaceCall(options, async (call) => {
    const found = await findMember(options, call, () => noSuch('member'));
    const change = decideChange(options, call, { ...found, role: 'none', name: null });
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

/** The user in the path; `member` is `undefined` for one who is no member. */
interface FoundUser {
  readonly userId: string;
  readonly member: Member | undefined;
}

/** @throws {ProblemError} as `refuse` makes it, for a text that cannot be a user's id. */
async function findMember(
  { profile, workspaces }: MemberOptions,
  call: WorkspaceCall,
  refuse: () => ProblemError,
): Promise<FoundUser> {
  const userId = pathParameter(call, 'user_id');
  if (!v.is(knownUserIdField(profile), userId)) throw refuse();
  return { userId, member: await workspaces.getMember(call.workspace.slug, userId) };
}

/** What a member is to be from now on. */
interface AskedChange extends FoundUser {
  readonly role: Role | 'none';
  /** `undefined` for the name that they have. */
  readonly name: string | null | undefined;
}

/**
 * Decides a change of a member, on what the member and the caller are at this moment. The store makes it only if both are still
 * the same.
 * @throws {ProblemError} 403; 400 for an id under which nobody new may be added.
 */
function decideChange(
  { profile, ids }: MemberOptions,
  call: WorkspaceCall,
  { userId, member, role: after, name }: AskedChange,
): MemberChange {
  const { caller, inForce, now } = call;
  const workspace = call.workspace.slug;
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
      ...pickDifferences(
        { role: before === 'none' ? null : before, name: member?.name ?? null },
        { role: after === 'none' ? null : after, name: name === undefined ? (member?.name ?? null) : name },
      ),
    }),
  };
}

/** A change of nothing writes no event, whatever its type. */
function changeTypeOf(before: Role | 'none', after: Role | 'none'): AuditEventType {
  if (after === 'none') return 'member.removed';
  if (before === 'none') return 'member.added';
  return before === after ? 'member.renamed' : 'member.role_changed';
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
  const { userId, name = null, createdAt } = member;
  return { user_id: userId, name, role: roleOf(member), created_at: timeView(createdAt) };
}
