import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import type { QueryCommandInput } from '@aws-sdk/lib-dynamodb';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { fillPage, MOST_LOOKED_AT } from '../../../../stores/dynamodb/table/query-pages.ts';
import { dynamoTokenStore } from '../../../../stores/dynamodb/tokens/token-store.ts';
import { answeringClient } from '../faults.ts';
import { aRevocation, issued, keyStoreOf, memberStoreOf, NOW, newId, newSlug } from '../keys/keys.ts';
import { putRecords } from '../put-items.ts';
import { createTables, type TestTables } from '../tables.ts';
import { newToken } from '../tokens/tokens.ts';
import { putRole, remove, workspaceOf, workspaceWith } from '../workspaces/members.ts';

let tables: TestTables;
beforeAll(async () => {
  tables = await createTables();
});
afterAll(() => tables.release());

/** A partition of numbered items. @returns its key. */
async function numbered(count: number): Promise<string> {
  const pk = newId('chg');
  const records = Array.from({ length: count }, (_, at) => ({
    pk,
    sk: `I#${String(at).padStart(6, '0')}`,
    at,
  }));
  await putRecords(tables, records);
  return pk;
}

/** As {@link numbered}, answered without a store. */
function numberedInMemory(count: number): DynamoDBClient {
  const items = Array.from({ length: count }, (_, at) => ({ sk: `I#${String(at).padStart(6, '0')}`, at }));
  return answeringClient((input) => {
    const { ExpressionAttributeValues: range = {}, Limit } = input as Partial<QueryCommandInput>;
    const within = items.filter(({ sk }) => sk >= range[':first'] && sk <= range[':last']);
    const Items = within.slice(0, Limit);
    return { Items, LastEvaluatedKey: Items.length < within.length ? Items.at(-1) : undefined };
  });
}

/** All pages of the numbers that are wanted. */
async function pagesOf(
  client: DynamoDBClient,
  pk: string,
  { limit, isWanted }: { readonly limit: number; readonly isWanted: (at: number) => boolean },
) {
  const pages: number[][] = [];
  let after: string | undefined;
  for (;;) {
    const query = { table: tables.records, pk, prefix: 'I#', order: 'ascending', limit, after } as const;
    const { found, next } = await fillPage(client, query, (items) =>
      items.map(({ at }) => (isWanted(Number(at)) ? Number(at) : undefined)),
    );
    pages.push([...found]);
    if (next === null) return pages;
    after = next;
  }
}

test('every page is full but the last, which is not empty, and together they hold what is wanted, once', async () => {
  const pk = await numbered(180);
  await fc.assert(
    fc.asyncProperty(
      fc.integer({ min: 1, max: 100 }),
      fc.uniqueArray(fc.integer({ min: 0, max: 179 }), { maxLength: 60 }),
      async (limit, wanted) => {
        const pages = await pagesOf(tables.client, pk, { limit, isWanted: (at) => wanted.includes(at) });
        expect(pages.flat()).toEqual([...wanted].sort((one, other) => one - other));
        for (const page of pages.slice(0, -1)) expect(page).toHaveLength(limit);
        if (pages.length > 1) expect(pages.at(-1)).not.toHaveLength(0);
      },
    ),
    { numRuns: 10, seed: 7 },
  );
});

test('filling a page looks at a bounded number of items, and the next page goes on behind them', async () => {
  const looked: number[] = [];
  const isWanted = (at: number) => {
    looked.push(at);
    return at === MOST_LOOKED_AT + 600;
  };
  const client = numberedInMemory(MOST_LOOKED_AT + 700);
  expect(await pagesOf(client, 'any', { limit: 10, isWanted })).toEqual([[], [MOST_LOOKED_AT + 600]]);
  expect(new Set(looked).size).toBe(MOST_LOOKED_AT + 700);
});

test('the two revoked keys among twelve are the first page of revoked keys, and the only one', async () => {
  const workspace = newSlug();
  const keys = [];
  for (let count = 0; count < 12; count += 1) keys.push((await issued(tables, { workspace })).key);
  const [first, last] = [keys[1], keys[10]];
  if (first === undefined || last === undefined) throw new Error('There are no such keys.');
  for (const key of [first, last]) await keyStoreOf(tables).revoke(aRevocation(key));
  const page = await keyStoreOf(tables).list({ workspace, status: 'revoked', limit: 2, now: NOW });
  expect(page).toMatchObject({ keys: [{ id: last.id }, { id: first.id }], next: null });
});

test('a page of members is full though others before them were removed', async () => {
  const slug = await workspaceWith(tables);
  for (let at = 0; at < 6; at += 1) {
    const userId = `a_${String(at).padStart(2, '0')}`;
    await putRole(tables, { slug, userId, role: 'member' });
    if (at < 4) await remove(tables, { slug, userId });
  }
  const page = await memberStoreOf(tables).list({ workspace: slug, limit: 2 });
  expect(page.members.map(({ userId }) => userId)).toEqual(['a_04', 'a_05']);
  expect(await memberStoreOf(tables).list({ workspace: slug, limit: 2, after: 'a_05' })).toMatchObject({
    members: [{ userId: 'usr_owner' }],
    next: null,
  });
});

test('a page of tokens by their status is full though newer ones have another', async () => {
  const userId = newId('usr');
  await workspaceOf(tables, userId);
  const store = dynamoTokenStore(tables);
  const ids: string[] = [];
  for (let count = 0; count < 6; count += 1) {
    const { asked } = newToken(userId);
    expect(await store.issue(asked)).toEqual({ kind: 'issued' });
    ids.push(asked.token.id);
  }
  for (const id of ids.slice(2)) {
    const { key: _, ...event } = { key: id, ...newToken(userId).asked.event };
    await store.revoke({ userId, id, now: NOW, event });
  }
  const page = await store.list({ userId, status: 'active', limit: 2, now: NOW });
  expect(page).toMatchObject({ tokens: [{ id: ids[1] }, { id: ids[0] }], next: null });
});
