import { lowerRole, type Role } from '../../../core/access/role.ts';
import type { StoredChange } from '../audit/event-store.ts';
import type { Document } from '../table/documents.ts';
import { memberKey, userKey, userWorkspaceKey } from '../table/tables.ts';
import { copiedRole, type MemberAddress, type MemberItem, settledMember } from '../workspaces/member-item.ts';
import type { CopiedRecords } from './copied-records.ts';
import { type EventsSinceBackup, isSince, nameOf, roleAfter, versionAfter } from './events-since-backup.ts';

/** Members as they may be put back: each with the lower of the role in the backup and the role in the log. No change is pending. */
export interface RestoredMembers {
  /** The items of members and of users. */
  readonly items: readonly Document[];
  /** Members whose role differs from that in the backup, or from their last role. The log has to be told. */
  readonly changed: readonly ChangedMember[];
  /** How many owners a workspace has. */
  countOwners(slug: string): number;
  /** The role that a credential of the member may act with. */
  standingOf(address: MemberAddress): Standing;
  /**
   * Whether a removal of the member has ended a key.
   * @param memberVersion the member's version when the key was issued.
   */
  hasEndedKey(address: MemberAddress, memberVersion: number): boolean;
}

export interface ChangedMember {
  readonly member: MemberItem;
  /** The role in the backup. */
  readonly copied: Role | 'none';
}

export interface Standing {
  readonly role: Role | 'none';
  /** Of the membership; 0 where there has never been one. */
  readonly version: number;
}

/** Computes the members to put back. Writes nothing. @param now Unix seconds. */
export function restoreMembers(
  records: CopiedRecords,
  events: EventsSinceBackup,
  now: number,
): RestoredMembers {
  const members = new Map<string, MemberItem>();
  const changed: ChangedMember[] = [];
  const removals = new Map<string, number>();
  const changesOfUsers = new Map<string, number>();
  for (const [name, address] of findAddresses(records, events)) {
    const copied = records.members.get(name)?.value;
    const workspace = records.workspaces.get(address.workspace)?.value;
    const missing = events
      .changesOfMember(address, copied?.version ?? 0)
      .filter(isSince(workspace?.createdAt ?? 0));
    if (copied === undefined && missing.length === 0) continue;
    const member = restoreMember(copied ?? newcomer(address, now), missing, now);
    // A workspace that the backup does not hold gets no members.
    if (workspace !== undefined) members.set(name, member);
    removals.set(name, findLastRemovalOfKeys(copied, missing));
    changesOfUsers.set(member.userId, (changesOfUsers.get(member.userId) ?? 0) + missing.length);
    const before = copied === undefined ? 'none' : copiedRole(copied);
    const last = missing.at(-1);
    const live = last === undefined ? before : roleAfter(last);
    const role = copiedRole(member);
    if (role !== before || role !== live) changed.push({ member, copied: before });
  }
  const all = [...members.values()];
  return {
    items: [
      ...all.map((member) => ({ ...member, ...memberKey(member.workspace, member.userId) })),
      ...restoreUsers(records, changesOfUsers),
      ...listUserWorkspaces(all),
    ],
    changed,
    countOwners: (slug) => all.filter(({ workspace, role }) => workspace === slug && role === 'owner').length,
    standingOf(address) {
      const member = members.get(nameOf(address));
      return member === undefined
        ? { role: 'none', version: 0 }
        : { role: copiedRole(member), version: member.version };
    },
    hasEndedKey: (address, memberVersion) => memberVersion < (removals.get(nameOf(address)) ?? 0),
  };
}

/** Everyone whom the backup or the log knows as a member. */
function findAddresses(records: CopiedRecords, events: EventsSinceBackup): Map<string, MemberAddress> {
  const copied = [...records.members.values()].map(({ value }) => value);
  return new Map([...events.members, ...copied].map((address) => [nameOf(address), address]));
}

/** A user whom the backup does not know. They become no member, but their item keeps older invitations from letting them in. */
function newcomer({ workspace, userId }: MemberAddress, now: number): MemberItem {
  return { workspace, userId, version: 0, createdAt: now };
}

function restoreMember(copied: MemberItem, missing: readonly StoredChange[], now: number): MemberItem {
  const { pendingChange } = copied;
  const settled = pendingChange === undefined ? copied : settledMember(copied, pendingChange);
  const last = missing.at(-1);
  if (last === undefined) return settled;
  const role = lowerOf(copiedRole(copied), roleAfter(last));
  const { role: _, removedAt, name, ...rest } = settled;
  const version = versionAfter(copied.version, missing);
  return role === 'none' ? { ...rest, version, removedAt: now } : { ...rest, version, name, role };
}

function lowerOf(one: Role | 'none', other: Role | 'none'): Role | 'none' {
  return one === 'none' || other === 'none' ? 'none' : lowerRole(one, other);
}

/** @returns the version of the last removal that ended keys, 0 for none. It may be half done in the backup. */
function findLastRemovalOfKeys(copied: MemberItem | undefined, missing: readonly StoredChange[]): number {
  const change = copied?.pendingChange;
  const pending = change?.kind === 'removal' && change.keys === 'revoke' ? (copied?.version ?? 0) : 0;
  return Math.max(pending, ...missing.map(({ effect }) => (effect?.keys === 'revoke' ? effect.version : 0)));
}

/**
 * Bumps the version of every user whose memberships the restore changes. A caller who read the old memberships can then no
 * longer issue a token on them.
 */
function restoreUsers(records: CopiedRecords, changes: ReadonlyMap<string, number>): Document[] {
  const ids = new Set([...records.users.keys(), ...changes.keys()]);
  return [...ids].flatMap((id) => {
    const item = records.users.get(id);
    const count = changes.get(id) ?? 0;
    if (count === 0) return item === undefined ? [] : [item];
    const user = item ?? { ...userKey(id), version: 0 };
    return [{ ...user, version: Number(user.version) + count + 1 }];
  });
}

/** Lists each user's workspaces anew: the backup may have read them at another moment than the members. */
function listUserWorkspaces(members: readonly MemberItem[]): Document[] {
  return members.flatMap(({ role, workspace, userId }) =>
    role === undefined ? [] : [{ ...userWorkspaceKey(userId, workspace), workspace, userId }],
  );
}
