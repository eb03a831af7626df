import { isRoleAtLeast, type Role } from '../../../core/access/role.ts';
import { Contended } from '../../../core/errors/fault.ts';
import type {
  MemberChange,
  PutMemberOutcome,
  RemoveMemberOutcome,
  RoleCopies,
} from '../../../core/management/member-store.ts';
import { type Member, roleOf } from '../../../core/management/workspace-store.ts';
import { type ChangeEffect, putEvent } from '../audit/event-item.ts';
import { memberUnchanged } from '../keys/caller-check.ts';
import type { Finisher } from '../keys/key-settle.ts';
import { failedConditions } from '../table/contention.ts';
import type { Tables } from '../table/tables.ts';
import {
  type MemberItem,
  type PendingMembership,
  putMemberItem,
  readMemberItem,
  toMember,
} from './member-item.ts';
import { propagateMember } from './member-propagation.ts';
import { describeRemoval } from './member-removal.ts';
import { countOwners, enterWorkspace, leaveWorkspace, noteMembership } from './membership.ts';

export interface MemberKeeper extends Finisher {
  readonly copies: RoleCopies;
}

/** How often a change looks again at a member whose removal is being finished. */
const ATTEMPTS = 10;

/**
 * Adds a member, or changes their role. Whatever takes power away is written as an intent first, and reaches every copy before
 * the member is said to have changed; whatever gives power is given to the member first. It takes the place of a change of
 * their role that is still on its way: nobody waits for that one to end before they can take more power away.
 * @see docs/decisions/0009-people-roles-and-tokens.md and 0017-changes-that-reach-many.md
 */
export async function putMember(
  keeper: MemberKeeper,
  change: MemberChange & { readonly role: Role },
): Promise<PutMemberOutcome> {
  const before = await readUnremoved(keeper, change);
  if (!isAsDecided(before, change)) return { kind: 'conflict' };
  const member = toMember(before);
  if (before !== undefined && member !== undefined && roleOf(member) === change.role) {
    // Somebody who repeats a call waits for what the first one has begun.
    await propagateMember(keeper, before);
    return { kind: 'changed', member: settled(member) };
  }
  const next = memberAfter(before, change, keeper.copies);
  const begun = await begin(keeper.tables, { change, before, next });
  if (begun !== 'begun') return { kind: begun };
  await propagateMember(keeper, next);
  const after = toMember(next);
  if (after === undefined) throw new Error('A member who was put is none.');
  return { kind: member === undefined ? 'added' : 'changed', member: settled(after) };
}

/** The member once no removal is under way: the keys of an earlier membership end before a new one begins. */
async function readUnremoved(keeper: MemberKeeper, change: MemberChange): Promise<MemberItem | undefined> {
  for (let attempt = 1; attempt <= ATTEMPTS; attempt += 1) {
    const item = await readMemberItem(keeper.tables, change);
    if (item?.pendingChange?.kind !== 'removal') return item;
    await propagateMember(keeper, item);
  }
  throw new Contended('The member keeps being removed.');
}

/** A member whose every credential has their role. */
function settled(member: Member): Member {
  const { pendingRole, ...others } = member;
  return { ...others, role: roleOf(member) };
}

/**
 * The member as the transaction leaves them. Where they may be less than before, `role` stays the most that any credential
 * carries, and `pendingRole` says what they are from now on.
 */
function memberAfter(
  before: MemberItem | undefined,
  { workspace, userId, role, changeId: id, now }: MemberChange & { readonly role: Role },
  copies: RoleCopies,
): MemberItem {
  const version = (before?.version ?? 0) + 1;
  const isNew = before?.role === undefined;
  const reached = isNew ? copies.filter((copy) => copy === 'tokens') : copies;
  const pending: Pick<MemberItem, 'pendingChange'> =
    reached.length === 0 ? {} : { pendingChange: { kind: 'role', id, since: now, copies: reached } };
  if (isNew) return { workspace, userId, createdAt: now, version, role, ...pending };
  const { pendingRole, pendingChange, ...kept } = before;
  const isLowered = isRoleAtLeast(before.role ?? role, role) && pending.pendingChange !== undefined;
  return { ...kept, version, ...(isLowered ? { pendingRole: role } : { role }), ...pending };
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
  const next = { ...before, version: before.version + 1, pendingRole: 'none', pendingChange } as const;
  const begun = await begin(tables, { change, before, next });
  if (begun !== 'begun') return { kind: begun };
  return completeRemoval(keeper, next, pendingChange);
}

type Removal = PendingMembership & { readonly kind: 'removal' };

async function completeRemoval(
  keeper: MemberKeeper,
  item: MemberItem,
  removal: Removal,
): Promise<RemoveMemberOutcome> {
  await propagateMember(keeper, item);
  return { kind: 'removed', ...(await describeRemoval(keeper.tables, item, removal)) };
}

/** A member is at the version that was looked at; so is one who is none, where it matters what became of them in between. */
function isAsDecided(item: MemberItem | undefined, { decidedOn, formerVersion }: MemberChange): boolean {
  const isSameFormer = formerVersion === undefined || formerVersion === (item?.version ?? 0);
  return toMember(item)?.version === decidedOn?.version && isSameFormer;
}

/** One transaction: the member, what is known of their user, the count of owners, the event; and the caller is in force. */
async function begin(
  tables: Tables,
  { change, before, next }: { change: MemberChange; before: MemberItem | undefined; next: MemberItem },
): Promise<'begun' | 'conflict' | 'last_owner'> {
  const { workspace, caller, event } = change;
  const isOwner = (item: MemberItem | undefined) => Number((item?.pendingRole ?? item?.role) === 'owner');
  const gained = isOwner(next) - isOwner(before);
  const owners = gained === 0 ? [] : [countOwners(tables, workspace, gained)];
  const TransactItems = [
    putMemberItem(tables, next, before),
    ...owners,
    noteMembership(tables, change.userId),
    ...(before?.role === undefined ? [enterWorkspace(tables, next)] : []),
    ...(next.pendingRole === 'none' ? [leaveWorkspace(tables, next)] : []),
    ...(caller === null ? [] : [memberUnchanged(tables, { workspace, ...caller })]),
    putEvent(tables, { ...event, effect: effectOf(next) }),
  ];
  const failed = await failedConditions(tables.client, TransactItems);
  if (failed.length === 0) return 'begun';
  // It is the last owner who was to be lowered, whatever has become of whoever asked for it.
  return gained < 0 && failed.includes(1) && !failed.includes(0) ? 'last_owner' : 'conflict';
}

function effectOf({ version, pendingChange }: MemberItem): ChangeEffect {
  return pendingChange?.kind === 'removal' ? { version, keys: pendingChange.keys } : { version };
}
