import { PutItemCommand } from '@aws-sdk/client-dynamodb';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { KeyQuery } from '../../../../core/management/key-store.ts';
import { workspaceKey } from '../../../../stores/dynamodb/table/tables.ts';
import { itemsAbout, newNames, renamed } from '../copies.ts';
import { observedReads } from '../faults.ts';
import { toItem } from '../items.ts';
import { putItems } from '../put-items.ts';
import { createTables, type TestTables } from '../tables.ts';
import {
  anUpdate,
  aRevocation,
  aRotation,
  FIELDS,
  issued,
  keyStoreOf,
  NOW,
  newSlug,
  outcomeOf,
} from './keys.ts';

let tables: TestTables;
beforeAll(async () => {
  tables = await createTables();
});
afterAll(() => tables.release());

/** Follows a list to its end. */
async function wholeList(query: Partial<KeyQuery> & { workspace: string }) {
  const store = keyStoreOf(tables);
  const ids: string[] = [];
  let after: string | undefined;
  for (;;) {
    const page = await store.list({ limit: 3, now: NOW, ...query, ...(after !== undefined && { after }) });
    expect(page.keys.length).toBeLessThanOrEqual(query.limit ?? 3);
    ids.push(...page.keys.map(({ id }) => id));
    if (page.next === null) return ids;
    after = page.next;
  }
}

async function workspaceOf(count: number) {
  const workspace = newSlug();
  const ids: string[] = [];
  for (let index = 0; index < count; index += 1) ids.unshift((await issued(tables, { workspace })).key.id);
  return { workspace, ids };
}

test('pages of any size show every key once, newest first', async () => {
  const { workspace, ids } = await workspaceOf(7);
  // What else lies in the partition is no key.
  await tables.client.send(
    new PutItemCommand({
      TableName: tables.records,
      Item: toItem({ ...workspaceKey(workspace), name: 'x' }),
    }),
  );
  for (const limit of [1, 2, 3, 7, 100])
    expect([limit, await wholeList({ workspace, limit })]).toEqual([limit, ids]);
});

test('keys that are issued or revoked while somebody pages neither hide nor repeat others', async () => {
  const { workspace, ids } = await workspaceOf(6);
  const store = keyStoreOf(tables);
  const first = await store.list({ workspace, limit: 2, now: NOW });
  await issued(tables, { workspace });
  await store.revoke(aRevocation({ workspace, id: ids[1] ?? '' }));
  const rest = await store.list({ workspace, limit: 100, now: NOW, after: first.next ?? '' });
  expect([...first.keys, ...rest.keys].map(({ id }) => id)).toEqual(ids);
});

test('a list or get that follows a write sees it', async () => {
  const workspace = newSlug();
  for (let round = 0; round < 3; round += 1) {
    const { key } = await issued(tables, { workspace });
    const store = keyStoreOf(tables);
    expect((await store.list({ workspace, limit: 1, now: NOW })).keys).toEqual([key]);
    await store.update(anUpdate(key, { name: `round ${round}` }));
    expect((await store.get(key))?.name).toBe(`round ${round}`);
  }
});

test('a list by status holds the keys of that status and no other, over all pages', async () => {
  const workspace = newSlug();
  const store = keyStoreOf(tables);
  const ids: Record<string, string[]> = { active: [], disabled: [], expired: [], revoked: [] };
  for (let round = 0; round < 3; round += 1) {
    const active = await issued(tables, { workspace });
    const disabled = await issued(tables, { workspace, fields: { ...FIELDS, enabled: false } });
    const expired = await issued(tables, { workspace, fields: { ...FIELDS, expiresAt: NOW } });
    const revoked = await issued(tables, { workspace });
    await store.revoke(aRevocation(revoked.key));
    for (const [status, { key }] of Object.entries({ active, disabled, expired, revoked }))
      ids[status]?.unshift(key.id);
  }
  for (const status of ['active', 'disabled', 'expired', 'revoked'] as const) {
    expect(await wholeList({ workspace, limit: 2, status })).toEqual(ids[status]);
  }
});

test('the last use of a key comes from whichever of its secrets was used last, and outlives them', async () => {
  const { text, key } = await issued(tables);
  const store = keyStoreOf(tables);
  await outcomeOf(tables, text, { now: NOW + 100 }, 'stamp');
  expect((await store.get(key))?.lastUsedAt).toBe(NOW + 100);
  const used = await store.get(key);
  if (used === undefined) throw new Error('The key is gone.');
  const overlapping = aRotation(used, 600, NOW + 200);
  const rotated = await store.rotate(overlapping.rotation);
  expect((await store.get(key))?.lastUsedAt).toBe(NOW + 100);
  await outcomeOf(tables, text, { now: NOW + 300 }, 'stamp');
  await outcomeOf(tables, overlapping.text, { now: NOW + 250 }, 'stamp');
  const { keys } = await store.list({ workspace: key.workspace, limit: 10, now: NOW });
  expect(keys.map(({ lastUsedAt }) => lastUsedAt)).toEqual([NOW + 300]);
  if (rotated.kind !== 'changed') throw new Error('The key was not rotated.');
  const previousSecret = { endsAt: NOW + 800, replacedAt: NOW + 200, lastUsedAt: NOW + 300 };
  expect(keys).toMatchObject([{ previousSecret }]);
  const current = await store.get(key);
  if (current === undefined) throw new Error('The key is gone.');
  expect(current.previousSecret).toEqual(previousSecret);
  await store.rotate(aRotation(current, 0, NOW + 400).rotation);
  expect(await store.get(key)).toMatchObject({ lastUsedAt: NOW + 300, previousSecret: null });
});

test('a full page of keys that have two secrets each is answered whole', async () => {
  const { key, text } = await issued(tables);
  const { workspace } = key;
  await outcomeOf(tables, text, { now: NOW + 5 }, 'stamp');
  const { text: newText, rotation } = aRotation(key, 600);
  await keyStoreOf(tables).rotate(rotation);
  const items = (await itemsAbout(tables, [key.id])).filter(({ table }) => table !== tables.events);
  const names = { names: [key.id], texts: [text, newText] };
  const others = Array.from({ length: 59 }, () => renamed(items, newNames(names)));
  await putItems(tables, others.flat());
  const { keys, next } = await keyStoreOf(tables).list({ workspace, limit: 100, now: NOW });
  expect(next).toBeNull();
  expect(keys.map(({ lastUsedAt }) => lastUsedAt)).toEqual(Array(60).fill(NOW + 5));
});

test('every read that a verdict, a list or a change rests on is strongly consistent', async () => {
  const observed = observedReads(tables);
  const { text, key } = await issued(observed.tables, { maxActiveKeys: 3 });
  const store = keyStoreOf(observed.tables);
  for (const tracking of ['nothing', 'stamp', 'count'] as const)
    await outcomeOf(observed.tables, text, {}, tracking);
  await store.list({ workspace: key.workspace, limit: 10, now: NOW });
  const updated = await store.update(anUpdate(key, { name: 'new' }));
  if (updated.kind !== 'changed') throw new Error('The key was not changed.');
  await store.rotate(aRotation(updated.key, 600).rotation);
  await store.finishPendingChange(key);
  await store.revoke(aRevocation(key));
  // DynamoDB Local is always consistent, so only what was asked for can tell.
  expect(new Set(observed.reads.map(({ command }) => command))).toEqual(
    new Set(['GetItemCommand', 'QueryCommand', 'BatchGetItemCommand']),
  );
  expect(observed.reads.filter(({ isConsistent }) => !isConsistent)).toEqual([]);
});

test('a key of another workspace is not found', async () => {
  const { key } = await issued(tables);
  const stranger = { workspace: newSlug(), id: key.id };
  const store = keyStoreOf(tables);
  expect(await store.get(stranger)).toBeUndefined();
  expect(await store.finishPendingChange(stranger)).toEqual({ kind: 'not_found' });
  expect(await store.revoke(aRevocation(stranger))).toEqual({ kind: 'not_found' });
  expect((await store.list({ workspace: stranger.workspace, limit: 10, now: NOW })).keys).toEqual([]);
});
