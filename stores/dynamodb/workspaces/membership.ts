import { toItem, toValues } from '../keys/key-item.ts';
import { type Tables, userKey, userWorkspaceKey, workspaceKey } from '../table/tables.ts';
import type { MemberAddress } from './member-item.ts';

/** The parts of a transaction that keep the rest in agreement with a membership that comes, changes or goes. */
type RecordTable = Pick<Tables, 'records'>;

export function enterWorkspace({ records }: RecordTable, { workspace, userId }: MemberAddress) {
  return {
    Put: { TableName: records, Item: toItem({ ...userWorkspaceKey(userId, workspace), workspace, userId }) },
  };
}

export function leaveWorkspace({ records }: RecordTable, { workspace, userId }: MemberAddress) {
  return { Delete: { TableName: records, Key: toItem(userWorkspaceKey(userId, workspace)) } };
}

/**
 * Makes the user a version older. Whoever issues something for all workspaces of a user requires the version at which they
 * read the memberships, so that a change of a role cannot slip in between either.
 */
export function noteMembership({ records }: RecordTable, userId: string) {
  return {
    Update: {
      TableName: records,
      Key: toItem(userKey(userId)),
      UpdateExpression: 'ADD version :next',
      ExpressionAttributeValues: toValues({ ':next': 1 }),
    },
  };
}

/**
 * @param gained 1 for an owner who is made, also where a restore has left none; -1 for one who goes, which requires another.
 */
export function countOwners({ records }: RecordTable, slug: string, gained: number) {
  return {
    Update: {
      TableName: records,
      Key: toItem(workspaceKey(slug)),
      UpdateExpression: 'ADD owners :gained',
      ConditionExpression: gained < 0 ? 'owners > :least' : 'owners >= :least',
      ExpressionAttributeValues: toValues({ ':gained': gained, ':least': gained < 0 ? 1 : 0 }),
    },
  };
}
