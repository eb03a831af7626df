import { randomBytes } from 'node:crypto';
import { PutItemCommand } from '@aws-sdk/client-dynamodb';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { MANAGEMENT_KEY, MANAGEMENT_KEY_FORMAT } from '../../../../core/credential/credential-type.ts';
import { generateKey, startOf } from '../../../../core/credential/key-text.ts';
import { digestOf } from '../../../../core/credential/secret.ts';
import { verify } from '../../../../core/verification/verify.ts';
import {
  issueManagementKey,
  listManagementKeys,
  managementSecrets,
  revokeManagementKey,
  writeManagementSecret,
} from '../../../../stores/dynamodb/keys/management-key-store.ts';
import { secretKey } from '../../../../stores/dynamodb/secrets/secret-key.ts';
import { dynamoVerificationStore } from '../../../../stores/dynamodb/secrets/verification-store.ts';
import { managementKeyKey } from '../../../../stores/dynamodb/table/tables.ts';
import { mortalProcess } from '../faults.ts';
import { toItem } from '../items.ts';
import { createTables, type TestTables } from '../tables.ts';
import { CLAIM, dump, NOW, newEvent, newId, partition } from './keys.ts';

let tables: TestTables;
beforeAll(async () => {
  tables = await createTables();
});
afterAll(() => tables.release());

function drawn() {
  const text = generateKey(MANAGEMENT_KEY_FORMAT, randomBytes);
  const start = startOf(MANAGEMENT_KEY_FORMAT, text);
  return { text, start, secret: { locator: digestOf(text), start, secretHash: null } };
}

async function issueOne() {
  const { text, start, secret } = drawn();
  const key = { id: newId('key'), name: 'terraform', start, createdAt: NOW, revokedAt: null };
  const event = newEvent('management_key.issued', 'OPERATOR', key.id);
  await issueManagementKey(tables, key, secret, event);
  return { text, key };
}

const revocationOf = (id: string, at = NOW) => ({
  ...newEvent('management_key.revoked', 'OPERATOR', id),
  at,
});

async function outcomeOf(text: string) {
  const store = dynamoVerificationStore(tables);
  const managementKeys = dynamoVerificationStore(managementSecrets(tables));
  return verify({ credentials: [MANAGEMENT_KEY], store, managementKeys, tracking: 'stamp' }, text, CLAIM);
}

async function eventsOf(id: string) {
  const events = await partition(tables, tables.events, 'WS#OPERATOR');
  return events.filter(({ keyId }) => keyId === id).map(({ type }) => type);
}

test('a management key speaks for the operator, in no workspace, with all scopes', async () => {
  const { text, key } = await issueOne();
  expect(await outcomeOf(text)).toMatchObject({
    kind: 'allow',
    principal: { kind: 'management_key', credentialId: key.id, workspace: null, user: null, scopes: 'all' },
  });
});

test('issued management keys are listed as they were issued, with nothing of how they are stored', async () => {
  const { key } = await issueOne();
  expect((await listManagementKeys(tables)).filter(({ id }) => id === key.id)).toEqual([key]);
});

test('a revoked management key is refused on the very next request and listed as revoked', async () => {
  const { text, key } = await issueOne();
  expect(await revokeManagementKey(tables, key.id, revocationOf(key.id))).toBe(true);
  expect(await outcomeOf(text)).toMatchObject({ kind: 'refuse', code: 'revoked' });
  expect((await listManagementKeys(tables)).find(({ id }) => id === key.id)?.revokedAt).toBe(NOW);
});

test('revoking again, or at the same time, is written down once and keeps the first time', async () => {
  const { key } = await issueOne();
  await Promise.all(
    [1, 2, 3, 4].map(() => revokeManagementKey(tables, key.id, revocationOf(key.id, NOW + 1))),
  );
  expect(await revokeManagementKey(tables, key.id, revocationOf(key.id, NOW + 9))).toBe(true);
  expect((await listManagementKeys(tables)).find(({ id }) => id === key.id)?.revokedAt).toBe(NOW + 1);
  expect(await eventsOf(key.id)).toEqual(['management_key.issued', 'management_key.revoked']);
});

test('a revocation that dies at any store operation is finished by revoking again', async () => {
  const mortal = mortalProcess(tables);
  for (let at = 1; ; at += 1) {
    const { text, key } = await issueOne();
    mortal.live({ at, moment: at % 2 === 0 ? 'after' : 'before' });
    await revokeManagementKey(mortal.tables, key.id, revocationOf(key.id)).catch(() => undefined);
    if (!mortal.isDead()) {
      expect(at).toBe(4);
      return;
    }
    await revokeManagementKey(tables, key.id, revocationOf(key.id));
    expect(await outcomeOf(text)).toMatchObject({ code: 'revoked' });
    expect(await eventsOf(key.id)).toEqual(['management_key.issued', 'management_key.revoked']);
  }
});

test('a management key that does not exist cannot be revoked', async () => {
  expect(await revokeManagementKey(tables, 'key_none', revocationOf('key_none'))).toBe(false);
  expect(await eventsOf('key_none')).toEqual([]);
});

test('a management key stands in a table of its own: in no other is there anything of it but its events', async () => {
  const { key } = await issueOne();
  const locator = digestOf((await issueOne()).text);
  for (const table of [tables.records, tables.secrets]) expect(await dump(tables, table)).toEqual([]);
  const own = await dump(tables, tables.managementKeys);
  expect(own).toContainEqual(expect.objectContaining({ ...managementKeyKey(key.id), name: 'terraform' }));
  expect(own).toContainEqual(expect.objectContaining({ ...secretKey(locator), kind: 'management_key' }));
});

test('what anybody writes among other secrets is no management key, and cannot bring a revoked one back', async () => {
  const { text, key } = await issueOne();
  await revokeManagementKey(tables, key.id, revocationOf(key.id));
  const unknown = generateKey(MANAGEMENT_KEY_FORMAT, randomBytes);
  for (const forged of [text, unknown]) {
    const Item = writeManagementSecret(key.id, { locator: digestOf(forged), secretHash: null });
    await tables.client.send(new PutItemCommand({ TableName: tables.secrets, Item }));
  }
  expect(await outcomeOf(text)).toMatchObject({ kind: 'refuse', code: 'revoked' });
  expect(await outcomeOf(unknown)).toEqual({ kind: 'refuse', code: 'unknown' });
});

test('all management keys are listed and can be revoked, though they take more than one page of the store', async () => {
  const first = await issueOne();
  // A page is 1 MB.
  const padding = 'x'.repeat(300_000);
  for (const number of [1, 2, 3, 4, 5]) {
    const id = `key_9padding${number}`;
    const record = {
      id,
      name: 'padded',
      start: 'kwm_',
      createdAt: NOW,
      revokedAt: null,
      locator: id,
      padding,
    };
    const Item = toItem({ ...managementKeyKey(id), ...record });
    await tables.client.send(new PutItemCommand({ TableName: tables.managementKeys, Item }));
  }
  const last = { ...first.key, id: 'key_9zlast' };
  const { text, secret } = drawn();
  await issueManagementKey(tables, last, secret, newEvent('management_key.issued', 'OPERATOR', last.id));
  const listed = (await listManagementKeys(tables)).map(({ id }) => id);
  expect(listed).toEqual(expect.arrayContaining([first.key.id, 'key_9padding1', 'key_9padding5', last.id]));
  expect(new Set(listed).size).toBe(listed.length);
  expect(await revokeManagementKey(tables, last.id, revocationOf(last.id))).toBe(true);
  expect(await outcomeOf(text)).toMatchObject({ code: 'revoked' });
});
