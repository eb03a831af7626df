import { QueryCommand } from '@aws-sdk/client-dynamodb';
import { slotLocator } from '../../../core/credential/secret.ts';
import type { BcryptSecretStore } from '../../../core/verification/verify-bcrypt.ts';
import { readOrUnavailable } from '../table/contention.ts';
import type { Tables } from '../table/tables.ts';
import { prefixKey, slotOf } from './secret-key.ts';

/**
 * Finds the secrets that are stored as bcrypt. Their hashes leave the store for the comparison and for nothing else. What a key
 * may do is decided afterwards, on its newest state.
 */
export function dynamoBcryptSecretStore({
  client,
  secrets,
}: Pick<Tables, 'client' | 'secrets'>): BcryptSecretStore {
  return {
    async findByPrefix(lookupPrefix) {
      const { Items = [] } = await readOrUnavailable(() =>
        client.send(
          new QueryCommand({
            TableName: secrets,
            KeyConditionExpression: 'pk = :prefix',
            ExpressionAttributeValues: { ':prefix': { S: prefixKey(lookupPrefix) } },
            ProjectionExpression: 'sk, secretHash',
            ConsistentRead: true,
          }),
        ),
      );
      return Items.flatMap(({ sk, secretHash }) =>
        secretHash?.S === undefined
          ? []
          : [{ locator: slotLocator(lookupPrefix, slotOf(sk?.S ?? '')), secretHash: secretHash.S }],
      );
    },
  };
}
