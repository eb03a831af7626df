import { DeleteItemCommand } from '@aws-sdk/client-dynamodb';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { KeyToImport } from '../../../../core/management/key-import.ts';
import { dynamoKeyImportStore } from '../../../../stores/dynamodb/keys/key-import.ts';
import { secretKey, wireKey } from '../../../../stores/dynamodb/secrets/secret-key.ts';
import { createTables, type TestTables } from '../tables.ts';
import { aRotation, keyStoreOf, keyToImport, NOW, newSlug } from './keys.ts';

let tables: TestTables;
beforeAll(async () => {
  tables = await createTables();
});
afterAll(() => tables.release());

const importKeys = (keys: readonly KeyToImport[]) => dynamoKeyImportStore(tables).importKeys(keys, 'make');

test('a secret that a rotation has ended is told as ended from that moment on', async () => {
  const { key } = keyToImport();
  await importKeys([key]);
  const imported = await keyStoreOf(tables).get(key);
  if (imported === undefined) throw new Error('The key was not imported.');
  await keyStoreOf(tables).rotate(aRotation(imported, 60).rotation);
  const { id } = key;
  expect(await importKeys([{ ...key, now: NOW + 59 }])).toEqual([{ kind: 'present', id }]);
  expect(await importKeys([{ ...key, now: NOW + 60 }])).toEqual([{ kind: 'ended', id }]);
});

test('a row whose key has lost its secret ends alone, and the keys beside it are imported', async () => {
  const workspace = newSlug();
  const { key: lost } = keyToImport({ workspace });
  await importKeys([lost]);
  const { secret } = lost;
  if (secret.kind !== 'by_digest') throw new Error('This key is found by its digest.');
  const Key = wireKey(secretKey(secret.locator));
  await tables.client.send(new DeleteItemCommand({ TableName: tables.secrets, Key }));
  const others = Array.from({ length: 5 }, () => keyToImport({ workspace }).key);
  const outcomes = await importKeys([...others, lost]);
  expect(outcomes).toEqual([
    ...others.map(({ id }) => ({ kind: 'imported', id })),
    { kind: 'ended', id: lost.id },
  ]);
});
