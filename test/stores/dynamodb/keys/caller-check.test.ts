import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import type { ApiKey } from '../../../../core/credential/credential.ts';
import type { KeyAddress } from '../../../../core/management/key-store.ts';
import { sweepPendingChanges } from '../../../../stores/dynamodb/sweeper/sweep.ts';
import { mortalProcess } from '../faults.ts';
import { createTables, type TestTables } from '../tables.ts';
import {
  anUpdate,
  aRevocation,
  aRotation,
  dump,
  finisherAt,
  issued,
  keyStoreOf,
  NOW,
  newKey,
  newSlug,
  outcomeOf,
  settledKey,
} from './keys.ts';

let tables: TestTables;
beforeAll(async () => {
  tables = await createTables();
});
afterAll(() => tables.release());

let workspace: string;
/** The key that asks, and the one that it asks about. */
let caller: ApiKey;
let subject: { readonly text: string; readonly key: ApiKey };
beforeEach(async () => {
  workspace = newSlug();
  caller = (await issued(tables, { workspace })).key;
  subject = await issued(tables, { workspace });
});

const memory = () =>
  Promise.all(
    [tables.records, tables.secrets, tables.events, tables.managementKeys].map((name) => dump(tables, name)),
  );
const addressOf = ({ id }: KeyAddress): KeyAddress => ({ workspace, id });
const revoke = () => keyStoreOf(tables).revoke(aRevocation(caller));

async function update(enabled: boolean): Promise<void> {
  const current = await settledKey(tables, caller);
  if (current === undefined) throw new Error('The key is gone.');
  expect(await keyStoreOf(tables).update(anUpdate(current, { enabled }))).toMatchObject({ kind: 'changed' });
}

/** Dies right after its mark was set: from then on the key is as good as revoked. */
async function beginRevoking(): Promise<void> {
  const mortal = mortalProcess(tables);
  mortal.live({ at: 2, moment: 'after' });
  await keyStoreOf(mortal.tables)
    .revoke(aRevocation(caller))
    .catch(() => undefined);
  expect(mortal.isDead()).toBe(true);
}

const callingKey = (by: KeyAddress) => ({ kind: 'api_key', address: addressOf(by) }) as const;

/** What a key asks for in its own name. */
const ASKED = {
  issues: (by: KeyAddress) => keyStoreOf(tables).issue(newKey({ workspace, caller: callingKey(by) }).key),
  'issues where keys are limited': (by: KeyAddress) =>
    keyStoreOf(tables).issue(newKey({ workspace, caller: callingKey(by), maxActiveKeys: 5 }).key),
  updates: (by: KeyAddress) =>
    keyStoreOf(tables).update(anUpdate(subject.key, { scopes: ['read'] }, { caller: callingKey(by) })),
  rotates: (by: KeyAddress) =>
    keyStoreOf(tables).rotate({ ...aRotation(subject.key, 0).rotation, caller: callingKey(by) }),
} as const;
const CALLS = Object.keys(ASKED) as (keyof typeof ASKED)[];

const ENDED = {
  'was revoked': revoke,
  'is disabled': () => update(false),
  'is being revoked': beginRevoking,
} as const;

describe.each(Object.keys(ENDED) as (keyof typeof ENDED)[])('a key that %s', (state) => {
  test.each(CALLS)('%s nothing, and leaves no trace of having tried', async (asked) => {
    await ENDED[state]();
    const before = await memory();
    expect(await ASKED[asked](caller)).toEqual({ kind: 'caller_ended' });
    expect(await memory()).toEqual(before);
    expect(await outcomeOf(tables, subject.text)).toBe('allow');
  });
});

test.each(CALLS)('a key that does not exist %s nothing', async (asked) => {
  const before = await memory();
  expect(await ASKED[asked]({ workspace, id: 'key_none' })).toEqual({ kind: 'caller_ended' });
  expect(await memory()).toEqual(before);
});

describe.each(['is in force', 'was enabled again', 'is being updated'] as const)('a key that %s', (state) => {
  test.each(CALLS)('%s what it asks for', async (asked) => {
    if (state === 'was enabled again') for (const enabled of [false, true]) await update(enabled);
    if (state === 'is being updated') {
      const mortal = mortalProcess(tables);
      mortal.live({ at: 2, moment: 'after' });
      await keyStoreOf(mortal.tables)
        .update(anUpdate(caller, { name: 'renamed' }))
        .catch(() => undefined);
      expect(mortal.isDead()).toBe(true);
    }
    expect(['issued', 'changed']).toContain((await ASKED[asked](caller)).kind);
  });
});

test('a revocation that a sweeper has finished holds for the calling key as well', async () => {
  await beginRevoking();
  expect(await sweepPendingChanges(finisherAt(tables, NOW + 1_000))).toBeGreaterThan(0);
  expect(await ASKED.issues(caller)).toEqual({ kind: 'caller_ended' });
});
