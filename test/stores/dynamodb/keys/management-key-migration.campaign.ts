import { randomBytes } from 'node:crypto';
import { DeleteItemCommand, PutItemCommand, UpdateItemCommand } from '@aws-sdk/client-dynamodb';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { MANAGEMENT_KEY, MANAGEMENT_KEY_FORMAT } from '../../../../core/credential/credential-type.ts';
import { generateKey } from '../../../../core/credential/key-text.ts';
import { digestOf, type SecretLocator } from '../../../../core/credential/secret.ts';
import { verify } from '../../../../core/verification/verify.ts';
import { migrateManagementKeys } from '../../../../stores/dynamodb/keys/management-key-migration.ts';
import {
  listManagementKeys,
  managementSecrets,
  revokeManagementKey,
  writeManagementSecret,
} from '../../../../stores/dynamodb/keys/management-key-store.ts';
import { secretKey } from '../../../../stores/dynamodb/secrets/secret-key.ts';
import { dynamoVerificationStore } from '../../../../stores/dynamodb/secrets/verification-store.ts';
import { managementKeyKey } from '../../../../stores/dynamodb/table/tables.ts';
import { eachDeath, mortalProcess } from '../faults.ts';
import { toItem } from '../items.ts';
import { createTables, type TestTables } from '../tables.ts';
import { CLAIM, dump, issued, NOW, newEvent, newId, outcomeOf } from './keys.ts';

let tables: TestTables;
beforeEach(async () => {
  tables = await createTables();
});
afterEach(() => tables.release());

/** A management key as it stood before these had a table of their own. */
interface OldKey {
  readonly id: string;
  readonly text: string;
  readonly shown: object;
  readonly locator: SecretLocator;
}

const put = (table: string, Item: ReturnType<typeof toItem>) =>
  tables.client.send(new PutItemCommand({ TableName: table, Item }));

async function oldKey({ revokedAt = null as number | null, state = 'active' } = {}): Promise<OldKey> {
  const id = newId('key');
  const text = generateKey(MANAGEMENT_KEY_FORMAT, randomBytes);
  const locator = digestOf(text);
  const shown = { id, name: 'terraform', start: text.slice(0, 8), createdAt: NOW, revokedAt };
  await put(tables.records, toItem({ ...managementKeyKey(id), ...shown, locator: locator }));
  const secret = writeManagementSecret(id, { locator, secretHash: null });
  await put(tables.secrets, { ...secret, secretState: { S: state }, lastUsedAt: { N: String(NOW) } });
  return { id, text, shown, locator };
}

/** What the command line of an older version does to a key that still stands where it was. */
async function revokeInOldPlace({ id, locator }: OldKey): Promise<boolean> {
  const set = async (table: string, key: { pk: string; sk: string }, name: string, value: unknown) => {
    const update = new UpdateItemCommand({
      TableName: table,
      Key: toItem(key),
      UpdateExpression: `SET ${name} = :value`,
      ConditionExpression: 'attribute_exists(pk)',
      ExpressionAttributeValues: toItem({ ':value': value }),
    });
    return tables.client.send(update).then(
      () => true,
      () => false,
    );
  };
  await set(tables.secrets, secretKey(locator), 'secretState', 'revoked');
  return set(tables.records, managementKeyKey(id), 'revokedAt', NOW + 5);
}

const revoke = ({ id }: OldKey) =>
  revokeManagementKey(tables, id, newEvent('management_key.revoked', 'OPERATOR', id));

const deleteItem = (table: string, key: { pk: string; sk: string }) =>
  tables.client.send(new DeleteItemCommand({ TableName: table, Key: toItem(key) }));

const migrate = (own = tables as Parameters<typeof migrateManagementKeys>[0]) => migrateManagementKeys(own);

async function outcome({ text }: OldKey): Promise<string> {
  const store = dynamoVerificationStore(tables);
  const managementKeys = dynamoVerificationStore(managementSecrets(tables));
  const verification = { credentials: [MANAGEMENT_KEY], store, managementKeys, tracking: 'nothing' } as const;
  const verdict = await verify(verification, text, CLAIM);
  return verdict.kind === 'allow' ? 'allow' : verdict.code;
}

const isInForce = async (key: OldKey) => (await outcome(key)) === 'allow';
const listed = async ({ id }: OldKey) => (await listManagementKeys(tables)).find((key) => key.id === id);
const leftBehind = async () =>
  [...(await dump(tables, tables.records)), ...(await dump(tables, tables.secrets))].filter(
    ({ pk, kind }) => pk === 'OPERATOR' || kind === 'management_key',
  );

test('until it is moved an old management key is unknown, and then it works again, as it was', async () => {
  const key = await oldKey();
  expect(await outcome(key)).toBe('unknown');
  expect(await migrate()).toEqual({ moved: [key.id], revoked: [], withoutSecret: [] });
  expect(await outcome(key)).toBe('allow');
  expect(await listed(key)).toEqual(key.shown);
  expect(await leftBehind()).toEqual([]);
  expect(await revoke(key)).toBe(true);
  expect(await isInForce(key)).toBe(false);
});

test('moving again changes nothing, and nothing but management keys is ever touched', async () => {
  await oldKey();
  const { text, key } = await issued(tables);
  await migrate();
  const memory = () =>
    Promise.all([tables.records, tables.secrets, tables.managementKeys].map((name) => dump(tables, name)));
  const before = await memory();
  expect(await migrate()).toEqual({ moved: [], revoked: [], withoutSecret: [] });
  expect(await memory()).toEqual(before);
  expect(await outcomeOf(tables, text)).toBe('allow');
  expect(before[0]).toContainEqual(expect.objectContaining({ id: key.id }));
});

test('a management key that was revoked, or half revoked, stays so', async () => {
  const keys = [
    await oldKey({ revokedAt: NOW, state: 'revoked' }),
    await oldKey({ state: 'revoked' }),
    // As somebody who may write secrets could make it.
    await oldKey({ revokedAt: NOW, state: 'active' }),
    await oldKey({ state: 'unheard-of' }),
  ];
  const { revoked } = await migrate();
  expect(revoked).toEqual(keys.map(({ id }) => id));
  for (const key of keys) {
    expect(await isInForce(key)).toBe(false);
    expect(await listed(key)).toEqual(key.shown);
  }
});

test('a key whose secret is gone, or is somebody else’s, is listed and never works', async () => {
  const gone = await oldKey();
  await deleteItem(tables.secrets, secretKey(gone.locator));
  const other = await oldKey();
  const foreign = writeManagementSecret('key_other', { locator: other.locator, secretHash: null });
  await put(tables.secrets, foreign);
  expect(await migrate()).toMatchObject({ withoutSecret: [gone.id, other.id] });
  for (const key of [gone, other]) {
    expect(await isInForce(key)).toBe(false);
    expect(await listed(key)).toEqual(key.shown);
  }
});

test('what somebody has put among the secrets, without a record, is not moved', async () => {
  const text = generateKey(MANAGEMENT_KEY_FORMAT, randomBytes);
  const key = await oldKey();
  for (const id of ['key_forged', key.id])
    await put(tables.secrets, writeManagementSecret(id, { locator: digestOf(text), secretHash: null }));
  expect((await migrate()).moved).toEqual([key.id]);
  expect(await outcome({ ...key, text })).toBe('unknown');
  expect(await isInForce(key)).toBe(true);
});

test('more management keys than one page of the store are all moved', async () => {
  const keys = await Promise.all(Array.from({ length: 4 }, () => oldKey()));
  for (const { id } of keys)
    await tables.client.send(
      new UpdateItemCommand({
        TableName: tables.records,
        Key: toItem(managementKeyKey(id)),
        UpdateExpression: 'SET padding = :padding',
        ExpressionAttributeValues: toItem({ ':padding': 'x'.repeat(350_000) }),
      }),
    );
  expect((await migrate()).moved).toHaveLength(4);
  for (const key of keys) expect(await isInForce(key)).toBe(true);
});

test('two runs at once move every key once', async () => {
  const keys = await Promise.all(Array.from({ length: 5 }, () => oldKey()));
  const runs = await Promise.allSettled([migrate(), migrate(tables.connect())]);
  const moved = runs.flatMap((run) => (run.status === 'fulfilled' ? run.value.moved : []));
  await migrate();
  expect(new Set(moved).size).toBe(moved.length);
  for (const key of keys) expect(await isInForce(key)).toBe(true);
  expect(await leftBehind()).toEqual([]);
});

describe('a run that dies at any store operation', () => {
  /** Each says whether the operator was told that the key is revoked. */
  const happenings: Readonly<Record<string, (key: OldKey) => Promise<boolean>>> = {
    nothing: async () => false,
    'a revocation': revoke,
    'a revocation whose secret DynamoDB has cleaned up': async (key) => {
      const isRevoked = await revoke(key);
      if (isRevoked) await deleteItem(tables.managementKeys, secretKey(key.locator));
      return isRevoked;
    },
    'a revocation by an older command line': revokeInOldPlace,
  };

  test.each(Object.keys(happenings))(
    'is finished by the next one, and brings no revoked key back after %s in between',
    async (happening) => {
      const mortal = mortalProcess(tables);
      const answers = new Set<boolean | undefined>();
      await eachDeath(mortal, async () => {
        const key = await oldKey();
        const ended = await oldKey({ revokedAt: NOW, state: 'revoked' });
        await migrateManagementKeys(mortal.tables).catch(() => undefined);
        expect(await isInForce(ended)).toBe(false);
        const isRevoked = await happenings[happening]?.(key);
        answers.add(isRevoked);
        await migrate();
        expect(await isInForce(key)).toBe(!isRevoked);
        expect(await isInForce(ended)).toBe(false);
        expect(await leftBehind()).toEqual([]);
        expect([(await listed(key))?.id, (await listed(ended))?.id]).toEqual([key.id, ended.id]);
      });
      expect([...answers].sort()).toEqual(happening === 'nothing' ? [false] : [false, true]);
    },
  );
});

test('a key that is revoked in its old place while it is moved is not taken for moved, and the next run ends it', async () => {
  const key = await oldKey();
  const own = tables.connect();
  own.client.middlewareStack.add(
    (next, { commandName }) =>
      async (args) => {
        if (commandName === 'DeleteItemCommand') await revokeInOldPlace(key);
        return next(args);
      },
    { step: 'initialize' },
  );
  await expect(migrate(own)).rejects.toThrow(`The management key ${key.id} was changed meanwhile.`);
  await migrate();
  expect(await isInForce(key)).toBe(false);
  expect(await listed(key)).toMatchObject({ revokedAt: NOW + 5 });
  expect(await leftBehind()).toEqual([]);
});
