import { randomBytes } from 'node:crypto';
import { PutItemCommand } from '@aws-sdk/client-dynamodb';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { type KeyFormat, randomBase62 } from '../../../../core/credential/key-text.ts';
import {
  digestOf,
  lookupPrefixOf,
  type NewSecret,
  type SecretLocator,
  slotLocator,
} from '../../../../core/credential/secret.ts';
import type { Tracking } from '../../../../core/verification/last-use.ts';
import type { Claim } from '../../../../core/verification/verdict.ts';
import { verify } from '../../../../core/verification/verify.ts';
import type { BcryptCache } from '../../../../core/verification/verify-bcrypt.ts';
import { writeKey } from '../../../../stores/dynamodb/keys/key-item.ts';
import { readRecord } from '../../../../stores/dynamodb/keys/key-read.ts';
import { locatorOf, secretKey, slotOf } from '../../../../stores/dynamodb/secrets/secret-key.ts';
import {
  dynamoBcryptSecretStore,
  dynamoVerificationStore,
} from '../../../../stores/dynamodb/secrets/verification-store.ts';
import { sweepPendingChanges } from '../../../../stores/dynamodb/sweeper/sweep.ts';
import { type CountedHash, countedHash, emptyBcryptCache } from '../../../core/verification/fake-bcrypt.ts';
import { toItem } from '../items.ts';
import {
  anUpdate,
  aRevocation,
  aRotation,
  CLAIM,
  dump,
  FIELDS,
  finisherAt,
  issued,
  keyStoreOf,
  NOW,
  newKey,
} from '../keys/keys.ts';
import { createTables, type TestTables } from '../tables.ts';

const FORMAT: KeyFormat = { prefix: 'sk_test_', randomLength: 32, hasChecksum: false };

let tables: TestTables;
beforeAll(async () => {
  tables = await createTables();
});
afterAll(() => tables.release());

let bcrypt: CountedHash;
let cache: BcryptCache;
beforeEach(() => {
  bcrypt = countedHash(hashOf);
  cache = emptyBcryptCache();
});

const newPrefix = () => randomBase62(8, randomBytes);
const hashOf = (text: string) => `hash of ${text.slice(FORMAT.prefix.length + 8)}`;

/** A secret in a slot of its look-up prefix. Its stored hash stands in for bcrypt. */
function bcryptSecret(lookupPrefix = newPrefix(), slot = 0): { text: string; secret: NewSecret } {
  const text = FORMAT.prefix + lookupPrefix + randomBase62(24, randomBytes);
  const locator = slotLocator(lookupPrefix, slot);
  return { text, secret: { locator, start: text.slice(0, 16), secretHash: hashOf(text) } };
}

async function bcryptKey(lookupPrefix?: string, slot?: number) {
  const { text, secret } = bcryptSecret(lookupPrefix, slot);
  const { key } = await issued(tables, { secret });
  return { text, key, locator: secret.locator };
}

async function outcome(text: string, claim: Partial<Claim> = {}, tracking: Tracking = 'stamp_every_call') {
  const verdict = await verify(
    {
      credentials: [{ kind: 'api_key', format: FORMAT, storedAs: 'bcrypt' }],
      store: dynamoVerificationStore(tables),
      tracking,
      bcrypt: { store: dynamoBcryptSecretStore(tables), bcrypt, cache },
    },
    text,
    { ...CLAIM, ...claim },
  );
  return verdict.kind === 'allow' ? 'allow' : verdict.code;
}

const itemOf = async (locator: SecretLocator) => {
  const { pk, sk } = secretKey(locator);
  return (await dump(tables, tables.secrets)).find((item) => item.pk === pk && item.sk === sk);
};
const lastUsedAt = async ({ workspace, id }: { workspace: string; id: string }) =>
  (await keyStoreOf(tables).get({ workspace, id }))?.lastUsedAt;

test('an item and its locator lead to each other', () => {
  const locators = [slotLocator('abcdefgh', 2), newKey().key.secret.locator];
  for (const locator of locators) expect(locatorOf(secretKey(locator))).toBe(locator);
  expect(secretKey(slotLocator('abcdefgh', 2))).toEqual({ pk: 'PREFIX#abcdefgh', sk: 'KEY#2' });
  const digest = digestOf('abc');
  expect(secretKey(digest)).toEqual({ pk: 'ungWv48Bz-pBQUDeXa4iI7ADYaOWF3qctBD_YfIAFa0', sk: 'KEY' });
});

test('an item under a look-up prefix whose key names no slot is a fault, and is never read as another slot', () => {
  expect([0, 1, 2, 3].map((slot) => slotOf(`KEY#${slot}`))).toEqual([0, 1, 2, 3]);
  for (const sk of ['', 'KEY', 'KEY#', 'KEY#x', 'KEY#01', 'TOKEN', 'KEY#1234567890123456'])
    expect(() => slotOf(sk)).toThrow('expected KEY# and a digit');
});

describe('bcrypt secrets that share a look-up prefix', () => {
  test('all work, whichever of the four slots they have', async () => {
    const prefix = newPrefix();
    const keys = [];
    for (const slot of [0, 1, 2, 3]) keys.push(await bcryptKey(prefix, slot));
    for (const { text } of keys) expect(await outcome(text)).toBe('allow');
    expect(bcrypt.compared).toHaveLength(1 + 2 + 3 + 4);
    expect(await dynamoBcryptSecretStore(tables).findByPrefix(prefix)).toHaveLength(4);
  });

  test('never take a slot that is in use: the key is not issued, and its issuer is told to make another secret', async () => {
    const first = await bcryptKey();
    const lookupPrefix = lookupPrefixOf(FORMAT, first.text);
    const second = bcryptSecret(lookupPrefix, 0);
    const { key } = newKey({ secret: second.secret });
    expect(await keyStoreOf(tables).issue(key)).toEqual({ kind: 'secret_taken' });
    expect(await keyStoreOf(tables).get(key)).toBeUndefined();
    expect(await outcome(second.text)).toBe('unknown');
    expect(await outcome(first.text)).toBe('allow');
  });

  test('and a rotation whose slot is taken changes nothing and is decided again', async () => {
    const first = await bcryptKey();
    const other = await bcryptKey();
    const { rotation } = aRotation(other.key, 60);
    const { secret } = bcryptSecret(lookupPrefixOf(FORMAT, first.text), 0);
    expect(await keyStoreOf(tables).rotate({ ...rotation, secret })).toEqual({ kind: 'conflict' });
    for (const { text } of [first, other]) expect(await outcome(text)).toBe('allow');
  });

  test('are told apart when one of them is revoked', async () => {
    const prefix = newPrefix();
    const [first, second] = [await bcryptKey(prefix, 0), await bcryptKey(prefix, 1)];
    await keyStoreOf(tables).revoke(aRevocation(first.key));
    for (const _ of ['cold', 'warm']) {
      expect([await outcome(first.text), await outcome(second.text)]).toEqual(['revoked', 'allow']);
    }
  });

  test('have their uses noted separately', async () => {
    const prefix = newPrefix();
    const [first, second] = [await bcryptKey(prefix, 0), await bcryptKey(prefix, 1)];
    await outcome(first.text, { now: NOW + 1 });
    await outcome(second.text, { now: NOW + 2 });
    expect([await lastUsedAt(first.key), await lastUsedAt(second.key)]).toEqual([NOW + 1, NOW + 2]);
  });
});

test('a wrong secret behind a right prefix stamps nothing, warm or cold', async () => {
  const { text, key, locator } = await bcryptKey();
  const wrong = bcryptSecret(lookupPrefixOf(FORMAT, text)).text;
  const before = await itemOf(locator);
  expect(await outcome(wrong)).toBe('unknown');
  expect(await itemOf(locator)).toEqual(before);
  expect(await outcome(text)).toBe('allow');
  expect(await outcome(wrong, { now: NOW + 5 })).toBe('unknown');
  expect(await lastUsedAt(key)).toBe(NOW);
});

test('every allowed call stamps, and writes no counter', async () => {
  const { text, key, locator } = await bcryptKey();
  for (const now of [NOW + 1, NOW + 2]) {
    await outcome(text, { now });
    expect(await lastUsedAt(key)).toBe(now);
  }
  expect(Object.keys((await itemOf(locator)) ?? {})).not.toContain('used');
});

test('looking at it stamps nothing', async () => {
  const { text, key } = await bcryptKey();
  for (const _ of ['cold', 'warm']) expect(await outcome(text, {}, 'nothing')).toBe('allow');
  expect(await lastUsedAt(key)).toBeNull();
});

test('a hash that was replaced in the store is asked for anew, and the old text is worth nothing', async () => {
  const { text, locator } = await bcryptKey();
  expect(await outcome(text)).toBe('allow');
  const item = { ...(await itemOf(locator)), secretHash: 'another' };
  await tables.client.send(new PutItemCommand({ TableName: tables.secrets, Item: toItem(item) }));
  expect(await outcome(text, { now: NOW + 9 })).toBe('unknown');
  expect((await itemOf(locator))?.lastUsedAt).toBe(NOW);
});

describe('a change of the key reaches a warm instance with its next call', () => {
  test('when it is disabled, and enabled again', async () => {
    const { text, key } = await bcryptKey();
    await outcome(text);
    const disabled = await keyStoreOf(tables).update(anUpdate(key, { enabled: false }));
    expect(await outcome(text)).toBe('disabled');
    if (disabled.kind !== 'changed') throw new Error('The key was not changed.');
    await keyStoreOf(tables).update(anUpdate(disabled.key, { enabled: true }));
    expect(await outcome(text)).toBe('allow');
    expect(bcrypt.compared).toHaveLength(1);
  });

  test('when it is given an end, other networks, or other scopes', async () => {
    const { text, key } = await bcryptKey();
    await outcome(text);
    const fields = { expiresAt: NOW + 10, allowedCidrs: ['10.0.0.0/8'], scopes: ['write'] as const };
    await keyStoreOf(tables).update(anUpdate(key, fields));
    const write = { requiredScope: 'read', grantedBy: ['read'] };
    expect(await outcome(text, { sourceAddress: '192.0.2.1' })).toBe('network');
    expect(await outcome(text, { sourceAddress: '10.1.1.1' })).toBe('allow');
    expect(await outcome(text, { sourceAddress: '10.1.1.1', requirement: write })).toBe('insufficient_scope');
    expect(await outcome(text, { sourceAddress: '10.1.1.1', now: NOW + 10 })).toBe('expired');
  });

  test('when it is rotated: both secrets work during the overlap, and only the new one after it', async () => {
    const { text, key } = await bcryptKey();
    await outcome(text);
    const next = bcryptSecret();
    const { rotation } = aRotation(key, 60);
    const outcomeOf = await keyStoreOf(tables).rotate({ ...rotation, secret: next.secret });
    expect(outcomeOf).toMatchObject({
      kind: 'changed',
      key: { start: next.text.slice(0, 16), lastUsedAt: NOW },
    });
    expect([await outcome(text), await outcome(next.text)]).toEqual(['allow', 'allow']);
    const later = { now: NOW + 60 };
    expect([await outcome(text, later), await outcome(next.text, later)]).toEqual(['revoked', 'allow']);
    expect(await lastUsedAt(key)).toBe(NOW + 60);
    await keyStoreOf(tables).revoke(aRevocation(key, NOW + 61));
    expect([await outcome(text), await outcome(next.text)]).toEqual(['revoked', 'revoked']);
  });

  test('when it is revoked, even if the revocation was left half done and the sweeper had to finish it', async () => {
    const { text, key } = await bcryptKey();
    await outcome(text);
    const record = await readRecord(tables, key);
    const change = { kind: 'revoke', id: 'chg_crashed', since: NOW - 3_600 } as const;
    if (record === undefined) throw new Error('The key is gone.');
    const Item = toItem(writeKey({ ...record, version: 2, pendingChange: change }));
    await tables.client.send(new PutItemCommand({ TableName: tables.records, Item }));
    expect(await sweepPendingChanges(finisherAt(tables, NOW))).toBe(1);
    expect(await outcome(text)).toBe('revoked');
    expect((await keyStoreOf(tables).get(key))?.revokedAt).toBe(NOW - 3_600);
  });
});

test('when a listed key was used last is known for keys of both kinds in one list', async () => {
  const { text, key } = await bcryptKey();
  const { workspace } = key;
  await issued(tables, { workspace, fields: FIELDS });
  await outcome(text, { now: NOW + 7 });
  const { keys } = await keyStoreOf(tables).list({ workspace, limit: 10, now: NOW });
  expect(keys.map((each) => each.lastUsedAt).sort()).toEqual([NOW + 7, null]);
});
