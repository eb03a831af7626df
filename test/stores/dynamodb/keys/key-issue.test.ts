import { PutItemCommand, UpdateItemCommand } from '@aws-sdk/client-dynamodb';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { memberKey } from '../../../../stores/dynamodb/table/tables.ts';
import { toItem } from '../items.ts';
import { createTables, type TestTables } from '../tables.ts';
import { expectAgreement } from './agreement.ts';
import {
  anUpdate,
  aRevocation,
  FIELDS,
  issued,
  keyStoreOf,
  NOW,
  newKey,
  newSlug,
  outcomeOf,
  partition,
} from './keys.ts';

let tables: TestTables;
beforeAll(async () => {
  tables = await createTables();
});
afterAll(() => tables.release());

test('an issued key works at once and is stored as it was asked for', async () => {
  const { text, key } = newKey({ fields: { ...FIELDS, expiresAt: NOW + 5, allowedCidrs: ['10.0.0.0/8'] } });
  const outcome = await keyStoreOf(tables).issue(key);
  expect(outcome).toEqual({
    kind: 'issued',
    key: {
      ...key.fields,
      id: key.id,
      workspace: key.workspace,
      start: text.slice(0, 'kw_test_'.length + 4),
      createdAt: NOW,
      createdBy: null,
      lastUsedAt: null,
      previousSecret: null,
      revokedAt: null,
      role: null,
      version: 1,
    },
  });
  expect(await keyStoreOf(tables).get(key)).toEqual(outcome.kind === 'issued' && outcome.key);
  expect(await outcomeOf(tables, text)).toBe('allow');
  await expectAgreement(tables, key, [text], NOW);
});

describe('a limit of 3 active keys', () => {
  test('holds exactly under 20 concurrent issues', async () => {
    const workspace = newSlug();
    const keys = Array.from({ length: 20 }, () => newKey({ workspace, maxActiveKeys: 3 }));
    const outcomes = await Promise.all(keys.map(({ key }) => keyStoreOf(tables).issue(key)));
    expect(outcomes.filter(({ kind }) => kind === 'issued')).toHaveLength(3);
    expect(outcomes.filter(({ kind }) => kind === 'limit_reached')).toHaveLength(17);
    const verdicts = await Promise.all(keys.map(({ text }) => outcomeOf(tables, text)));
    expect(verdicts.filter((verdict) => verdict === 'allow')).toHaveLength(3);
    expect((await keyStoreOf(tables).list({ workspace, limit: 100, now: NOW })).keys).toHaveLength(3);
  });

  async function fullWorkspace() {
    const workspace = newSlug();
    const limited = { workspace, maxActiveKeys: 3 };
    const first = await issued(tables, { ...limited, fields: { ...FIELDS, expiresAt: NOW + 100 } });
    await issued(tables, limited);
    await issued(tables, limited);
    const issueAt = async (createdAt: number) =>
      (await keyStoreOf(tables).issue(newKey({ ...limited, createdAt }).key)).kind;
    expect(await issueAt(NOW + 99)).toBe('limit_reached');
    return { first: first.key, issueAt };
  }

  test('has one slot again after a key is revoked, and only one', async () => {
    const { first, issueAt } = await fullWorkspace();
    await keyStoreOf(tables).revoke(aRevocation(first));
    expect([await issueAt(NOW), await issueAt(NOW)]).toEqual(['issued', 'limit_reached']);
  });

  test('has one slot again the second that a key expires, and only one', async () => {
    const { issueAt } = await fullWorkspace();
    expect([await issueAt(NOW + 100), await issueAt(NOW + 100)]).toEqual(['issued', 'limit_reached']);
  });

  test('counts a disabled key, which keeps its slot', async () => {
    const { first, issueAt } = await fullWorkspace();
    await keyStoreOf(tables).update(anUpdate(first, { enabled: false }));
    expect(await issueAt(NOW)).toBe('limit_reached');
  });

  test('follows a changed expiry, in both directions', async () => {
    const { first, issueAt } = await fullWorkspace();
    const store = keyStoreOf(tables);
    const later = await store.update(anUpdate(first, { expiresAt: NOW + 200 }));
    expect(await issueAt(NOW + 199)).toBe('limit_reached');
    if (later.kind !== 'changed') throw new Error('The key was not changed.');
    await store.update(anUpdate(later.key, { expiresAt: NOW + 50 }));
    expect(await issueAt(NOW + 50)).toBe('issued');
  });

  test('does not let an expired key back in once another has taken its slot', async () => {
    const { first, issueAt } = await fullWorkspace();
    await issueAt(NOW + 100);
    expect(await keyStoreOf(tables).update(anUpdate(first, { expiresAt: null }))).toEqual({
      kind: 'conflict',
    });
    await keyStoreOf(tables).revoke(aRevocation(first));
    expect(await issueAt(NOW + 100)).toBe('limit_reached');
  });
});

describe('a key in the name of a member', () => {
  async function memberOf(workspace: string) {
    const member = { workspace, userId: 'usr_1', role: 'member', createdAt: NOW, version: 1 };
    const Item = toItem({ ...memberKey(workspace, 'usr_1'), ...member });
    await tables.client.send(new PutItemCommand({ TableName: tables.records, Item }));
  }
  const creator = { userId: 'usr_1', version: 1 };

  test('carries the member as its creator', async () => {
    const workspace = newSlug();
    await memberOf(workspace);
    expect((await issued(tables, { workspace, creator })).key.createdBy).toBe('usr_1');
  });

  test('is not issued when the membership changed after the decision', async () => {
    const workspace = newSlug();
    await memberOf(workspace);
    await tables.client.send(
      new UpdateItemCommand({
        TableName: tables.records,
        Key: toItem(memberKey(workspace, 'usr_1')),
        UpdateExpression: 'ADD version :one',
        ExpressionAttributeValues: toItem({ ':one': 1 }),
      }),
    );
    const { text, key } = newKey({ workspace, creator, maxActiveKeys: 3 });
    expect(await keyStoreOf(tables).issue(key)).toEqual({ kind: 'creator_changed' });
    expect(await keyStoreOf(tables).get(key)).toBeUndefined();
    expect(await outcomeOf(tables, text)).toBe('unknown');
    expect(await partition(tables, tables.events, `WS#${workspace}`)).toEqual([]);
  });

  test('is not issued for somebody who is no member', async () => {
    const { key } = newKey({ creator });
    expect(await keyStoreOf(tables).issue(key)).toEqual({ kind: 'creator_changed' });
  });
});

test('a second key with the same secret is refused and leaves nothing behind', async () => {
  const first = newKey();
  await keyStoreOf(tables).issue(first.key);
  const second = newKey({ secret: first.key.secret });
  expect(await keyStoreOf(tables).issue(second.key)).toEqual({ kind: 'secret_taken' });
  expect(await keyStoreOf(tables).get(second.key)).toBeUndefined();
  expect(await partition(tables, tables.events, `WS#${second.key.workspace}`)).toEqual([]);
});

test('a second key with the same id is refused, and the first stays what it was', async () => {
  const first = newKey();
  await keyStoreOf(tables).issue(first.key);
  const { workspace, id } = first.key;
  const second = newKey({ workspace, id, fields: { ...FIELDS, scopes: 'all' } });
  await expect(keyStoreOf(tables).issue(second.key)).rejects.toThrow('same identity');
  expect((await keyStoreOf(tables).get(first.key))?.scopes).not.toBe('all');
  expect(await outcomeOf(tables, second.text)).toBe('unknown');
});
