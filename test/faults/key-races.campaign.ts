import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { sweepPendingChanges } from '../../stores/dynamodb/sweeper/sweep.ts';
import { expectAgreement, powerOf } from '../stores/dynamodb/keys/agreement.ts';
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
  settledKey,
} from '../stores/dynamodb/keys/keys.ts';
import { createTables, type TestTables } from '../stores/dynamodb/tables.ts';
import { RACE_MS, repeatRace } from './race.ts';

let tables: TestTables;
beforeAll(async () => {
  tables = await createTables();
});
afterAll(() => tables.release());

test(
  'of two revocations at the same time both find the key revoked, and it was revoked once',
  async () => {
    await repeatRace({
      property: 'of two revocations at the same time both find the key revoked, and it was revoked once',
      rounds: { part: 10, whole: 500 },
      round: async () => {
        const { text, key } = await issued(tables, { maxActiveKeys: 3 });
        const revoke = () => keyStoreOf(tables).revoke(aRevocation(key));
        const outcomes = await Promise.all([revoke(), revoke()]);
        expect(outcomes).toMatchObject([{ key: { revokedAt: NOW } }, { key: { revokedAt: NOW } }]);
        expect(await outcomeOf(tables, text)).toBe('revoked');
        const record = await expectAgreement(tables, key, [text], NOW);
        // Issued and revoked: a second revocation would have made it a version older, and written a second event.
        expect(record.version).toBe(2);
      },
    });
  },
  RACE_MS,
);

test(
  'of two rotations at the same time one is done, and its secret is the one that works',
  async () => {
    await repeatRace({
      property: 'of two rotations at the same time one is done, and its secret is the one that works',
      rounds: { part: 10, whole: 500 },
      round: async (index) => {
        const { text, key } = await issued(tables);
        const rotations = [aRotation(key, 0), aRotation(key, index % 2 === 0 ? 0 : 600)];
        const outcomes = await Promise.all(
          rotations.map(({ rotation }) => keyStoreOf(tables).rotate(rotation)),
        );
        const winner = outcomes.findIndex(({ kind }) => kind === 'changed');
        expect(outcomes.map(({ kind }) => kind).sort()).toEqual(['changed', 'conflict']);
        const texts = rotations.map((one) => one.text);
        const verdicts = await Promise.all(texts.map((each) => outcomeOf(tables, each)));
        expect(verdicts).toEqual(texts.map((_, at) => (at === winner ? 'allow' : 'unknown')));
        const isOldEnded = rotations[winner]?.rotation.overlapSeconds === 0;
        expect(await outcomeOf(tables, text)).toBe(isOldEnded ? 'revoked' : 'allow');
        await expectAgreement(tables, key, [text, ...texts], NOW);
      },
    });
  },
  RACE_MS,
);

test(
  'a rotation and a revocation at the same time leave no secret that works',
  async () => {
    await repeatRace({
      property: 'a rotation and a revocation at the same time leave no secret that works',
      rounds: { part: 12, whole: 500 },
      round: async (round) => {
        const { text, key } = await issued(tables);
        const { text: newText, rotation } = aRotation(key, round % 2 === 0 ? 600 : 0);
        const store = keyStoreOf(tables);
        const rotate = () => store.rotate(rotation);
        const revoke = () => store.revoke(aRevocation(key));
        await Promise.all(round % 4 < 2 ? [rotate(), revoke()] : [revoke(), rotate()]);
        for (const each of [text, newText]) expect(await outcomeOf(tables, each)).not.toBe('allow');
        const record = await expectAgreement(tables, key, [text, newText], NOW);
        expect(record.revokedAt).toBe(NOW);
      },
    });
  },
  RACE_MS,
);

test(
  'updates at the same time neither starve nor undo a revocation',
  async () => {
    await repeatRace({
      property: 'updates at the same time neither starve nor undo a revocation',
      rounds: { part: 5, whole: 200 },
      round: async () => {
        const { text, key } = await issued(tables, { maxActiveKeys: 3 });
        const store = keyStoreOf(tables);
        let isOver = false;
        const updaters = Array.from({ length: 4 }, async (_, own) => {
          while (!isOver) {
            const current = await settledKey(tables, key);
            if (current === undefined || current.revokedAt !== null) return;
            await store.update(anUpdate(current, { name: `updater ${own}`, enabled: true }));
          }
        });
        const revoked = await store.revoke(aRevocation(key));
        expect(revoked).toMatchObject({ key: { revokedAt: NOW } });
        expect(await outcomeOf(tables, text)).toBe('revoked');
        isOver = true;
        await Promise.all(updaters);
        expect(await outcomeOf(tables, text)).toBe('revoked');
        await expectAgreement(tables, key, [text], NOW);
      },
    });
  },
  RACE_MS,
);

test(
  'updates that were decided at the same time end as one of them said, and the secret says the same',
  async () => {
    await repeatRace({
      property:
        'of updates that were decided at the same time one is done, and record and secret say what it said',
      rounds: { part: 8, whole: 200 },
      round: async () => {
        const { text, key } = await issued(tables, { maxActiveKeys: 3 });
        const store = keyStoreOf(tables);
        const scopes = [['a'], ['b'], ['c'], ['d']] as const;
        const outcomes = await Promise.all(
          scopes.map((own, index) =>
            store.update(anUpdate(key, { scopes: own, expiresAt: NOW + index + 1 })),
          ),
        );
        const winner = outcomes.findIndex(({ kind }) => kind === 'changed');
        expect(outcomes.filter(({ kind }) => kind === 'changed')).toHaveLength(1);
        expect(await powerOf(tables, text)).toMatchObject({
          scopes: scopes[winner],
          expiresAt: NOW + winner + 1,
        });
        await expectAgreement(tables, key, [text], NOW);
      },
    });
  },
  RACE_MS,
);

test('updates that are decided anew until they hold are all done, each on the one before', async () => {
  const { text, key } = await issued(tables);
  const store = keyStoreOf(tables);
  await Promise.all(
    ['a', 'b', 'c', 'd', 'e'].map(async (letter) => {
      for (;;) {
        const current = await settledKey(tables, key);
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

test(
  'sweepers and callers who finish the same change at the same time do it once',
  async () => {
    await repeatRace({
      property: 'sweepers and callers who finish the same change do it once',
      rounds: { part: 4, whole: 100 },
      round: async () => {
        const { text, key } = await issued(tables, { maxActiveKeys: 3 });
        const late = NOW + 1_000;
        const update = keyStoreOf(tables).update(anUpdate(key, { scopes: ['read'], expiresAt: NOW + 5_000 }));
        const sweeps = Array.from({ length: 4 }, () => sweepPendingChanges(finisherAt(tables, late)));
        const settles = Array.from({ length: 4 }, () => settledKey(tables, key, late));
        await Promise.all([...sweeps, ...settles]);
        expect(await update).toMatchObject({ kind: 'changed', key: { scopes: ['read'], version: 2 } });
        await expectAgreement(tables, key, [text], NOW);
      },
    });
  },
  RACE_MS,
);

test(
  'a rotation that a sweeper takes for abandoned while it runs is done whole or undone whole',
  async () => {
    await repeatRace({
      property: 'a rotation that a sweeper takes for abandoned while it runs is done whole or undone whole',
      rounds: { part: 10, whole: 200 },
      round: async () => {
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
        expect(verdicts).toEqual(kind === 'changed' ? ['revoked', 'allow'] : ['allow', 'revoked']);
      },
    });
  },
  RACE_MS,
);
