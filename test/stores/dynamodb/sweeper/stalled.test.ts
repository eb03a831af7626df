import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { finishKeyChange } from '../../../../stores/dynamodb/keys/key-finish.ts';
import type { KeyRecord } from '../../../../stores/dynamodb/keys/key-item.ts';
import { readRecord } from '../../../../stores/dynamodb/keys/key-read.ts';
import { sweepPendingChanges } from '../../../../stores/dynamodb/sweeper/sweep.ts';
import { keyKey } from '../../../../stores/dynamodb/table/tables.ts';
import { mortalProcess } from '../faults.ts';
import { expectAgreement, powerOf } from '../keys/agreement.ts';
import {
  anUpdate,
  aRevocation,
  aRotation,
  FIELDS,
  finisherAt,
  issued,
  keyStoreOf,
  NOW,
  newKey,
  outcomeOf,
  partition,
  settledKey,
} from '../keys/keys.ts';
import { createTables, type TestTables } from '../tables.ts';

/**
 * Lambda may freeze a process in the middle of a change and thaw it long after others have finished that change and made newer
 * ones. The thawed process must not bring the old state back.
 */
let tables: TestTables;
beforeAll(async () => {
  tables = await createTables();
});
afterAll(() => tables.release());

const LATER = NOW + 120;

/** Begins a change and freezes right after its intent was stored. @returns `thaw`, which goes on with the change. */
async function frozenAfterMark(
  begin: (store: TestTables) => Promise<unknown>,
  key: { workspace: string; id: string },
) {
  const frozen = mortalProcess(tables);
  frozen.live({ at: 2, moment: 'after' });
  await begin({ ...tables, ...frozen.tables }).catch(() => undefined);
  const record = await readRecord(tables, key);
  const change = record?.pendingChange;
  if (!record || !change) throw new Error('The change was not begun.');
  const thaw = async () => {
    const { kind } = await finishKeyChange(tables, record, change);
    return kind;
  };
  return { record: record as KeyRecord, thaw };
}

async function current(key: { workspace: string; id: string }) {
  const found = await settledKey(tables, key, LATER);
  if (found === undefined) throw new Error('The key is gone.');
  return found;
}

test('a thawed update does not bring back the rights that a later update took away', async () => {
  const { text, key } = await issued(tables);
  const update = anUpdate(key, { scopes: 'all' });
  const { thaw } = await frozenAfterMark((store) => keyStoreOf(store).update(update), key);
  await keyStoreOf(tables).update(anUpdate(await current(key), { scopes: ['read'] }));
  expect(await thaw()).toBe('superseded');
  expect((await powerOf(tables, text))?.scopes).toEqual(['read']);
  await expectAgreement(tables, key, [text], LATER);
});

test('a thawed update does not free the slot that a later update holds', async () => {
  const { text, key } = await issued(tables, { maxActiveKeys: 1 });
  const update = anUpdate(key, { expiresAt: NOW + 500 });
  const { thaw } = await frozenAfterMark((store) => keyStoreOf(store).update(update), key);
  await keyStoreOf(tables).update(anUpdate(await current(key), { expiresAt: null }));
  expect(await thaw()).toBe('superseded');
  await expectAgreement(tables, key, [text], LATER);
  const { workspace } = key;
  const another = newKey({ workspace, maxActiveKeys: 1, createdAt: NOW + 501 });
  expect(await keyStoreOf(tables).issue(another.key)).toEqual({ kind: 'limit_reached' });
});

test('a thawed update does not bring a revoked key back', async () => {
  const { text, key } = await issued(tables, { maxActiveKeys: 3 });
  const update = anUpdate(key, { scopes: 'all' });
  const { thaw } = await frozenAfterMark((store) => keyStoreOf(store).update(update), key);
  await keyStoreOf(tables).revoke(aRevocation(key));
  expect(await thaw()).toBe('superseded');
  expect(await outcomeOf(tables, text)).toBe('revoked');
  await expectAgreement(tables, key, [text], LATER);
});

test('a thawed rotation that was undone leaves the old secret in force and the new one revoked', async () => {
  const { text, key } = await issued(tables, { fields: { ...FIELDS, expiresAt: NOW + 900 } });
  const { text: newText, rotation } = aRotation(key, 0);
  const { thaw } = await frozenAfterMark((store) => keyStoreOf(store).rotate(rotation), key);
  await sweepPendingChanges(finisherAt(tables, LATER));
  expect(await thaw()).toBe('superseded');
  expect(await outcomeOf(tables, text)).toBe('allow');
  expect(await outcomeOf(tables, newText)).toBe('revoked');
  await expectAgreement(tables, key, [text, newText], LATER);
});

test('a thawed revocation does not free the slot that another key has taken over', async () => {
  const { key } = await issued(tables, { maxActiveKeys: 1 });
  const { thaw } = await frozenAfterMark((store) => keyStoreOf(store).revoke(aRevocation(key)), key);
  await keyStoreOf(tables).revoke(aRevocation(key));
  const { workspace } = key;
  const successor = await issued(tables, { workspace, maxActiveKeys: 1 });
  expect(await thaw()).toBe('superseded');
  await expectAgreement(tables, successor.key, [successor.text], LATER);
});

test('a revocation in the middle of an update ends the key, and nothing of the update stays pending', async () => {
  const { text, key } = await issued(tables, { maxActiveKeys: 3 });
  const { record } = await frozenAfterMark(
    (store) => keyStoreOf(store).update(anUpdate(key, { scopes: 'all' })),
    key,
  );
  expect(record.pendingChange?.kind).toBe('update');
  expect(await keyStoreOf(tables).revoke(aRevocation(key))).toMatchObject({ key: { revokedAt: NOW } });
  expect(await outcomeOf(tables, text)).toBe('revoked');
  expect(await sweepPendingChanges(finisherAt(tables, LATER))).toBe(0);
  await expectAgreement(tables, key, [text], LATER);
});

test('a revocation in the middle of a rotation also ends the new secret', async () => {
  const { text, key } = await issued(tables);
  const { text: newText, rotation } = aRotation(key, 600);
  await frozenAfterMark((store) => keyStoreOf(store).rotate(rotation), key);
  expect(await outcomeOf(tables, newText)).toBe('allow');
  await keyStoreOf(tables).revoke(aRevocation(key));
  expect(await outcomeOf(tables, text)).toBe('revoked');
  expect(await outcomeOf(tables, newText)).toBe('revoked');
  await expectAgreement(tables, key, [text, newText], LATER);
});

test('other changes are refused as conflicts while a change is pending', async () => {
  const { key } = await issued(tables);
  await frozenAfterMark((store) => keyStoreOf(store).update(anUpdate(key, { scopes: 'all' })), key);
  const [marked = {}] = await partition(tables, tables.records, keyKey(key.workspace, key.id).pk);
  expect(marked).toMatchObject({ pending: 'pending', pendingSince: NOW });
  const seen = { ...key, version: Number(marked.version) };
  expect(await keyStoreOf(tables).update(anUpdate(seen, { name: 'other' }))).toEqual({ kind: 'conflict' });
  expect(await keyStoreOf(tables).rotate(aRotation(seen, 0).rotation)).toEqual({ kind: 'conflict' });
});
