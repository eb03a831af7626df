import { type AttributeValue, GetItemCommand } from '@aws-sdk/client-dynamodb';
import { unmarshall } from '@aws-sdk/util-dynamodb';
import { lowerRole, type Role } from '../../../core/access/role.ts';
import type { AuditEvent } from '../../../core/audit/audit-event.ts';
import type { RoleCopies } from '../../../core/management/member-store.ts';
import type { Member } from '../../../core/management/workspace-store.ts';
import { pendingMark, toItem, toValues } from '../keys/key-item.ts';
import { reading } from '../table/contention.ts';
import type { Progress } from '../table/propagation.ts';
import { memberKey, type Tables } from '../table/tables.ts';

/** A member as stored. Who was removed leaves a tombstone, so that the versions of a membership never start again. */
export interface MemberItem {
  readonly workspace: string;
  readonly userId: string;
  readonly createdAt: number;
  readonly version: number;
  /** Absent once they were removed. */
  readonly role?: Role | undefined;
  /** What they are being lowered to. */
  readonly pendingRole?: Role | 'none' | undefined;
  /** Unix seconds. */
  readonly removedAt?: number | undefined;
  /** What has yet to reach the copies of the role; absent once all have it. */
  readonly pendingChange?: PendingMembership | undefined;
}

/** It holds all that finishing it needs, since whoever finishes it may not be who began it. */
export type PendingMembership = {
  readonly id: string;
  /** Unix seconds. */
  readonly since: number;
  readonly copies: RoleCopies;
  /** Absent before the first turn is stored. */
  readonly progress?: Progress | undefined;
} & ({ readonly kind: 'role' } | ({ readonly kind: 'removal' } & Removal));

export interface Removal {
  readonly keys: 'revoke' | 'keep';
  /** Who removed the member, and with that ends their keys. */
  readonly actor: AuditEvent['actor'];
  readonly sourceAddress: string | null;
}

export interface MemberAddress {
  readonly workspace: string;
  readonly userId: string;
}

export async function readMemberItem(
  { client, records }: Pick<Tables, 'client' | 'records'>,
  { workspace, userId }: MemberAddress,
): Promise<MemberItem | undefined> {
  const Key = toItem(memberKey(workspace, userId));
  const { Item } = await reading(() =>
    client.send(new GetItemCommand({ TableName: records, Key, ConsistentRead: true })),
  );
  return Item && toMemberItem(Item);
}

/** Without the mark of a pending change, which is written anew with each item: an item that kept it would stay pending. */
export function toMemberItem(item: Record<string, AttributeValue>): MemberItem {
  const { pk, sk, pending, pendingSince, ...member } = unmarshall(item);
  return member as MemberItem;
}

/** @returns `undefined` for one who was removed, or is being removed: they are no member from that moment on. */
export function toMember(item: MemberItem | undefined): Member | undefined {
  if (item?.role === undefined || item.pendingRole === 'none') return undefined;
  const { workspace, userId, role, pendingRole, createdAt, version } = item;
  return { workspace, userId, role, ...(pendingRole && { pendingRole }), createdAt, version };
}

/** When they were removed, or began to be; `null` for one who was not. */
export function removalOf(item: MemberItem | undefined): number | null {
  if (item?.pendingRole === 'none') return item.pendingChange?.since ?? null;
  return item?.role === undefined ? (item?.removedAt ?? null) : null;
}

/** The role that every copy has to carry; `none` for one who is no member. */
export function copiedRole({ role, pendingRole = role }: MemberItem): Role | 'none' {
  if (role === undefined || pendingRole === undefined || pendingRole === 'none') return 'none';
  return lowerRole(role, pendingRole);
}

/**
 * The part of a transaction that writes a member who was `before`; `undefined` for one who has never been any. A change that
 * is under way may be replaced: the new one reaches every credential that the old one would have reached.
 */
export function putMemberItem(
  { records }: Pick<Tables, 'records'>,
  next: MemberItem,
  before: MemberItem | undefined,
) {
  return {
    Put: {
      TableName: records,
      Item: writeMember(next),
      ...(before === undefined
        ? { ConditionExpression: 'attribute_not_exists(pk)' }
        : {
            ConditionExpression: 'version = :version',
            ExpressionAttributeValues: toValues({ ':version': before.version }),
          }),
    },
  };
}

/** The write that ends the pending change of a member, if it is the pending one still. */
export function finishedMember(
  { records }: Pick<Tables, 'records'>,
  item: MemberItem,
  change: PendingMembership,
) {
  return {
    TableName: records,
    Item: writeMember(afterwards(item, change)),
    ConditionExpression: 'pendingChange.id = :id',
    ExpressionAttributeValues: toValues({ ':id': change.id }),
  };
}

/** The member once every copy of the role has been reached. */
export function afterwards(item: MemberItem, change: PendingMembership): MemberItem {
  const { pendingChange, pendingRole, role, ...rest } = item;
  const finalRole = copiedRole(item);
  return finalRole === 'none' ? { ...rest, removedAt: change.since } : { ...rest, role: finalRole };
}

function writeMember(item: MemberItem): Record<string, AttributeValue> {
  const key = memberKey(item.workspace, item.userId);
  return toItem({ ...item, ...key, ...pendingMark(item.pendingChange ?? null) });
}
