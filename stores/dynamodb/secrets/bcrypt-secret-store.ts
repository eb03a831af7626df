import { QueryCommand } from '@aws-sdk/client-dynamodb';
import { slotLocator } from '../../../core/credential/secret.ts';
import type { BcryptSecretStore } from '../../../core/verification/verify-bcrypt.ts';
import { reading } from '../table/contention.ts';
import { placeOf, prefixKey, type Tables } from '../table/tables.ts';

/**
 * Finds the secrets that are kept as bcrypt, on DynamoDB. Their hashes leave the store for the comparison and for nothing
 * else; what a key may do is decided afterwards, on the state that is newest then.
 */
export function dynamoBcryptSecretStore({
  client,
  secrets,
}: Pick<Tables, 'client' | 'secrets'>): BcryptSecretStore {
  return {
    async findByPrefix(lookupPrefix) {
      const { Items = [] } = await reading(() =>
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
          : [{ locator: slotLocator(lookupPrefix, placeOf(sk?.S ?? '')), secretHash: secretHash.S }],
      );
    },
  };
}
