import { QueryCommand } from '@aws-sdk/client-dynamodb';
import type { SlowSecretStore } from '../../core/slow-verification.ts';
import { locatorOf, prefixKey, type Tables } from './tables.ts';

/**
 * Finds the secrets that are kept as bcrypt, on DynamoDB. Their hashes leave the store for the comparison and for nothing
 * else; what a key may do is decided afterwards, on the state that is newest then.
 */
export function dynamoSlowSecretStore({
  client,
  secrets,
}: Pick<Tables, 'client' | 'secrets'>): SlowSecretStore {
  return {
    async underPrefix(lookupPrefix) {
      const { Items = [] } = await client.send(
        new QueryCommand({
          TableName: secrets,
          KeyConditionExpression: 'pk = :prefix',
          ExpressionAttributeValues: { ':prefix': { S: prefixKey(lookupPrefix) } },
          ProjectionExpression: 'pk, sk, secretHash',
          ConsistentRead: true,
        }),
      );
      return Items.flatMap(({ pk, sk, secretHash }) =>
        secretHash?.S === undefined
          ? []
          : [{ locator: locatorOf({ pk: pk?.S ?? '', sk: sk?.S ?? '' }), secretHash: secretHash.S }],
      );
    },
  };
}
