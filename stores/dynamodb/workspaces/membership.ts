import { type RecordTable, userKey, userWorkspaceKey, workspaceKey } from '../table/tables.ts';
import type { TransactionItem } from '../table/transaction.ts';
import type { MemberAddress } from './member-item.ts';

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
