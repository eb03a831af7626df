import { isRoleAtLeast } from '../../../core/access/role.ts';
import type {
  MemberChange,
  MemberFields,
  PutMemberOutcome,
  RemoveMemberOutcome,
  RoleCopies,
} from '../../../core/management/member-store.ts';
import { type Member, roleOf } from '../../../core/management/workspace-store.ts';
import { type ChangeEffect, putEventPart } from '../audit/event-store.ts';
import { requireMemberUnchanged } from '../keys/caller-check.ts';
import { beginChange, type ChangeFinisher, readSettled } from '../table/intent.ts';
import type { Tables } from '../table/tables.ts';
import { transact } from '../table/transaction.ts';
import {
  countOwnersPart,
  enterWorkspacePart,
  leaveWorkspacePart,
  type MemberItem,
  nameMemberPart,
  noteMembershipPart,
  type PendingMembership,
  putMemberPart,
  type Removal,
  readMemberItem,
  toMember,
} from './member-item.ts';
import { describeRemoval, propagateMember } from './member-propagation.ts';

export interface MemberKeeper extends ChangeFinisher {
  readonly copies: RoleCopies;
}

/**
 * Adds a member, or changes their role and their name. A lower role is stored as an intent first. It reaches every copy of the
 * role, and only then the member has it. A higher role goes to the member first, then to the copies. A new change replaces a
 * change of the role that is still under way, so a further cut of power never has to wait.
 * @see docs/decisions/0009-people-roles-and-tokens.md and 0017-changes-that-reach-many.md
 */
export async function putMember(
  keeper: MemberKeeper,
  change: MemberChange & MemberFields,
): Promise<PutMemberOutcome> {
  const before = await readUnremoved(keeper, change);
  if (!isAsDecided(before, change)) return { kind: 'conflict' };
  const member = toMember(before);
  if (before !== undefined && member !== undefined && roleOf(member) === change.role) {
    const named = { ...before, name: nameAfter(before, change) };
    if (named.name !== before.name && !(await renameMember(keeper.tables, change, named)))
      return { kind: 'conflict' };
    // A caller who repeats a call waits for the change that the first call has begun.
    await propagateMember(keeper, before);
    return { kind: 'changed', member: asChanged(named) };
  }
  const next = memberAfter(before, change, keeper.copies);
  const begun = await beginMemberChange(keeper.tables, { change, before, next });
  if (begun.kind !== 'begun') return begun;
  await propagateMember(keeper, next);
  return { kind: member === undefined ? 'added' : 'changed', member: asChanged(next) };
}

/** Reads the member once no removal is under way: the keys of an earlier membership end before a new one begins. */
function readUnremoved(keeper: MemberKeeper, change: MemberChange): Promise<MemberItem | undefined> {
  return readSettled({
    read: () => readMemberItem(keeper.tables, change),
    finish: (item) =>
      item.pendingChange?.kind === 'removal' ? () => propagateMember(keeper, item) : undefined,
  });
}

/** The member once every credential of theirs has their role. */
function asChanged(item: MemberItem): Member {
  const member = toMember(item);
  if (member === undefined) throw new Error('Somebody who was made a member is not one.');
  const { pendingRole, ...others } = member;
  return { ...others, role: roleOf(member) };
}

/**
 * The member as the transaction leaves them. If they may become less than before, `role` stays the most that any credential
 * carries, and `pendingRole` says what they are from now on.
 */
function memberAfter(
  before: MemberItem | undefined,
  change: MemberChange & MemberFields,
  copies: RoleCopies,
): MemberItem {
  const { workspace, userId, role, changeId: id, now } = change;
  const name = nameAfter(before, change);
  const version = (before?.version ?? 0) + 1;
  const isNew = before?.role === undefined;
  const reached = isNew ? copies.filter((copy) => copy === 'tokens') : copies;
  const pendingChange: PendingMembership | undefined =
    reached.length === 0 ? undefined : { kind: 'role', id, since: now, copies: reached };
  if (isNew) return { workspace, userId, createdAt: now, version, name, role, pendingChange };
  const isLowered = isRoleAtLeast(before.role ?? role, role) && pendingChange !== undefined;
  return {
    ...before,
    version,
    name,
    role: isLowered ? before.role : role,
    pendingRole: isLowered ? role : undefined,
    pendingChange,
  };
}

export async function removeMember(
  keeper: MemberKeeper,
  change: MemberChange & { readonly keys: 'revoke' | 'keep' },
): Promise<RemoveMemberOutcome> {
  const { tables, copies } = keeper;
  const before = await readMemberItem(tables, change);
  if (before?.pendingChange?.kind === 'removal') {
    if (change.decidedOn !== null) return { kind: 'conflict' };
    return completeRemoval(keeper, before, before.pendingChange);
  }
  if (!isAsDecided(before, change)) return { kind: 'conflict' };
  if (before?.role === undefined) return { kind: 'no_member' };
  const { keys, event, changeId: id, now: since } = change;
  const { actor, sourceAddress } = event;
  const pendingChange: Removal = { kind: 'removal', id, since, copies, keys, actor, sourceAddress };
  const next = {
    ...before,
    version: before.version + 1,
    name: undefined,
    pendingRole: 'none',
    pendingChange,
  } as const;
  const begun = await beginMemberChange(tables, { change, before, next });
  if (begun.kind !== 'begun') return begun;
  return completeRemoval(keeper, next, pendingChange);
}

async function completeRemoval(
  keeper: MemberKeeper,
  item: MemberItem,
  removal: Removal,
): Promise<RemoveMemberOutcome> {
  await propagateMember(keeper, item);
  const { revoked, kept } = await describeRemoval(keeper.tables, item, removal);
  return { kind: 'removed', revoked, kept };
}

/**
 * Whether the member is as they were when the change was decided. If the change names the version of a former membership, that
 * version must be the same too. So must the name: the event of the change tells the one of before.
 */
function isAsDecided(item: MemberItem | undefined, { decidedOn, formerVersion }: MemberChange): boolean {
  const isSameFormer = formerVersion === undefined || formerVersion === (item?.version ?? 0);
  const member = toMember(item);
  return member?.version === decidedOn?.version && member?.name === decidedOn?.name && isSameFormer;
}

function nameAfter(before: MemberItem | undefined, { name }: MemberFields): string | undefined {
  return name === undefined ? before?.name : (name ?? undefined);
}

/**
 * One transaction: the name, and the event.
 * @returns false if the member or the caller has changed since the decision.
 */
async function renameMember(
  tables: Tables,
  { workspace, caller, event, decidedOn }: MemberChange,
  { userId, version, name }: MemberItem,
): Promise<boolean> {
  const before = { workspace, userId, version, name: decidedOn?.name };
  const failed = await transact(tables.client, {
    caller: caller && requireMemberUnchanged(tables, { workspace, ...caller }),
    member: nameMemberPart(tables, before, name ?? null),
    event: putEventPart(tables, event),
  });
  return failed.size === 0;
}

/** One transaction: the member, their user's workspaces, the count of owners, and the event. */
async function beginMemberChange(
  tables: Tables,
  {
    change,
    before,
    next,
  }: {
    readonly change: MemberChange;
    readonly before: MemberItem | undefined;
    readonly next: MemberItem;
  },
): Promise<{ readonly kind: 'begun' } | { readonly kind: 'conflict' | 'last_owner' }> {
  const { workspace, caller, event, userId } = change;
  const gained = Number(isOwner(next)) - Number(isOwner(before));
  const begun = await beginChange<'owners' | 'user' | 'entered' | 'left'>(tables, {
    caller: caller && requireMemberUnchanged(tables, { workspace, ...caller }),
    intent: putMemberPart(tables, next, before),
    event: putEventPart(tables, { ...event, effect: effectOf(next) }),
    owners: gained === 0 ? null : countOwnersPart(tables, workspace, gained),
    user: noteMembershipPart(tables, userId),
    entered: before?.role === undefined ? enterWorkspacePart(tables, next) : null,
    left: next.pendingRole === 'none' ? leaveWorkspacePart(tables, next) : null,
  });
  if (begun.kind === 'begun') return begun;
  // The last owner was to be lowered, whether or not the caller is still in force.
  const isLastOwner = gained < 0 && begun.failed.has('owners') && !begun.failed.has('intent');
  return { kind: isLastOwner ? 'last_owner' : 'conflict' };
}

function isOwner(item: MemberItem | undefined): boolean {
  return (item?.pendingRole ?? item?.role) === 'owner';
}

function effectOf({ version, pendingChange }: MemberItem): ChangeEffect {
  return pendingChange?.kind === 'removal' ? { version, keys: pendingChange.keys } : { version };
}
