import type { KeyAddress } from '../../core/key-store.ts';
import { toItem, toValues } from './key-item.ts';
import { keyKey, type Tables } from './tables.ts';

/**
 * The part of a transaction that requires the calling key to be in force at this moment. The authorizer looked a while
 * ago: without this, a key could issue others after its revocation was answered, and whoever cleans up would miss them.
 */
export function callerInForce({ records }: Pick<Tables, 'records'>, { workspace, id }: KeyAddress) {
  return {
    ConditionCheck: {
      TableName: records,
      Key: toItem(keyKey(workspace, id)),
      ConditionExpression:
        'revokedAt = :never AND enabled = :enabled AND (attribute_not_exists(pending) OR pendingChange.kind <> :revoke)',
      ExpressionAttributeValues: toValues({ ':never': null, ':enabled': true, ':revoke': 'revoke' }),
    },
  };
}
