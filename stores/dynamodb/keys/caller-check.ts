import type { CallerInForce } from '../../../core/management/key-store.ts';
import { keyKey, memberKey, type Tables, workspaceKey } from '../table/tables.ts';
import { toItem, toValues } from './key-item.ts';

/**
 * The part of a transaction that requires the caller to be in force at this moment. The authorizer looked a while ago:
 * without this, a key could issue others after its revocation was answered, and whoever cleans up would miss them.
 */
export function callerInForce(tables: Pick<Tables, 'records'>, caller: CallerInForce) {
  if (caller.kind === 'member') return memberUnchanged(tables, caller);
  const { workspace, id } = caller.address;
  return {
    ConditionCheck: {
      TableName: tables.records,
      Key: toItem(keyKey(workspace, id)),
      ConditionExpression:
        'revokedAt = :never AND enabled = :enabled AND (attribute_not_exists(pending) OR pendingChange.kind <> :revoke)',
      ExpressionAttributeValues: toValues({ ':never': null, ':enabled': true, ':revoke': 'revoke' }),
    },
  };
}

/** The part of a transaction that requires a member to be what they were when something was decided. */
export function memberUnchanged(
  { records }: Pick<Tables, 'records'>,
  member: { readonly workspace: string; readonly userId: string; readonly version: number },
) {
  return {
    ConditionCheck: {
      TableName: records,
      Key: toItem(memberKey(member.workspace, member.userId)),
      ConditionExpression: 'version = :version',
      ExpressionAttributeValues: toValues({ ':version': member.version }),
    },
  };
}

/** The part of a transaction that requires a workspace, and with it its plan, to be what it was when something was decided. */
export function workspaceUnchanged(
  { records }: Pick<Tables, 'records'>,
  workspace: { readonly slug: string; readonly version: number },
) {
  return {
    ConditionCheck: {
      TableName: records,
      Key: toItem(workspaceKey(workspace.slug)),
      ConditionExpression: 'version = :version',
      ExpressionAttributeValues: toValues({ ':version': workspace.version }),
    },
  };
}
