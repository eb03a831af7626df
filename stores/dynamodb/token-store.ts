import {
  ConditionalCheckFailedException,
  GetItemCommand,
  QueryCommand,
  TransactWriteItemsCommand,
  UpdateItemCommand,
} from '@aws-sdk/client-dynamodb';
import { unmarshall } from '@aws-sdk/util-dynamodb';
import type { PersonalAccessToken } from '../../core/personal-access-token.ts';
import type { SecretLocator } from '../../core/secret-locator.ts';
import type { TokenPage, TokenQuery, TokenRevocation, TokenStore } from '../../core/token-store.ts';
import { readItems } from './batch-read.ts';
import { contend, failedConditions, reading } from './contention.ts';
import { putEvent } from './event-item.ts';
import { toItem, toValues } from './key-item.ts';
import { type Tables, tokenKey, tokenSecretKey } from './tables.ts';
import { issueToken } from './token-issue.ts';
import { readToken, type TokenRecord, toPersonalAccessToken } from './token-item.ts';
import { readMemberships } from './token-memberships-read.ts';

/** How long a secret that can never work again is kept before DynamoDB may clean it up. Seconds. */
const KEPT_SECONDS = 30 * 86_400;

/** Personal access tokens on DynamoDB. */
export function dynamoTokenStore(tables: Tables): TokenStore {
  return {
    issue: (token) => issueToken(tables, token),
    list: (query) => listTokens(tables, query),
    revoke: (revocation) => revokeToken(tables, revocation),
  };
}

/** One strongly consistent query in the user's own partition, whose order is the tokens' age. */
async function listTokens(
  tables: Tables,
  { userId, limit, after }: TokenQuery,
): Promise<TokenPage | undefined> {
  const { pk, sk } = tokenKey(userId, '');
  const { Items = [], LastEvaluatedKey } = await reading(() =>
    tables.client.send(
      new QueryCommand({
        TableName: tables.records,
        KeyConditionExpression: 'pk = :pk AND begins_with(sk, :sk)',
        ExpressionAttributeValues: toValues({ ':pk': pk, ':sk': sk }),
        ScanIndexForward: false,
        ConsistentRead: true,
        Limit: limit,
        ExclusiveStartKey: after === undefined ? undefined : toItem(tokenKey(userId, after)),
      }),
    ),
  );
  const records = Items.map(readToken);
  if (records.length === 0 && after === undefined) {
    const { memberships } = await readMemberships(tables, userId);
    if (memberships.length === 0) return undefined;
  }
  const next = LastEvaluatedKey && records.at(-1)?.id;
  return { tokens: await withLastUse(tables, records), next: next ?? null };
}

/**
 * Ends the secret first, by a write of its own that no transaction can hold up: a crash in between leaves a token that is
 * refused everywhere and may be revoked again.
 */
async function revokeToken(
  tables: Tables,
  { userId, id, now, event }: TokenRevocation,
): Promise<PersonalAccessToken | undefined> {
  const record = await readRecord(tables, userId, id);
  if (record === undefined || record.revokedAt !== null) return record && presented(tables, record);
  await endSecret(tables, record.locator, now);
  // A condition that fails here means that another caller was faster: the token is revoked, and its event is written.
  const failed = await failedConditions(() =>
    tables.client.send(
      new TransactWriteItemsCommand({
        TransactItems: [
          {
            Update: {
              TableName: tables.records,
              Key: toItem(tokenKey(userId, id)),
              UpdateExpression: 'SET revokedAt = :now',
              ConditionExpression: 'revokedAt = :never',
              ExpressionAttributeValues: toValues({ ':now': now, ':never': null }),
            },
          },
          putEvent(tables, event),
        ],
      }),
    ),
  );
  if (failed.length === 0) return presented(tables, { ...record, revokedAt: now });
  const current = await readRecord(tables, userId, id);
  return current && presented(tables, current);
}

async function readRecord(
  { client, records }: Tables,
  userId: string,
  id: string,
): Promise<TokenRecord | undefined> {
  const Key = toItem(tokenKey(userId, id));
  const { Item } = await reading(() =>
    client.send(new GetItemCommand({ TableName: records, Key, ConsistentRead: true })),
  );
  return Item && readToken(Item);
}

async function endSecret({ client, secrets }: Tables, locator: SecretLocator, now: number): Promise<void> {
  try {
    await contend(() =>
      client.send(
        new UpdateItemCommand({
          TableName: secrets,
          Key: toItem(tokenSecretKey(locator)),
          UpdateExpression: 'SET secretState = :revoked, deleteAt = :deleteAt',
          ConditionExpression: 'attribute_exists(pk)',
          ExpressionAttributeValues: toValues({ ':revoked': 'revoked', ':deleteAt': now + KEPT_SECONDS }),
        }),
      ),
    );
  } catch (error) {
    // A secret that is gone works no more.
    if (!(error instanceof ConditionalCheckFailedException)) throw error;
  }
}

/** What was revoked is reported as revoked, though nobody could say when it was used last. */
async function presented(tables: Tables, record: TokenRecord): Promise<PersonalAccessToken> {
  const [token] = await withLastUse(tables, [record]).catch(() => []);
  return token ?? toPersonalAccessToken(record, null);
}

async function withLastUse(
  { client, secrets }: Tables,
  records: readonly TokenRecord[],
): Promise<PersonalAccessToken[]> {
  const items = await readItems(client, {
    table: secrets,
    keys: records.map(({ locator }) => tokenSecretKey(locator)),
    projection: 'pk, lastUsedAt',
  });
  const uses = new Map(items.map((item) => unmarshall(item)).map(({ pk, lastUsedAt }) => [pk, lastUsedAt]));
  return records.map((record) => toPersonalAccessToken(record, uses.get(record.locator) ?? null));
}
