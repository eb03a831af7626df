import { unmarshall } from '@aws-sdk/util-dynamodb';
import { lowerRole, type Role } from '../../../core/access/role.ts';
import type { StoredChange } from '../audit/event-item.ts';
import { toItem } from '../keys/key-item.ts';
import { memberKey, userKey, userWorkspaceKey } from '../table/tables.ts';
import { afterwards, copiedRole, type MemberAddress, type MemberItem } from '../workspaces/member-item.ts';
import type { Item } from './backup.ts';
import type { CopiedRecords } from './copied-records.ts';
import { type EventsSinceBackup, isSince, nameOf, roleAfter, versionAfter } from './events-since-backup.ts';

/** Members as they may be put back: no more than they were in the copy, and no more than the log says. Nothing is pending. */
export interface RestoredMembers {
  /** Members, users, and what users are in. */
  readonly items: readonly Item[];
  /** Those who are something else than in the copy, or than they were just before: the log has to say so. */
  readonly changed: readonly ChangedMember[];
  /** How many owners a workspace has. */
  countOwners(slug: string): number;
  /** What a credential of somebody may act as. */
  standingOf(address: MemberAddress): Standing;
  /** Whether a key that was issued in somebody's name has ended with them. @param memberVersion which they had then. */
  endedKeys(address: MemberAddress, memberVersion: number): boolean;
}

export interface ChangedMember {
  readonly member: MemberItem;
  /** In the copy. */
  readonly copied: Role | 'none';
}

export interface Standing {
  readonly role: Role | 'none';
  /** Of the membership; 0 where there has never been one. */
  readonly version: number;
}

/** @param now Unix seconds. */
export function restoreMembers(
  records: CopiedRecords,
  events: EventsSinceBackup,
  now: number,
): RestoredMembers {
  const members = new Map<string, MemberItem>();
  const changed: ChangedMember[] = [];
  const removals = new Map<string, number>();
  const changedUsers = new Map<string, number>();
  const addresses = new Map(
    [...events.members, ...[...records.members.values()].map(({ value }) => value)].map((address) => [
      nameOf(address),
      address,
    ]),
  );
  for (const [name, address] of addresses) {
    const copied = records.members.get(name)?.value;
    const workspace = records.workspaces.get(address.workspace)?.value;
    const missing = events
      .changesOfMember(address, copied?.version ?? 0)
      .filter(isSince(workspace?.createdAt ?? 0));
    if (copied === undefined && missing.length === 0) continue;
    const member = restoreMember(copied ?? { ...newcomer(address), createdAt: now }, missing, now);
    // Of a workspace that the copy does not know nothing is put back.
    if (workspace !== undefined) members.set(name, member);
    removals.set(name, lastRemovalOfKeys(copied, missing));
    changedUsers.set(member.userId, (changedUsers.get(member.userId) ?? 0) + missing.length);
    const before = copied === undefined ? 'none' : copiedRole(copied);
    const last = missing.at(-1);
    const live = last === undefined ? before : roleAfter(last);
    const role = copiedRole(member);
    if (role !== before || role !== live) changed.push({ member, copied: before });
  }
  const all = [...members.values()];
  return {
    items: [...all.map(writeMember), ...restoreUsers(records, changedUsers), ...restoreUserWorkspaces(all)],
    changed,
    countOwners: (slug) => all.filter(({ workspace, role }) => workspace === slug && role === 'owner').length,
    standingOf(address) {
      const member = members.get(nameOf(address));
      return member === undefined
        ? { role: 'none', version: 0 }
        : { role: copiedRole(member), version: member.version };
    },
    endedKeys: (address, memberVersion) => memberVersion < (removals.get(nameOf(address)) ?? 0),
  };
}

/** Somebody whom the copy does not know. They are no member; what is left of them keeps older invitations from letting them in. */
const newcomer = ({ workspace, userId }: MemberAddress) => ({ workspace, userId, version: 0 });

function restoreMember(copied: MemberItem, missing: readonly StoredChange[], now: number): MemberItem {
  const { pendingChange } = copied;
  const settled = pendingChange === undefined ? copied : afterwards(copied, pendingChange);
  const last = missing.at(-1);
  if (last === undefined) return settled;
  const role = lowest(copiedRole(copied), roleAfter(last));
  const { role: _, removedAt, ...rest } = settled;
  const version = versionAfter(copied.version, missing);
  return role === 'none' ? { ...rest, version, removedAt: now } : { ...rest, version, role };
}

function lowest(one: Role | 'none', other: Role | 'none'): Role | 'none' {
  return one === 'none' || other === 'none' ? 'none' : lowerRole(one, other);
}

/** The version of the last removal that ends keys; 0 for none. It may be the one that the copy has half done. */
function lastRemovalOfKeys(copied: MemberItem | undefined, missing: readonly StoredChange[]): number {
  const change = copied?.pendingChange;
  const pending = change?.kind === 'removal' && change.keys === 'revoke' ? (copied?.version ?? 0) : 0;
  return Math.max(pending, ...missing.map(({ effect }) => (effect?.keys === 'revoke' ? effect.version : 0)));
}

function writeMember(member: MemberItem): Item {
  return toItem({ ...member, ...memberKey(member.workspace, member.userId) });
}

/** Whoever issues for all workspaces of a user requires the version of what they had read: none of before may hold. */
function restoreUsers(records: CopiedRecords, changed: ReadonlyMap<string, number>): Item[] {
  const ids = new Set([...records.users.keys(), ...changed.keys()]);
  return [...ids].flatMap((id) => {
    const item = records.users.get(id);
    const changes = changed.get(id) ?? 0;
    if (changes === 0) return item ?? [];
    const user = item === undefined ? { ...userKey(id), version: 0 } : unmarshall(item);
    return [toItem({ ...user, version: Number(user.version) + changes + 1 })];
  });
}

/** Written anew, since a copy may have read them at another moment than the members. */
function restoreUserWorkspaces(members: readonly MemberItem[]): Item[] {
  return members.flatMap(({ role, workspace, userId }) =>
    role === undefined ? [] : [toItem({ ...userWorkspaceKey(userId, workspace), workspace, userId })],
  );
}
