import { ConditionalCheckFailedException, UpdateItemCommand } from '@aws-sdk/client-dynamodb';
import type { TokenSource } from '../../core/stored-token.ts';
import { readItems } from './batch-read.ts';
import { toItem } from './key-item.ts';
import { type Tables, tokenSecretKey, tokenWorkspaceKey } from './tables.ts';
import { readTokenSecret } from './token-secret-item.ts';

/** Verification of tokens on DynamoDB: one strongly consistent batch of at most two items. */
export function dynamoTokenSource({ client, secrets }: Pick<Tables, 'client' | 'secrets'>): TokenSource {
  return {
    async find(locator, slug) {
      const tokenKey = tokenSecretKey(locator);
      const workspaceKeys = slug === null ? [] : [tokenWorkspaceKey(locator, slug)];
      const items = await readItems(client, { table: secrets, keys: [tokenKey, ...workspaceKeys] });
      const token = items.find(({ sk }) => sk?.S === tokenKey.sk);
      const workspace = items.find((item) => item !== token);
      return token && readTokenSecret(token, workspace);
    },

    async stamp(locator, now) {
      try {
        await client.send(
          new UpdateItemCommand({
            TableName: secrets,
            Key: toItem(tokenSecretKey(locator)),
            UpdateExpression: 'SET lastUsedAt = :now',
            // An update creates what it does not find: a token that was cleaned up must not come back as a stub.
            ConditionExpression:
              'attribute_exists(pk) AND (attribute_not_exists(lastUsedAt) OR lastUsedAt < :now)',
            ExpressionAttributeValues: { ':now': { N: String(now) } },
          }),
        );
      } catch (error) {
        // Gone, or stamped later by another caller: there is nothing to note.
        if (!(error instanceof ConditionalCheckFailedException)) throw error;
      }
    },
  };
}
