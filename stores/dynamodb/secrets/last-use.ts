import {
  ConditionalCheckFailedException,
  type DynamoDBClient,
  UpdateItemCommand,
} from '@aws-sdk/client-dynamodb';
import { asUnavailable } from '../table/contention.ts';

interface UsedItem {
  readonly table: string;
  readonly key: { readonly pk: string; readonly sk: string };
}

/**
 * Notes when a secret was last used.
 * @param now Unix seconds.
 */
export async function noteUse(client: DynamoDBClient, { table, key }: UsedItem, now: number): Promise<void> {
  try {
    await client.send(
      new UpdateItemCommand({
        TableName: table,
        Key: { pk: { S: key.pk }, sk: { S: key.sk } },
        UpdateExpression: 'SET lastUsedAt = :now',
        // An update creates what it does not find: a secret that was cleaned up must not come back as a stub.
        ConditionExpression:
          'attribute_exists(pk) AND (attribute_not_exists(lastUsedAt) OR lastUsedAt < :now)',
        ExpressionAttributeValues: { ':now': { N: String(now) } },
      }),
    );
  } catch (error) {
    // Gone, or stamped later by another caller: there is nothing to note.
    if (!(error instanceof ConditionalCheckFailedException))
      throw asUnavailable(error, 'The store did not note a use.');
  }
}
