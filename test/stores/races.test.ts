import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { Tracking } from '../../core/verification.ts';
import { sweepPendingChanges } from '../../stores/dynamodb/sweep.ts';
import { expectAgreement, powerOf, storedSecretOf } from './agreement.ts';
import {
  anUpdate,
  aRevocation,
  aRotation,
  FIELDS,
  finisherAt,
  issued,
  keyStoreOf,
  NOW,
  outcomeOf,
} from './keys.ts';
import { createTables, type TestTables } from './tables.ts';

let tables: TestTables;
beforeAll(async () => {
  tables = await createTables();
});
afterAll(() => tables.release());

const CALLERS = 16;

interface Call {
  readonly startedAt: number;
  readonly outcome: string;
}

/** A caller who goes on until told to stop, and writes down when each call began and what it was told. */
async function hammer(text: string, tracking: Tracking, clock: () => number, isOver: () => boolean) {
  const calls: Call[] = [];
  while (!isOver()) {
    const startedAt = clock();
    calls.push({ startedAt, outcome: await outcomeOf(tables, text, {}, tracking) });
  }
  return calls;
}

/** @returns the outcomes of the calls that began before the change was asked for, and of those after it was answered. */
async function hammered(text: string, tracking: Tracking, change: () => Promise<unknown>) {
  let tick = 0;
  const clock = () => ++tick;
  let answeredAt = Number.POSITIVE_INFINITY;
  const isOver = () => tick > answeredAt + CALLERS;
  const callers = Array.from({ length: CALLERS }, () => hammer(text, tracking, clock, isOver));
  await new Promise((resolve) => setImmediate(resolve));
  const askedAt = clock();
  await change();
  answeredAt = clock();
  const calls = (await Promise.all(callers)).flat();
  return {
    before: calls.filter(({ startedAt }) => startedAt < askedAt).map(({ outcome }) => outcome),
    after: calls.filter(({ startedAt }) => startedAt > answeredAt).map(({ outcome }) => outcome),
  };
}

test.each(['count', 'stamp'] as const)(
  'a revoked key is refused on the very next request, under sixteen callers (%s)',
  async (tracking) => {
    let allowed = 0;
    for (let round = 0; round < 12; round += 1) {
      const { text, key } = await issued(tables, {
        effectiveRateLimit: { limit: 100_000, windowSeconds: 60 },
      });
      const revoke = () => keyStoreOf(tables).revoke(aRevocation(key));
      const { before, after } = await hammered(text, tracking, revoke);
      allowed += before.filter((outcome) => outcome === 'allow').length;
      expect(after.length).toBeGreaterThanOrEqual(CALLERS);
      expect(new Set(after)).toEqual(new Set(['revoked']));
    }
    // Without callers who were let in beforehand the rounds would prove nothing.
    expect(allowed).toBeGreaterThan(12);
  },
);

test('a key whose scope was taken away or that was disabled is refused on the very next request', async () => {
  for (let round = 0; round < 6; round += 1) {
    const { text, key } = await issued(tables);
    const disable = () => keyStoreOf(tables).update(anUpdate(key, { enabled: false }));
    const { after } = await hammered(text, 'count', disable);
    expect(new Set(after)).toEqual(new Set(['disabled']));
    expect((await storedSecretOf(tables, text))?.lastUsedAt).toBe(NOW);
  }
});

test('a rotation and a revocation at the same time leave no secret that works', async () => {
  for (let round = 0; round < 20; round += 1) {
    const { text, key } = await issued(tables);
    const { text: newText, rotation } = aRotation(key, round % 2 === 0 ? 600 : 0);
    const store = keyStoreOf(tables);
    const rotate = () => store.rotate(rotation);
    const revoke = () => store.revoke(aRevocation(key));
    await Promise.all(round % 4 < 2 ? [rotate(), revoke()] : [revoke(), rotate()]);
    for (const each of [text, newText]) expect(await outcomeOf(tables, each)).not.toBe('allow');
    const record = await expectAgreement(tables, key, [text, newText], NOW);
    expect(record.revokedAt).toBe(NOW);
  }
});

test('updates at the same time neither starve nor undo a revocation', async () => {
  for (let round = 0; round < 10; round += 1) {
    const { text, key } = await issued(tables, { maxActiveKeys: 3 });
    const store = keyStoreOf(tables);
    let isOver = false;
    const updaters = Array.from({ length: 4 }, async (_, own) => {
      while (!isOver) {
        const current = await store.settled(key);
        if (current === undefined || current.revokedAt !== null) return;
        await store.update(anUpdate(current, { name: `updater ${own}`, enabled: true }));
      }
    });
    const revoked = await store.revoke(aRevocation(key));
    expect(revoked?.revokedAt).toBe(NOW);
    expect(await outcomeOf(tables, text)).toBe('revoked');
    isOver = true;
    await Promise.all(updaters);
    expect(await outcomeOf(tables, text)).toBe('revoked');
    await expectAgreement(tables, key, [text], NOW);
  }
});

test('updates that were decided at the same time end as one of them said, and the secret says the same', async () => {
  for (let round = 0; round < 10; round += 1) {
    const { text, key } = await issued(tables, { maxActiveKeys: 3 });
    const store = keyStoreOf(tables);
    const scopes = [['a'], ['b'], ['c'], ['d']] as const;
    const outcomes = await Promise.all(
      scopes.map((own, index) => store.update(anUpdate(key, { scopes: own, expiresAt: NOW + index + 1 }))),
    );
    const winner = outcomes.findIndex(({ kind }) => kind === 'changed');
    expect(outcomes.filter(({ kind }) => kind === 'changed')).toHaveLength(1);
    expect(await powerOf(tables, text)).toMatchObject({
      scopes: scopes[winner],
      expiresAt: NOW + winner + 1,
    });
    await expectAgreement(tables, key, [text], NOW);
  }
});

test('updates that are decided anew until they hold are all done, each on the one before', async () => {
  const { text, key } = await issued(tables);
  const store = keyStoreOf(tables);
  await Promise.all(
    ['a', 'b', 'c', 'd', 'e'].map(async (letter) => {
      for (;;) {
        const current = await store.settled(key);
        if (current === undefined) throw new Error('The key is gone.');
        const outcome = await store.update(anUpdate(current, { name: (current.name ?? '') + letter }));
        if (outcome.kind === 'changed') return;
      }
    }),
  );
  const record = await expectAgreement(tables, key, [text], NOW);
  expect([...(record.name ?? '').slice(FIELDS.name?.length)].sort().join('')).toBe('abcde');
  expect(record.version).toBe(6);
});

test('sweepers and callers who finish the same change at the same time do it once', async () => {
  for (let round = 0; round < 6; round += 1) {
    const { text, key } = await issued(tables, { maxActiveKeys: 3 });
    const late = NOW + 1_000;
    const update = keyStoreOf(tables).update(anUpdate(key, { scopes: ['read'], expiresAt: NOW + 5_000 }));
    const sweeps = Array.from({ length: 4 }, () => sweepPendingChanges(finisherAt(tables, late)));
    const settles = Array.from({ length: 4 }, () => keyStoreOf(tables, late).settled(key));
    await Promise.all([...sweeps, ...settles]);
    expect(await update).toMatchObject({ kind: 'changed', key: { scopes: ['read'], version: 2 } });
    await expectAgreement(tables, key, [text], NOW);
  }
});

test('a rotation that a sweeper takes for abandoned while it runs is done whole or undone whole', async () => {
  for (let round = 0; round < 15; round += 1) {
    const { text, key } = await issued(tables);
    const { text: newText, rotation } = aRotation(key, 0);
    const rotating = keyStoreOf(tables).rotate(rotation);
    const late = finisherAt(tables, NOW + 1_000);
    const sweeping = (async () => {
      for (let sweep = 0; sweep < 3; sweep += 1) await sweepPendingChanges(late);
    })();
    const { kind } = await rotating;
    await sweeping;
    await expectAgreement(tables, key, [text, newText], NOW);
    const verdicts = [await outcomeOf(tables, text), await outcomeOf(tables, newText)];
    expect(verdicts).toEqual(kind === 'changed' ? ['expired', 'allow'] : ['allow', 'revoked']);
  }
});
