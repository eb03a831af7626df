import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { type PartitionQuery, queryAll, queryPage } from '../../../../stores/dynamodb/table/query-pages.ts';
import { dynamoTokenStore } from '../../../../stores/dynamodb/tokens/token-store.ts';
import { keyStoreOf, memberStoreOf, NOW, newSlug } from '../keys/keys.ts';
import { putRecords } from '../put-items.ts';
import { createTables, type TestTables } from '../tables.ts';
import { newToken } from '../tokens/tokens.ts';
import { issuedBy, putRole, workspaceOf } from '../workspaces/members.ts';

let tables: TestTables;
beforeAll(async () => {
  tables = await createTables();
});
afterAll(() => tables.release());

/** Ids as the store may hold them, from before there was a rule for ids: first and last characters of every order. */
const ODD = [
  '\u{10ffff}',
  '\u{10ffff}\u{10ffff}x',
  '\u{10fffd}',
  '\uffff',
  '\ue000',
  '\u0001',
  '~',
  '$',
  '#',
  'é',
  'e\u0301',
  'usr ',
  '漢字',
  '🔑',
  '\u200b',
];
const anyId = fc.oneof(
  fc.constantFrom(...ODD),
  fc.string({ unit: 'binary', minLength: 1, maxLength: 6 }),
  fc
    .tuple(fc.constantFrom('\u{10ffff}', '\uffff', 'a'), fc.string({ unit: 'binary', maxLength: 4 }))
    .map((parts) => parts.join('')),
);

const inUtf8 = (one: string, other: string) => Buffer.compare(Buffer.from(one), Buffer.from(other));

function write(pk: string, sortKeys: readonly string[]): Promise<void> {
  return putRecords(
    tables,
    sortKeys.map((sk) => ({ pk, sk })),
  );
}

async function pagedKeys(query: PartitionQuery, limit: number): Promise<string[]> {
  const found: string[] = [];
  let after: string | undefined;
  for (;;) {
    const { items, isLast } = await queryPage(tables.client, { ...query, limit, after });
    expect(items.length).toBeLessThanOrEqual(limit);
    found.push(...items.map(({ sk }) => String(sk)));
    if (isLast) return found;
    expect(items).toHaveLength(limit);
    after = found.at(-1);
  }
}

test('a list holds every item that begins alike, in order and once, whatever its characters and the size of its pages', async () => {
  // Neighbours on either side, and one at the very end of the range.
  const others = ['MEMBER', 'MEMBER!', 'MEMBER"~', 'MEMBER$', 'MEMBER$x', 'MEMBER%', 'N', 'KEY#1'];
  await fc.assert(
    fc.asyncProperty(
      fc.uniqueArray(anyId, { minLength: 1, maxLength: 12 }),
      fc.integer({ min: 2, max: 7 }),
      async (ids, limit) => {
        const pk = randomBytes(8).toString('hex');
        const sortKeys = ids.map((id) => `MEMBER#${id}`).sort(inUtf8);
        await write(pk, [...sortKeys, ...others]);
        const query = { table: tables.records, pk, prefix: 'MEMBER#' } as const;
        const backwards = sortKeys.toReversed();
        expect(await pagedKeys({ ...query, order: 'ascending' }, limit)).toEqual(sortKeys);
        expect(await pagedKeys({ ...query, order: 'descending' }, limit)).toEqual(backwards);
        const all: string[] = [];
        for await (const items of queryAll(tables.client, { ...query, order: 'descending' }))
          all.push(...items.map(({ sk }) => String(sk)));
        expect(all).toEqual(backwards);
      },
    ),
    { numRuns: 6 },
  );
});

test('a page goes on where it was left, though what it starts behind has gone', async () => {
  const pk = randomBytes(8).toString('hex');
  await write(pk, ['KEY#a', 'KEY#c', 'KEY#d']);
  const query = { table: tables.records, pk, prefix: 'KEY#', limit: 2, after: 'KEY#e' } as const;
  const keysOf = async (order: 'ascending' | 'descending', after: string) => {
    const { items, isLast } = await queryPage(tables.client, { ...query, order, after });
    return [...items.map(({ sk }) => sk), isLast];
  };
  expect(await keysOf('descending', 'KEY#e')).toEqual(['KEY#d', 'KEY#c', false]);
  expect(await keysOf('descending', 'KEY#b')).toEqual(['KEY#a', true]);
  expect(await keysOf('ascending', 'KEY#b')).toEqual(['KEY#c', 'KEY#d', true]);
});

test('members, their keys and their tokens are listed and reached whatever their ids are', async () => {
  const slug = await workspaceOf(tables, '\u{10ffff}owner', newSlug());
  for (const userId of ODD)
    await putRole(tables, { slug, userId, role: 'admin', copies: ['keys', 'tokens'] });
  const listed: string[] = [];
  let after: string | null = null;
  do {
    const page = await memberStoreOf(tables).list({
      workspace: slug,
      limit: 4,
      ...(after !== null && { after }),
    });
    listed.push(...page.members.map(({ userId }) => userId));
    after = page.next;
  } while (after !== null);
  expect(listed).toEqual([...ODD, '\u{10ffff}owner'].sort(inUtf8));
  for (const userId of ODD.slice(0, 5)) {
    const { key } = await issuedBy(tables, { slug, userId });
    const { token, asked } = newToken(userId);
    expect(await dynamoTokenStore(tables).issue(asked)).toEqual({ kind: 'issued' });
    const own = await keyStoreOf(tables).list({ workspace: slug, createdBy: userId, limit: 9, now: NOW });
    expect(own.keys.map(({ id }) => id)).toEqual([key.id]);
    expect(await dynamoTokenStore(tables).list({ userId, limit: 9, now: NOW })).toMatchObject({
      tokens: [{ id: token.id }],
    });
    await putRole(tables, { slug, userId, role: 'member', copies: ['keys', 'tokens'] });
    const [lowered] = (
      await keyStoreOf(tables).list({ workspace: slug, createdBy: userId, limit: 1, now: NOW })
    ).keys;
    expect(lowered?.role).toBe('member');
  }
});
