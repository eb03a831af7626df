import type {
  MemberChange,
  PutMemberOutcome,
  RemoveMemberOutcome,
  RoleCopies,
} from '../../core/member-store.ts';
import { isRoleAtLeast, type Role } from '../../core/role.ts';
import { memberUnchanged } from './caller-check.ts';
import { failedConditions } from './contention.ts';
import { putEvent } from './event-item.ts';
import type { Finisher } from './key-settle.ts';
import {
  afterwards,
  type MemberItem,
  type PendingMembership,
  putMemberItem,
  readMemberItem,
  toMember,
} from './member-item.ts';
import { completeRemoval, completeRole, settledMember } from './member-settle.ts';
import { countOwners, enterWorkspace, leaveWorkspace, noteMembership } from './membership.ts';
import type { Tables } from './tables.ts';

export interface MemberKeeper extends Finisher {
  readonly copies: RoleCopies;
}

/**
 * Adds a member, or changes their role. Whatever takes power away is written as an intent first, and reaches every copy before
 * the member is said to have changed; whatever gives power is given to the member first.
 * @see docs/decisions/0009-people-roles-and-tokens.md
 */
export async function putMember(
  keeper: MemberKeeper,
  change: MemberChange & { readonly role: Role },
): Promise<PutMemberOutcome> {
  const { tables, copies } = keeper;
  const before = await settledMember(keeper, change);
  if (!isAsDecided(before, change)) return { kind: 'conflict' };
  const member = toMember(before);
  if (member?.role === change.role) return { kind: 'changed', member };
  const mark = markOf(change, member === undefined ? copies.filter((copy) => copy === 'tokens') : copies);
  const next = memberAfter(before, change, { ...mark, kind: 'role' });
  const begun = await begin(tables, { change, before, next });
  if (begun !== 'begun') return { kind: begun };
  if (next.pendingChange !== undefined) await completeRole(tables, next, next.pendingChange);
  const after = toMember(afterwards(next, { ...mark, kind: 'role' }));
  if (after === undefined) throw new Error('A member who was put is none.');
  return { kind: member === undefined ? 'added' : 'changed', member: after };
}

/** The member as the transaction leaves them: with an intent to be lowered, or with the new role already. */
function memberAfter(
  before: MemberItem | undefined,
  { workspace, userId, role, now }: MemberChange & { readonly role: Role },
  pendingChange: PendingMembership,
): MemberItem {
  const version = (before?.version ?? 0) + 1;
  const pending = pendingChange.copies.length === 0 ? {} : { pendingChange };
  if (before?.role === undefined) return { workspace, userId, createdAt: now, version, role, ...pending };
  const isLowered = isRoleAtLeast(before.role, role) && 'pendingChange' in pending;
  return { ...before, version, ...(isLowered ? { pendingRole: role } : { role }), ...pending };
}

export async function removeMember(
  keeper: MemberKeeper,
  change: MemberChange & { readonly keys: 'revoke' | 'keep' },
): Promise<RemoveMemberOutcome> {
  const { tables, copies } = keeper;
  const current = await readMemberItem(tables, change);
  if (current?.pendingChange?.kind === 'removal') {
    if (change.decidedOn !== null) return { kind: 'conflict' };
    return { kind: 'removed', ...(await completeRemoval(keeper, current, current.pendingChange)) };
  }
  const before = await settledMember(keeper, change);
  if (!isAsDecided(before, change)) return { kind: 'conflict' };
  if (before?.role === undefined) return { kind: 'no_member' };
  const { keys, event } = change;
  const { actor, sourceAddress } = event;
  const pendingChange = { ...markOf(change, copies), kind: 'removal', keys, actor, sourceAddress } as const;
  const next = { ...before, version: before.version + 1, pendingRole: 'none', pendingChange } as const;
  const begun = await begin(tables, { change, before, next });
  if (begun !== 'begun') return { kind: begun };
  return { kind: 'removed', ...(await completeRemoval(keeper, next, pendingChange)) };
}

/** A member is at the version that was looked at; so is one who is none, where it matters what became of them in between. */
function isAsDecided(item: MemberItem | undefined, { decidedOn, formerVersion }: MemberChange): boolean {
  const isSameFormer = formerVersion === undefined || formerVersion === (item?.version ?? 0);
  return toMember(item)?.version === decidedOn?.version && isSameFormer;
}

function markOf({ changeId, now }: MemberChange, copies: RoleCopies) {
  return { id: changeId, since: now, copies };
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
    putEvent(tables, event),
  ];
  const failed = await failedConditions(tables.client, TransactItems);
  if (failed.length === 0) return 'begun';
  // It is the last owner who was to be lowered, whatever has become of whoever asked for it.
  return gained < 0 && failed.includes(1) && !failed.includes(0) ? 'last_owner' : 'conflict';
}
