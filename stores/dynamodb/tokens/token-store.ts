import { DeleteCommand } from '@aws-sdk/lib-dynamodb';
import { type PersonalAccessToken, tokenStatusOf } from '../../../core/credential/credential.ts';
import type {
  ListTokensOutcome,
  RevokeTokenOutcome,
  TokenQuery,
  TokenRevocation,
  TokenStore,
} from '../../../core/management/token-store.ts';
import { putEventPart } from '../audit/event-store.ts';
import { slotDeletion } from '../keys/active-key-slots.ts';
import { numberOf } from '../secrets/secret-item.ts';
import { tokenSecretKey } from '../secrets/secret-key.ts';
import { readItems } from '../table/batches.ts';
import { writeIfPossible } from '../table/contention.ts';
import { documentClient, readDocument } from '../table/documents.ts';
import { fillPage } from '../table/query-pages.ts';
import { type Tables, tokenKey, userSlotKey } from '../table/tables.ts';
import { transact, writeOnceBegun } from '../table/transaction.ts';
import { issueToken, readMemberships } from './token-issue.ts';
import { readToken, type TokenRecord, toPersonalAccessToken } from './token-item.ts';
import { endMemberships, revokeTokenSecret } from './token-memberships.ts';

/** Personal access tokens on DynamoDB. */
export function dynamoTokenStore(tables: Tables): TokenStore {
  return {
    issue: (token) => issueToken(tables, token),
    list: (query) => listTokens(tables, query),
    revoke: (revocation) => revokeToken(tables, revocation),
  };
}

/** Lists tokens by age, by a strongly consistent query in the user's own partition. */
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
 * Ends the secret first, by a write of its own that no transaction can hold up. A crash after it leaves a token that is refused
 * everywhere and can be revoked again. At last, the items that say what it was in each workspace end. Revoking it again makes
 * up for that as well.
 */
async function revokeToken(
  tables: Tables,
  { userId, id, now, event }: TokenRevocation,
): Promise<RevokeTokenOutcome> {
  const record = await readRecord(tables, userId, id);
  if (record === undefined) return { kind: 'not_found' };
  const revoked =
    record.revokedAt === null ? await revokeTokenAsOperator(tables, record, { now, event }) : record;
  if (revoked === undefined) return { kind: 'not_found' };
  await endMemberships(tables, record.locator, revoked.revokedAt ?? now);
  return { kind: 'revoked', token: await presented(tables, revoked) };
}

/** @returns the revoked record. */
async function revokeTokenAsOperator(
  tables: Tables,
  record: TokenRecord,
  { now, event }: Pick<TokenRevocation, 'now' | 'event'>,
): Promise<TokenRecord | undefined> {
  const { userId, id } = record;
  const status = tokenStatusOf(record, now);
  await revokeTokenSecret(tables, record.locator, now);
  await freeTokenSlot(tables, record);
  const failed = await writeOnceBegun(() =>
    transact(tables.client, {
      record: {
        Update: {
          TableName: tables.records,
          Key: tokenKey(userId, id),
          UpdateExpression: 'SET revokedAt = :now',
          ConditionExpression: 'revokedAt = :never',
          ExpressionAttributeValues: { ':now': now, ':never': null },
        },
      },
      event: putEventPart(tables, { ...event, before: { status }, after: { status: 'revoked' } }),
    }),
  );
  // A part fails where another caller was faster: the token is revoked, and its event is written.
  return failed.size === 0 ? { ...record, revokedAt: now } : readRecord(tables, userId, id);
}

/** Frees the slot once the secret has ended. Skips a slot that another token took after this one expired. */
async function freeTokenSlot(tables: Tables, { userId, id, slot }: TokenRecord): Promise<void> {
  if (slot === undefined) return;
  const command = new DeleteCommand(slotDeletion(tables, userSlotKey(userId, slot), id));
  await writeIfPossible(() => documentClient(tables.client).send(command));
}

async function readRecord(
  { client, records }: Tables,
  userId: string,
  id: string,
): Promise<TokenRecord | undefined> {
  const item = await readDocument(client, records, tokenKey(userId, id));
  return item && readToken(item);
}

/** A revoked token is reported as revoked, even if the time of its last use cannot be read. */
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
  const uses = new Map(items.map(({ pk, lastUsedAt }) => [pk?.S, numberOf(lastUsedAt)]));
  return records.map((record) => toPersonalAccessToken(record, uses.get(record.locator) ?? null));
}
