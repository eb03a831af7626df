import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import type { ApiKey } from '../../../../core/credential/credential.ts';
import { digestOf } from '../../../../core/credential/secret.ts';
import type { KeyAddress } from '../../../../core/management/key-store.ts';
import { sweepPendingChanges } from '../../../../stores/dynamodb/sweeper/sweep.ts';
import { scaled } from '../../../campaigns/campaign.ts';
import { mortalProcess } from '../faults.ts';
import { createTables, type TestTables } from '../tables.ts';
import { expectAgreement } from './agreement.ts';
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

interface Attempt {
  readonly startedAt: number;
  readonly id: string;
  readonly kind: string;
}

async function idsListed(): Promise<string[]> {
  const ids: string[] = [];
  let after: string | undefined;
  do {
    const { keys, next } = await keyStoreOf(tables).list({
      workspace,
      limit: 100,
      now: NOW,
      ...(after !== undefined && { after }),
    });
    ids.push(...keys.map(({ id }) => id));
    after = next ?? undefined;
  } while (after !== undefined);
  return ids.sort();
}

const ISSUERS = 4;

test('a key issues nothing after its revocation was answered, so that a clean-up afterwards finds every key of it', async () => {
  let children = 0;
  const rounds = scaled({ few: 1, part: 4, whole: 8 });
  for (let round = 0; round < rounds; round += 1) {
    workspace = newSlug();
    caller = (await issued(tables, { workspace })).key;
    let tick = 0;
    const clock = () => ++tick;
    let answeredAt = Number.POSITIVE_INFINITY;
    const history: Attempt[] = [];
    const begun = Promise.withResolvers<void>();
    const issuers = Array.from({ length: ISSUERS }, async () => {
      // Each goes on for some calls that began after the answer.
      for (let late = 0; late < 3; ) {
        const startedAt = clock();
        if (startedAt > answeredAt) late += 1;
        const { key } = newKey({ workspace, caller: callingKey(caller) });
        const { kind } = await keyStoreOf(tables).issue(key);
        history.push({ startedAt, id: key.id, kind });
        if (history.length === ISSUERS * 2) begun.resolve();
      }
    });
    await begun.promise;
    await revoke();
    answeredAt = clock();
    const listedAtOnce = await idsListed();
    await Promise.all(issuers);

    const made = history.filter(({ kind }) => kind === 'issued');
    const late = history.filter(({ startedAt }) => startedAt > answeredAt);
    expect(late.length).toBeGreaterThanOrEqual(ISSUERS * 3);
    expect(new Set(late.map(({ kind }) => kind))).toEqual(new Set(['caller_ended']));
    const all = [caller.id, ...made.map(({ id }) => id)].sort();
    expect(await idsListed()).toEqual(all);
    expect(listedAtOnce).toEqual(all);
    children += made.length;
  }
  // Without keys that were issued beforehand the rounds would prove nothing.
  expect(children).toBeGreaterThan(ISSUERS * rounds);
});

test('a rotation by a key that is revoked meanwhile is done whole or not at all', async () => {
  for (let round = 0; round < scaled({ few: 2, part: 6, whole: 12 }); round += 1) {
    const by = (await issued(tables, { workspace })).key;
    const { text, key } = await issued(tables, { workspace });
    const { text: newText, rotation } = aRotation(key, 0);
    const store = keyStoreOf(tables);
    const rotate = () => store.rotate({ ...rotation, caller: callingKey(by) });
    const end = () => store.revoke(aRevocation(by));
    const ending = round % 2 === 0 ? undefined : end();
    const [{ kind }] = await Promise.all([rotate(), ending ?? end()]);
    expect(['changed', 'caller_ended']).toContain(kind);
    const outcomes = [await outcomeOf(tables, text), await outcomeOf(tables, newText)];
    expect(outcomes).toEqual(kind === 'changed' ? ['revoked', 'allow'] : ['allow', 'unknown']);
    const record = await expectAgreement(tables, key, [text, newText], NOW);
    expect(record.secrets.map(({ locator }) => locator)).toEqual([
      digestOf(kind === 'changed' ? newText : text),
    ]);
  }
});
