import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { digestOf } from '../../core/digest.ts';
import { generateKey, startOf } from '../../core/key-text.ts';
import { MANAGEMENT_KEY, MANAGEMENT_KEY_FORMAT } from '../../core/management-key.ts';
import { verify } from '../../core/verification.ts';
import {
  issueManagementKey,
  listManagementKeys,
  revokeManagementKey,
} from '../../stores/dynamodb/management-key-store.ts';
import { dynamoVerificationStore } from '../../stores/dynamodb/verification-store.ts';
import { mortalProcess } from './faults.ts';
import { CLAIM, NOW, newEvent, newId, partition } from './keys.ts';
import { createTables, type TestTables } from './tables.ts';

let tables: TestTables;
beforeAll(async () => {
  tables = await createTables();
});
afterAll(() => tables.release());

async function issueOne() {
  const text = generateKey(MANAGEMENT_KEY_FORMAT, randomBytes);
  const start = startOf(MANAGEMENT_KEY_FORMAT, text);
  const key = { id: newId('key'), name: 'terraform', start, createdAt: NOW, revokedAt: null };
  const event = newEvent('management_key.issued', 'OPERATOR', key.id);
  await issueManagementKey(tables, key, { locator: digestOf(text), start, secretHash: null }, event);
  return { text, key };
}

const revocationOf = (id: string, at = NOW) => ({
  ...newEvent('management_key.revoked', 'OPERATOR', id),
  at,
});

async function outcomeOf(text: string) {
  const store = dynamoVerificationStore(tables);
  return verify({ credentials: [MANAGEMENT_KEY], store, tracking: 'stamp' }, text, CLAIM);
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
