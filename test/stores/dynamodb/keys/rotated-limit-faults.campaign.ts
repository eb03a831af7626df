import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { windowEndAfter } from '../../../../core/verification/verification-store.ts';
import { sweepPendingChanges } from '../../../../stores/dynamodb/sweeper/sweep.ts';
import { scaled } from '../../../campaigns/campaign.ts';
import { copiesOf } from '../copies.ts';
import { conflictingTables, eachDeath, forgetfulTables, mortalProcess, seeded } from '../faults.ts';
import { createTables, type TestTables } from '../tables.ts';
import { aRotation, finisherAt, keyStoreOf, NOW, outcomeOf, settledKey } from './keys.ts';
import { limitedKeys } from './limited-keys.ts';

let tables: TestTables;
beforeAll(async () => {
  tables = await createTables();
});
afterAll(() => tables.release());

const DAY = 86_400;

const { issuedWith, rotated, letThrough } = limitedKeys(() => tables);

type Step =
  | { readonly kind: 'call'; readonly secret: number }
  | { readonly kind: 'rotate'; readonly overlap: number }
  | { readonly kind: 'wait'; readonly seconds: number };

const steps = fc.array(
  fc.oneof(
    { weight: 8, arbitrary: fc.record({ kind: fc.constant('call' as const), secret: fc.nat(1) }) },
    {
      weight: 2,
      arbitrary: fc.record({ kind: fc.constant('rotate' as const), overlap: fc.constantFrom(0, 0, 3, 40) }),
    },
    {
      weight: 1,
      arbitrary: fc.record({ kind: fc.constant('wait' as const), seconds: fc.constantFrom(1, 7, 31) }),
    },
  ),
  { minLength: 10, maxLength: 30 },
);

test('whatever is rotated and called, a window lets exactly its limit through, and at most twice that where two secrets work', async () => {
  const limit = 3;
  const windowSeconds = 30;
  await fc.assert(
    fc.asyncProperty(steps, async (sequence: Step[]) => {
      const { text, key } = await issuedWith({ limit, windowSeconds });
      const texts = [text];
      const windows = new Map<number, { asked: number; allowed: number }>();
      let now = NOW;
      let overlapEnd = 0;
      const overlapped = new Set<number>();
      for (const step of sequence) {
        if (step.kind === 'wait') now += step.seconds;
        const end = windowEndAfter(now, windowSeconds);
        if (now < overlapEnd) overlapped.add(end);
        if (step.kind === 'rotate') {
          const isTooMany = step.overlap > 0 && now < overlapEnd;
          const overlap = isTooMany ? 0 : step.overlap;
          texts.push(await rotated(key, overlap, now));
          overlapEnd = now + overlap;
          if (overlap > 0) overlapped.add(end);
        }
        if (step.kind !== 'call') continue;
        const asked = texts.at(-1 - step.secret) ?? text;
        const outcome = await outcomeOf(tables, asked, { now }, 'count');
        const window = windows.get(end) ?? { asked: 0, allowed: 0 };
        if (outcome === 'allow') window.allowed += 1;
        if (outcome === 'allow' || outcome === 'rate_limited') window.asked += 1;
        windows.set(end, window);
      }
      for (const [end, { asked, allowed }] of windows) {
        if (overlapped.has(end)) expect(allowed).toBeLessThanOrEqual(2 * limit);
        else expect(allowed).toBe(Math.min(limit, asked));
      }
    }),
    { numRuns: scaled({ part: 10, whole: 15 }) },
  );
});

describe.each([0, 600])(
  'a rotation with an overlap of %i that dies at any of its store operations',
  (overlap) => {
    test('gives out no more of the limit, whether it was done or is undone, and nor does the next one', async () => {
      const limit = 5;
      const LATER = NOW + 200;
      const mortal = mortalProcess(tables);
      const usedKey = copiesOf(
        tables,
        async () => {
          const { text, key } = await issuedWith({ limit, windowSeconds: DAY });
          let used = await letThrough(text, 2);
          const second = await rotated(key, 60);
          used += (await letThrough(text, 1)) + (await letThrough(second, 1));
          return { key, used, texts: [text, second] };
        },
        ({ key, texts }) => ({ names: [key.workspace, key.id], texts }),
      );
      const operations = await eachDeath(mortal, async () => {
        const { key, used } = await usedKey();
        let allowed = used;
        // The overlap of the first rotation is over by then, and its old secret is known to the key still.
        const now = NOW + 61;
        const current = await settledKey(tables, key, now);
        if (current === undefined) throw new Error('The key is gone.');
        const doomed = aRotation(current, overlap, now);
        await keyStoreOf(mortal.tables, now)
          .rotate(doomed.rotation)
          .catch(() => undefined);
        await sweepPendingChanges(finisherAt(tables, LATER));
        expect(allowed).toBe(4);
        const third = await rotated(key, 0, LATER);
        allowed += await letThrough(third, limit, LATER);
        expect(allowed).toBe(limit);
      });
      expect(operations).toBeGreaterThan(5);
    });
  },
);

test.each([
  [
    'meets transactions with a third of its writes',
    (own: TestTables) => conflictingTables(own, 0.3, seeded(5)),
  ],
  ['loses every first answer', (own: TestTables) => forgetfulTables(own)],
])('a rotation that %s hands the count on exactly', async (_, disturbed) => {
  const store = disturbed(tables);
  for (let round = 0; round < 3; round += 1) {
    const { text, key } = await issuedWith({ limit: 9, windowSeconds: DAY });
    await letThrough(text, 2);
    const second = await rotated(key, 600, NOW, store);
    expect([await letThrough(text, 1), await letThrough(second, 1)]).toEqual([1, 1]);
    expect(await letThrough(await rotated(key, 0, NOW, store), 9)).toBe(5);
  }
});
