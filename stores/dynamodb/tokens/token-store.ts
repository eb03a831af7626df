import { DeleteItemCommand, GetItemCommand, type TransactWriteItem } from '@aws-sdk/client-dynamodb';
import { unmarshall } from '@aws-sdk/util-dynamodb';
import { type PersonalAccessToken, tokenStatusOf } from '../../../core/credential/personal-access-token.ts';
import type {
  ListTokensOutcome,
  RevokeTokenOutcome,
  TokenQuery,
  TokenRevocation,
  TokenStore,
} from '../../../core/management/token-store.ts';
import { putEvent } from '../audit/event-item.ts';
import { freeSlot } from '../keys/active-key-slots.ts';
import { toItem, toValues } from '../keys/key-item.ts';
import { endSecret } from '../keys/key-secrets.ts';
import { readItems } from '../table/batch-read.ts';
import { failedConditions, onceBegun, reading, unlessRefused } from '../table/contention.ts';
import { fillPage } from '../table/filled-page.ts';
import { type Tables, tokenKey, tokenSecretKey, userPlaceKey } from '../table/tables.ts';
import { issueToken } from './token-issue.ts';
import { readToken, type TokenRecord, toPersonalAccessToken } from './token-item.ts';
import { endMemberships } from './token-memberships.ts';
import { readMemberships } from './token-memberships-read.ts';

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
  { userId, limit, after, status, now }: TokenQuery,
): Promise<ListTokensOutcome> {
  const { client, records: table } = tables;
  const { pk, sk: prefix } = tokenKey(userId, '');
  let isAny = false;
  const query = { table, pk, prefix, order: 'descending', limit, after } as const;
  const { found, next } = await fillPage(client, query, (items) => {
    isAny ||= items.length > 0;
    return items.map((item) => {
      const record = readToken(item);
      return status === undefined || tokenStatusOf(record, now) === status ? record : undefined;
    });
  });
  if (!isAny && after === undefined) {
    const { memberships } = await readMemberships(tables, userId);
    if (memberships.length === 0) return { kind: 'unknown_user' };
  }
  return { kind: 'listed', tokens: await withLastUse(tables, found), next };
}

/**
 * Ends the secret first, by a write of its own that no transaction can hold up: a crash in between leaves a token that is
 * refused everywhere and may be revoked again. At last what it was in each workspace may be cleaned up; revoking it again
 * makes up for that as well.
 */
async function revokeToken(
  tables: Tables,
  { userId, id, now, event }: TokenRevocation,
): Promise<RevokeTokenOutcome> {
  const record = await readRecord(tables, userId, id);
  if (record === undefined) return { kind: 'not_found' };
  const revoked = record.revokedAt === null ? await endToken(tables, record, { now, event }) : record;
  if (revoked === undefined) return { kind: 'not_found' };
  await endMemberships(tables, record.locator, revoked.revokedAt ?? now);
  return { kind: 'revoked', token: await presented(tables, revoked) };
}

/** @returns the record as it is then. */
async function endToken(
  tables: Tables,
  record: TokenRecord,
  { now, event }: Pick<TokenRevocation, 'now' | 'event'>,
): Promise<TokenRecord | undefined> {
  const { userId, id } = record;
  const status = tokenStatusOf(record, now);
  await endSecret(tables, tokenSecretKey(record.locator), now);
  await freeTokenSlot(tables, record);
  const noted: TransactWriteItem[] = [
    {
      Update: {
        TableName: tables.records,
        Key: toItem(tokenKey(userId, id)),
        UpdateExpression: 'SET revokedAt = :now',
        ConditionExpression: 'revokedAt = :never',
        ExpressionAttributeValues: toValues({ ':now': now, ':never': null }),
      },
    },
    putEvent(tables, { ...event, before: { status }, after: { status: 'revoked' } }),
  ];
  const failed = await onceBegun(() => failedConditions(tables.client, noted));
  // A condition that fails here means that another caller was faster: the token is revoked, and its event is written.
  return failed.length === 0 ? { ...record, revokedAt: now } : readRecord(tables, userId, id);
}

/** Freed only once the secret has ended; another token may have taken the slot of an expired one over. */
async function freeTokenSlot(tables: Tables, { userId, id, place }: TokenRecord): Promise<void> {
  if (place === undefined) return;
  const slot = freeSlot(tables, userPlaceKey(userId, place), id);
  await unlessRefused(() => tables.client.send(new DeleteItemCommand(slot)));
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
