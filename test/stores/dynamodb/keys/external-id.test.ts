import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { finishKeyChange } from '../../../../stores/dynamodb/keys/key-finish.ts';
import { beginKeyChange, requireUndisturbed } from '../../../../stores/dynamodb/keys/key-intent.ts';
import { fieldsOf, type KeyRecord, type PendingChange } from '../../../../stores/dynamodb/keys/key-item.ts';
import { readRecord } from '../../../../stores/dynamodb/keys/key-read.ts';
import { externalIdKey } from '../../../../stores/dynamodb/table/tables.ts';
import { createTables, type TestTables } from '../tables.ts';
import { anUpdate, aRevocation, FIELDS, issued, keyStoreOf, NOW, newId, newSlug, partition } from './keys.ts';

let tables: TestTables;
beforeAll(async () => {
  tables = await createTables();
});
afterAll(() => tables.release());

const keyNamed = (externalId: string, workspace = newSlug()) =>
  issued(tables, { workspace, fields: { ...FIELDS, externalId } });

/** The ids of the keys that the entries of an external id name, whatever their records say. */
async function entriesOf(workspace: string, externalId: string): Promise<unknown[]> {
  const items = await partition(tables, tables.records, externalIdKey(workspace, externalId, '').pk);
  return items.map(({ keyId }) => keyId);
}

/** Stores the intent to change an external id, and does nothing more, as a crash would leave it. */
async function beginToName(record: KeyRecord, externalId: string | null) {
  const change: PendingChange = {
    kind: 'update',
    id: newId('chg'),
    since: NOW,
    fields: { ...fieldsOf(record), externalId },
    effectiveRateLimit: null,
    secrets: record.secrets,
    dropped: [],
  };
  const condition = requireUndisturbed(record);
  const begun = await beginKeyChange(tables, { record, change, condition, event: null, caller: null });
  if (begun.kind !== 'begun') throw new Error(`The change was not begun: ${begun.kind}.`);
  return { record: begun.record, change };
}

async function recordOf(address: { readonly workspace: string; readonly id: string }): Promise<KeyRecord> {
  const record = await readRecord(tables, address);
  if (record === undefined) throw new Error('The key is gone.');
  return record;
}

test('a list by external id reads the entries of that id, and none of the other keys of the workspace', async () => {
  const { key } = await keyNamed('customer-1');
  for (const other of ['customer-2', 'customer-1#KEY#', 'customer-1x']) await keyNamed(other, key.workspace);
  const list = await keyStoreOf(tables).list({
    workspace: key.workspace,
    externalId: 'customer-1',
    limit: 100,
    now: NOW,
  });
  expect(list).toEqual({ keys: [key], next: null });
  expect(await entriesOf(key.workspace, 'customer-1')).toEqual([key.id]);
});

test('an update moves the entry in the moment in which the record changes', async () => {
  const { key } = await keyNamed('old');
  const begun = await beginToName(await recordOf(key), 'new');
  expect(await entriesOf(key.workspace, 'old')).toEqual([key.id]);
  expect(await entriesOf(key.workspace, 'new')).toEqual([]);
  await finishKeyChange(tables, begun.record, begun.change);
  expect(await entriesOf(key.workspace, 'old')).toEqual([]);
  expect(await entriesOf(key.workspace, 'new')).toEqual([key.id]);
  expect(await keyStoreOf(tables).get(key)).toMatchObject({ externalId: 'new' });
});

test('a change that a crash left half done is finished with its entry', async () => {
  const { key } = await keyNamed('old');
  await beginToName(await recordOf(key), null);
  expect(await keyStoreOf(tables).finishPendingChange(key)).toMatchObject({ key: { externalId: null } });
  expect(await entriesOf(key.workspace, 'old')).toEqual([]);
});

test('a process that finishes a change too late takes no entry of a newer change away', async () => {
  const { key } = await keyNamed('old');
  const begun = await beginToName(await recordOf(key), 'new');
  const first = await keyStoreOf(tables).finishPendingChange(key);
  if (first.kind !== 'settled') throw new Error('The key is gone.');
  await keyStoreOf(tables).update(anUpdate(first.key, { externalId: 'old' }));
  expect(await finishKeyChange(tables, begun.record, begun.change)).toEqual({ kind: 'superseded' });
  expect(await entriesOf(key.workspace, 'old')).toEqual([key.id]);
  expect(await entriesOf(key.workspace, 'new')).toEqual([]);
});

test('a revocation that overtakes a change keeps the entry that the record has', async () => {
  const { key } = await keyNamed('old');
  const begun = await beginToName(await recordOf(key), 'new');
  await keyStoreOf(tables).revoke(aRevocation(key));
  await finishKeyChange(tables, begun.record, begun.change);
  expect(await recordOf(key)).toMatchObject({ externalId: 'old', revokedAt: NOW });
  expect(await entriesOf(key.workspace, 'old')).toEqual([key.id]);
  expect(await entriesOf(key.workspace, 'new')).toEqual([]);
});
