import { PutCommand } from '@aws-sdk/lib-dynamodb';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import type { ApiKey, KeyFields } from '../../../../core/credential/credential.ts';
import { putEventPart } from '../../../../stores/dynamodb/audit/event-store.ts';
import { documentClient } from '../../../../stores/dynamodb/table/documents.ts';
import { dynamoRequestStore } from '../../../../stores/dynamodb/table/request-item.ts';
import { externalIdKey } from '../../../../stores/dynamodb/table/tables.ts';
import { powerOf } from '../keys/agreement.ts';
import {
  anUpdate,
  aPreviousRevocation,
  aRevocation,
  aRotation,
  dump,
  FIELDS,
  issued,
  keyStoreOf,
  NOW,
  newEvent,
  newId,
  newKey,
  outcomeOf,
  workspaceStoreOf,
} from '../keys/keys.ts';
import { createTables, type TestTables } from '../tables.ts';
import { workspaceOf, workspaceWith } from '../workspaces/members.ts';
import { Restoring, USER } from './restoring.ts';

let tables: TestTables;
let on: Restoring;
beforeEach(async () => {
  tables = await createTables();
  on = new Restoring(tables);
});
afterEach(() => tables.release());

const change = (key: ApiKey, fields: Partial<KeyFields>) => keyStoreOf(tables).update(anUpdate(key, fields));

/** Every way to take rights away from a key, and how its secret is refused after the restore. */
const TAKING: Readonly<Record<string, readonly [string, (key: ApiKey) => Promise<unknown>]>> = {
  disable: ['disabled', (key) => change(key, { enabled: false })],
  'narrow to one scope': ['disabled', (key) => change(key, { scopes: ['read'] })],
  'bind to a network': ['disabled', (key) => change(key, { allowedCidrs: ['192.0.2.0/24'] })],
  'let expire': ['disabled', (key) => change(key, { expiresAt: NOW + 90 })],
  'rotate without an overlap': ['revoked', (key) => keyStoreOf(tables).rotate(aRotation(key, 0).rotation)],
  revoke: ['revoked', (key) => keyStoreOf(tables).revoke(aRevocation(key))],
};

test('a request with an Idempotency-Key is new after a restore, because what it made may be gone', async () => {
  const workspace = await workspaceOf(tables, USER);
  const request = { id: newId('chg'), fingerprint: 'issue', at: NOW };
  const { key } = await issued(tables, { workspace, request });
  const requests = dynamoRequestStore(tables);
  expect(await requests.find(request)).toMatchObject({ kind: 'done', madeId: key.id });
  await on.putBack(await on.copyWhile());
  expect(await keyStoreOf(tables).get(key)).toMatchObject({ id: key.id });
  expect(await requests.find(request)).toEqual({ kind: 'new' });
});

test('a key from which rights were taken after the backup does not get them back, whatever moment the backup names', async () => {
  const slug = await workspaceOf(tables, USER);
  const keys = new Map<string, Awaited<ReturnType<typeof issued>>>();
  for (const name of Object.keys(TAKING)) keys.set(name, await issued(tables, { workspace: slug }));
  const backup = await on.copyWhile();
  for (const [name, { key }] of keys) await TAKING[name]?.[1](key);
  const expected = Object.entries(TAKING).map(([name, [outcome]]) => [name, outcome]);
  const now = NOW + 86_400;
  for (const at of [NOW - 86_400, NOW, NOW + 36_000, now]) {
    expect(await on.tryToPutBack({ ...backup, at }, { now: () => now })).toMatchObject({ lost: [] });
    const outcomes = [...keys].map(async ([name, { text }]) => [name, await outcomeOf(tables, text)]);
    expect(await Promise.all(outcomes)).toEqual(expected);
  }
});

test('a key that was changed after the backup has its last settings once it is enabled, and no secret that a rotation has ended', async () => {
  const slug = await workspaceOf(tables, USER);
  const { text, key } = await issued(tables, { workspace: slug });
  const { text: rotatedText, key: rotated } = await issued(tables, { workspace: slug });
  const backup = await on.copyWhile();
  await change(key, { scopes: ['read'], expiresAt: NOW + 500 });
  await keyStoreOf(tables).rotate(aRotation(rotated, 0).rotation);
  const { disabled } = await on.putBack(backup);
  expect([...disabled].sort()).toEqual([key.id, rotated.id].sort());
  for (const { id } of [key, rotated]) {
    const restored = await keyStoreOf(tables).get({ workspace: slug, id });
    if (restored === undefined) throw new Error('The key is gone.');
    // Only an operator may enable what an operator has disabled.
    expect(restored.bounds.enabled).toEqual({ operator: false });
    await change(restored, { enabled: true });
  }
  expect(await powerOf(tables, text)).toMatchObject({ scopes: ['read'], expiresAt: NOW + 500 });
  expect(await outcomeOf(tables, rotatedText)).toBe('revoked');
});

test.each(['before the rotation', 'after the rotation'])(
  'an older secret that was revoked since a backup from %s does not come back, and the newer one stays',
  async (when) => {
    const slug = await workspaceOf(tables, USER);
    const store = keyStoreOf(tables);
    const { text: oldText, key } = await issued(tables, { workspace: slug });
    const { text: newText, rotation } = aRotation(key, 40_000);
    const early = await on.copyWhile();
    const rotated = await store.rotate(rotation);
    if (rotated.kind !== 'changed') throw new Error(rotated.kind);
    const late = await on.copyWhile();
    await store.revokePreviousSecret(aPreviousRevocation(rotated.key));
    await on.putBack(when === 'before the rotation' ? early : late);
    const restored = await store.get(key);
    if (restored === undefined) throw new Error('The key is gone.');
    await change(restored, { enabled: true });
    expect(await outcomeOf(tables, oldText)).toBe('revoked');
    expect(await outcomeOf(tables, newText)).toBe(when === 'before the rotation' ? 'unknown' : 'allow');
  },
);

test('a key that nobody has changed since the backup comes back as it was, even if it was changed a moment before', async () => {
  const slug = await workspaceOf(tables, USER);
  const { text, key } = await issued(tables, { workspace: slug });
  await change(key, { scopes: ['read'] });
  const before = await Promise.all(['records', 'secrets'].map((table) => dump(tables, table)));
  const restored = await on.putBack(await on.copyWhile());
  expect(restored).toMatchObject({ disabled: [], revoked: [], members: [], invitations: [], lost: [] });
  expect(await Promise.all(['records', 'secrets'].map((table) => dump(tables, table)))).toEqual(before);
  expect(await outcomeOf(tables, text)).toBe('allow');
});

test('a change whose event has no version counts as one since the backup if it is at most five minutes older', async () => {
  const slug = await workspaceOf(tables, USER);
  const keys = [await issued(tables, { workspace: slug }), await issued(tables, { workspace: slug })];
  const backup = await on.copyWhile();
  for (const [index, { key }] of keys.entries()) {
    const event = { ...newEvent('key.updated', slug, key.id), at: NOW - 300 - index };
    await documentClient(tables.client).send(new PutCommand(putEventPart(tables, event).Put));
  }
  await on.putBack(backup);
  expect(await Promise.all(keys.map(({ text }) => outcomeOf(tables, text)))).toEqual(['disabled', 'allow']);
});

test('keys are held to the plan that their workspace had last, whether it was lowered or raised', async () => {
  const slug = await workspaceOf(tables, USER);
  const { text } = await issued(tables, {
    workspace: slug,
    effectiveRateLimit: perMinute(600),
    planVersion: 1,
  });
  await setPlan(slug, 'pro', 600);
  const backup = await on.copyWhile();
  for (const [plan, limit] of [
    ['free', 60],
    ['enterprise', 6_000],
  ] as const) {
    await setPlan(slug, plan, limit);
    expect((await on.putBack(backup)).plans).toEqual([slug]);
    expect(await workspaceStoreOf(tables).get(slug)).toMatchObject({ plan });
    expect(await powerOf(tables, text)).toMatchObject({ state: 'active', rateLimit: perMinute(limit) });
  }
});

test('a slot is free if its key was revoked after the backup, and held if it was not', async () => {
  const slug = await workspaceOf(tables, USER);
  const limited = { workspace: slug, maxActiveKeys: 2 };
  const { key } = await issued(tables, limited);
  await issued(tables, limited);
  const backup = await on.copyWhile();
  await keyStoreOf(tables).revoke(aRevocation(key));
  await on.putBack(backup);
  await issued(tables, limited);
  expect(await keyStoreOf(tables).issue(newKey(limited).key)).toEqual({ kind: 'limit_reached' });
});

test('a key is found by the external id that it has after the restore, and by no other', async () => {
  const slug = await workspaceOf(tables, USER);
  const named = (externalId: string) =>
    issued(tables, { workspace: slug, fields: { ...FIELDS, externalId } });
  const [{ key: kept }, { key: renamed }] = [await named('kept'), await named('old')];
  const backup = await on.copyWhile();
  await change(renamed, { externalId: 'new' });
  const { key: lost } = await named('lost');
  await on.putBack(backup);
  const idsOf = async (externalId: string) => {
    const { keys } = await keyStoreOf(tables).list({ workspace: slug, externalId, limit: 10, now: NOW });
    return keys.map(({ id }) => id);
  };
  expect(await idsOf('kept')).toEqual([kept.id]);
  expect(await idsOf('new')).toEqual([renamed.id]);
  for (const externalId of ['old', 'lost']) {
    expect(await idsOf(externalId)).toEqual([]);
    const { pk } = externalIdKey(slug, externalId, lost.id);
    expect((await dump(tables, tables.records)).filter((item) => item.pk === pk)).toEqual([]);
  }
});

/** Changes that bump a key's version without an event of the key: its member's or its workspace's event tells of them. */
const UNTOLD: readonly (readonly [string, (slug: string) => Promise<void>])[] = [
  [
    'the role of its creator',
    async (slug) => {
      for (const role of ['member', 'admin', 'member', 'admin'] as const) await on.become(slug, role);
    },
  ],
  [
    'the plan of its workspace',
    async (slug) => {
      for (const limit of [100, 200, 300, 400]) await setPlan(slug, `plan-${limit}`, limit);
    },
  ],
];

test.each(UNTOLD)(
  'a key that was disabled after a restore stays disabled when a newer backup is restored, however often %s had changed',
  async (_, happen) => {
    const slug = await workspaceWith(tables);
    await on.become(slug, 'admin');
    const { text, key } = await on.roleKey(slug);
    const older = await on.copyWhile();
    await happen(slug);
    const newer = await on.copyWhile();
    await on.putBack(older);
    expect(await outcomeOf(tables, text)).toBe('allow');
    const current = await keyStoreOf(tables).get({ workspace: slug, id: key.id });
    if (current === undefined) throw new Error('The key is gone.');
    expect(await change(current, { enabled: false })).toMatchObject({ kind: 'changed' });
    await on.putBack(newer);
    expect(await outcomeOf(tables, text)).toBe('disabled');
  },
);

const perMinute = (limit: number) => ({ limit, windowSeconds: 60 });

async function setPlan(slug: string, plan: string, limit: number): Promise<void> {
  const workspace = await workspaceStoreOf(tables).get(slug);
  if (workspace === undefined) throw new Error('The workspace is gone.');
  await workspaceStoreOf(tables).update({
    workspace,
    name: 'Acme',
    plan,
    planLimit: perMinute(limit),
    changeId: newId('chg'),
    caller: null,
    now: NOW,
    event: { ...newEvent('workspace.updated', slug, null), after: { plan } },
  });
}
