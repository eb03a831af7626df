import * as v from 'valibot';
import { lowerRole, ROLES, type Role } from '../../../core/access/role.ts';
import { ACTOR_KINDS, type AuditEvent } from '../../../core/audit/audit-event.ts';
import type { RoleCopies } from '../../../core/management/member-store.ts';
import type { Member } from '../../../core/management/workspace-store.ts';
import { type Document, parseItem, readDocument, storedRole, storedText } from '../table/documents.ts';
import { type Intent, pendingMark } from '../table/intent.ts';
import type { Progress } from '../table/propagation.ts';
import { storedProgress } from '../table/stored-progress.ts';
import { memberKey, type RecordTable, userKey, userWorkspaceKey, workspaceKey } from '../table/tables.ts';
import { putNewPart, type TransactionItem } from '../table/transaction.ts';

/** A member as stored. A removed member leaves a tombstone, so that the versions of a membership never start again. */
export interface MemberItem {
  readonly workspace: string;
  readonly userId: string;
  readonly createdAt: number;
  readonly version: number;
  /** Absent without one, and once they were removed. */
  readonly name?: string | undefined;
  /** Absent once they were removed. */
  readonly role?: Role | undefined;
  /** The role that they are being lowered to; `none` while they are being removed. */
  readonly pendingRole?: Role | 'none' | undefined;
  /** Unix seconds. */
  readonly removedAt?: number | undefined;
  /** The change that has not reached all copies of the role yet; absent once it has. */
  readonly pendingChange?: PendingMembership | undefined;
}

/** The intent of a change of a member. It holds all that another process needs to finish it. */
export type PendingMembership = RoleChange | Removal;

interface MemberIntent extends Intent {
  readonly copies: RoleCopies;
  /** Absent before the first turn is stored. */
  readonly progress?: Progress | undefined;
}

interface RoleChange extends MemberIntent {
  readonly kind: 'role';
}

export interface Removal extends MemberIntent {
  readonly kind: 'removal';
  readonly keys: 'revoke' | 'keep';
  /** Who removed the member, and so ends their keys. */
  readonly actor: AuditEvent['actor'];
  readonly sourceAddress: string | null;
}

export interface MemberAddress {
  readonly workspace: string;
  readonly userId: string;
}

const intent = {
  id: v.string(),
  since: v.number(),
  copies: v.array(v.picklist(['keys', 'tokens'])),
  progress: v.optional(storedProgress),
};

const memberItem = v.object({
  workspace: v.string(),
  userId: v.string(),
  createdAt: v.number(),
  version: v.number(),
  name: v.optional(v.string()),
  role: v.optional(storedRole),
  pendingRole: v.optional(v.picklist([...ROLES, 'none'])),
  removedAt: v.optional(v.number()),
  pendingChange: v.optional(
    v.variant('kind', [
      v.object({ ...intent, kind: v.literal('role') }),
      v.object({
        ...intent,
        kind: v.literal('removal'),
        keys: v.picklist(['revoke', 'keep']),
        actor: v.object({ kind: v.picklist(ACTOR_KINDS), credentialId: storedText, user: storedText }),
        sourceAddress: storedText,
      }),
    ]),
  ),
});

/** Without the mark of a pending change, which each write makes anew: an item that kept it would stay pending. */
export function toMemberItem(item: Document): MemberItem {
  return parseItem(memberItem, item, 'member');
}

export async function readMemberItem(
  { client, records }: RecordTable,
  { workspace, userId }: MemberAddress,
): Promise<MemberItem | undefined> {
  const item = await readDocument(client, records, memberKey(workspace, userId));
  return item && toMemberItem(item);
}

/** @returns `undefined` for a member who was removed, or is being removed: they are no member from that moment on. */
export function toMember(item: MemberItem | undefined): Member | undefined {
  if (item?.role === undefined || item.pendingRole === 'none') return undefined;
  const { workspace, userId, name, role, pendingRole, createdAt, version } = item;
  return {
    workspace,
    userId,
    ...(name !== undefined && { name }),
    role,
    ...(pendingRole !== undefined && { pendingRole }),
    createdAt,
    version,
  };
}

/** @returns when the member was removed, or the removal began, in Unix seconds; `null` for one who was not removed. */
export function removedAtOf(item: MemberItem | undefined): number | null {
  if (item?.pendingRole === 'none') return item.pendingChange?.since ?? null;
  return item?.role === undefined ? (item?.removedAt ?? null) : null;
}

/** The role that every copy has to carry; `none` for somebody who is not a member. */
export function copiedRole({ role, pendingRole = role }: MemberItem): Role | 'none' {
  if (role === undefined || pendingRole === undefined || pendingRole === 'none') return 'none';
  return lowerRole(role, pendingRole);
}

/**
 * The part of a transaction that writes a member. It may replace a change that is under way: the new change reaches every
 * credential that the old one would have reached.
 * @param before what the member was; `undefined` for one who has never been a member.
 */
export function putMemberPart(
  { records }: Pick<RecordTable, 'records'>,
  next: MemberItem,
  before: MemberItem | undefined,
): TransactionItem {
  const key = memberKey(next.workspace, next.userId);
  const item = { ...next, ...key, ...pendingMark(next.pendingChange) };
  if (before === undefined) return putNewPart(records, item);
  return {
    Put: { TableName: records, Item: item, ...requireUnchanged(before) },
  };
}

/**
 * The part of a transaction that names a member. It touches neither their version nor a change of their role that is under way.
 * A removal has given the item another version, so no name brings back somebody who was removed.
 * @param name `null` for none.
 */
export function nameMemberPart(
  { records }: Pick<RecordTable, 'records'>,
  before: Pick<MemberItem, 'workspace' | 'userId' | 'version' | 'name'>,
  name: string | null,
): TransactionItem {
  const { ExpressionAttributeNames, ExpressionAttributeValues, ConditionExpression } =
    requireUnchanged(before);
  return {
    Update: {
      TableName: records,
      Key: memberKey(before.workspace, before.userId),
      UpdateExpression: name === null ? 'REMOVE #name' : 'SET #name = :next',
      ConditionExpression,
      ExpressionAttributeNames,
      ExpressionAttributeValues: { ...ExpressionAttributeValues, ':next': name ?? undefined },
    },
  };
}

/** A name is compared by itself: it changes no version. */
function requireUnchanged({ version, name }: Pick<MemberItem, 'version' | 'name'>) {
  const sameName = name === undefined ? 'attribute_not_exists(#name)' : '#name = :name';
  return {
    ConditionExpression: `version = :version AND ${sameName}`,
    // DynamoDB reserves the word.
    ExpressionAttributeNames: { '#name': 'name' },
    ExpressionAttributeValues: { ':version': version, ':name': name },
  };
}

/** The member once every copy of the role has been reached. */
export function settledMember(item: MemberItem, change: PendingMembership): MemberItem {
  const { pendingChange, pendingRole, role, name, ...rest } = item;
  const finalRole = copiedRole(item);
  return finalRole === 'none' ? { ...rest, removedAt: change.since } : { ...rest, name, role: finalRole };
}

/** Parts of transactions that keep the rest in agreement with a membership that comes, changes or goes. */
export function enterWorkspacePart(
  { records }: Pick<RecordTable, 'records'>,
  { workspace, userId }: MemberAddress,
): TransactionItem {
  return {
    Put: { TableName: records, Item: { ...userWorkspaceKey(userId, workspace), workspace, userId } },
  };
}

export function leaveWorkspacePart(
  { records }: Pick<RecordTable, 'records'>,
  { workspace, userId }: MemberAddress,
): TransactionItem {
  return { Delete: { TableName: records, Key: userWorkspaceKey(userId, workspace) } };
}

/**
 * Bumps the version of the user. Issuing a token requires the version at which the memberships were read, so no change of a
 * membership slips in between.
 */
export function noteMembershipPart(
  { records }: Pick<RecordTable, 'records'>,
  userId: string,
): TransactionItem {
  return {
    Update: {
      TableName: records,
      Key: userKey(userId),
      UpdateExpression: 'ADD version :next',
      ExpressionAttributeValues: { ':next': 1 },
    },
  };
}

/**
 * Counts a workspace's owners.
 * @param gained 1 for a new owner, also where a restore has left none; -1 for one who goes, which requires another owner.
 */
export function countOwnersPart(
  { records }: Pick<RecordTable, 'records'>,
  slug: string,
  gained: number,
): TransactionItem {
  return {
    Update: {
      TableName: records,
      Key: workspaceKey(slug),
      UpdateExpression: 'ADD owners :gained',
      ConditionExpression: gained < 0 ? 'owners > :least' : 'owners >= :least',
      ExpressionAttributeValues: { ':gained': gained, ':least': gained < 0 ? 1 : 0 },
    },
  };
}
