import type { CallerInForce } from '../../../core/management/key-store.ts';
import { keyKey, memberKey, type RecordTable, workspaceKey } from '../table/tables.ts';
import type { TransactionItem } from '../table/transaction.ts';

/**
 * The part of a transaction that requires the caller to be in force at this moment. The authorizer looked a while ago. Without
 * this check, a key could issue others after its revocation was answered, and they would be missed by those who clean up.
 * @param caller `null` for a management key: nothing is required.
 */
export function requireCallerInForce(
  tables: Pick<RecordTable, 'records'>,
  caller: CallerInForce | null,
): TransactionItem | null {
  if (caller === null) return null;
  if (caller.kind === 'member') return requireMemberUnchanged(tables, caller);
  const { workspace, id } = caller.address;
  return {
    ConditionCheck: {
      TableName: tables.records,
      Key: keyKey(workspace, id),
      ConditionExpression:
        'revokedAt = :never AND enabled = :enabled AND (attribute_not_exists(pending) OR pendingChange.kind <> :revoke)',
      ExpressionAttributeValues: { ':never': null, ':enabled': true, ':revoke': 'revoke' },
    },
  };
}

/** The part of a transaction that requires a member to be what they were when the change was decided. */
export function requireMemberUnchanged(
  { records }: Pick<RecordTable, 'records'>,
  member: { readonly workspace: string; readonly userId: string; readonly version: number },
): TransactionItem {
  return {
    ConditionCheck: {
      TableName: records,
      Key: memberKey(member.workspace, member.userId),
      ConditionExpression: 'version = :version',
      ExpressionAttributeValues: { ':version': member.version },
    },
  };
}

/** The part of a transaction that requires a workspace and its plan to be what they were when the change was decided. */
export function requireWorkspaceUnchanged(
  { records }: Pick<RecordTable, 'records'>,
  workspace: { readonly slug: string; readonly version: number },
): TransactionItem {
  return {
    ConditionCheck: {
      TableName: records,
      Key: workspaceKey(workspace.slug),
      ConditionExpression: 'version = :version',
      ExpressionAttributeValues: { ':version': workspace.version },
    },
  };
}
