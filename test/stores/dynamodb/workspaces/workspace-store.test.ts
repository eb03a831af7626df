import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { dump, NOW, newEvent, newSlug, partition, workspaceStoreOf } from '../keys/keys.ts';
import { createTables, type TestTables } from '../tables.ts';

let tables: TestTables;
beforeAll(async () => {
  tables = await createTables();
});
afterAll(() => tables.release());

const workspaceNamed = (slug: string, name = 'Acme') => ({
  slug,
  name,
  plan: 'free',
  createdAt: NOW,
  version: 1,
});
const create = (slug: string, owner: string, name?: string) =>
  workspaceStoreOf(tables).create({
    workspace: workspaceNamed(slug, name),
    ownerId: owner,
    event: newEvent('workspace.created', slug, null),
  });

test('a new workspace is there at once, and its owner is the user whom the operator named', async () => {
  const slug = newSlug();
  expect(await create(slug, 'usr_1')).toEqual({ kind: 'created' });
  const store = workspaceStoreOf(tables);
  expect(await store.get(slug)).toEqual(workspaceNamed(slug));
  const owner = { workspace: slug, userId: 'usr_1', role: 'owner', createdAt: NOW, version: 1 };
  expect(await store.getMember(slug, 'usr_1')).toEqual(owner);
  expect(await partition(tables, tables.events, `WS#${slug}`)).toMatchObject([{ type: 'workspace.created' }]);
});

test('a slug is given out once, and the second request for it changes nothing', async () => {
  const slug = newSlug();
  await create(slug, 'usr_1');
  expect(await create(slug, 'usr_2', 'Usurper')).toEqual({ kind: 'slug_taken' });
  const store = workspaceStoreOf(tables);
  expect(await store.get(slug)).toMatchObject({ name: 'Acme' });
  expect(await store.getMember(slug, 'usr_2')).toBeUndefined();
  expect(await partition(tables, tables.events, `WS#${slug}`)).toHaveLength(1);
});

test('of twenty requests for one slug at the same time, one gets it', async () => {
  const slug = newSlug();
  const outcomes = await Promise.all(Array.from({ length: 20 }, (_, index) => create(slug, `usr_${index}`)));
  expect(outcomes.filter((outcome) => outcome.kind === 'created')).toHaveLength(1);
  const members = (await dump(tables, tables.records)).filter(
    ({ pk, sk }) => pk === `WS#${slug}` && sk !== 'WORKSPACE',
  );
  expect(members).toHaveLength(1);
});

test('a workspace that does not exist is not found', async () => {
  const store = workspaceStoreOf(tables);
  expect(await store.get('nowhere')).toBeUndefined();
  expect(await store.getMember('nowhere', 'usr_1')).toBeUndefined();
});
