import { UpdateItemCommand } from '@aws-sdk/client-dynamodb';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { RateLimit } from '../../../../core/access/rate-limit.ts';
import type { ApiKey } from '../../../../core/credential/credential.ts';
import { digestOf } from '../../../../core/credential/secret.ts';
import { windowEndAfter } from '../../../../core/verification/verification-store.ts';
import { secretKey } from '../../../../stores/dynamodb/secrets/secret-key.ts';
import { sweepPendingChanges } from '../../../../stores/dynamodb/sweeper/sweep.ts';
import type { Tables } from '../../../../stores/dynamodb/table/tables.ts';
import { scaled } from '../../../campaigns/campaign.ts';
import { copiesOf } from '../copies.ts';
import { conflictingTables, eachDeath, forgetfulTables, mortalProcess, seeded } from '../faults.ts';
import { toItem } from '../items.ts';
import { createTables, type TestTables } from '../tables.ts';
import { storedSecretOf } from './agreement.ts';
import {
  anUpdate,
  aRotation,
  FIELDS,
  finisherAt,
  issued,
  keyStoreOf,
  NOW,
  outcomeOf,
  settledKey,
} from './keys.ts';

let tables: TestTables;
beforeAll(async () => {
  tables = await createTables();
});
afterAll(() => tables.release());

const DAY = 86_400;

const issuedWith = (rateLimit: RateLimit) =>
  issued(tables, { fields: { ...FIELDS, rateLimit }, effectiveRateLimit: rateLimit });

/** Rotates a key as it is now. @returns the new secret. */
async function rotated(
  key: ApiKey,
  overlapSeconds: number,
  now = NOW,
  store: Tables = tables,
): Promise<string> {
  const current = await settledKey(tables, key, now);
  if (current === undefined) throw new Error('The key is gone.');
  const { text, rotation } = aRotation(current, overlapSeconds, now);
  const { kind } = await keyStoreOf(store, now).rotate(rotation);
  if (kind !== 'changed') throw new Error(`The key was not rotated: ${kind}.`);
  return text;
}

/** How many of so many calls are let through. */
async function letThrough(text: string, calls: number, now = NOW): Promise<number> {
  let allowed = 0;
  for (let call = 0; call < calls; call += 1)
    if ((await outcomeOf(tables, text, { now }, 'count')) === 'allow') allowed += 1;
  return allowed;
}

describe('a rotation without an overlap', () => {
  test('gives the new secret what is left of the limit, and nothing more, however often it is repeated', async () => {
    const { text, key } = await issuedWith({ limit: 5, windowSeconds: 60 });
    expect(await letThrough(text, 2)).toBe(2);
    for (let round = 0; round < 2; round += 1) expect(await letThrough(await rotated(key, 0), 1)).toBe(1);
    expect(await letThrough(await rotated(key, 0), 4)).toBe(1);
    expect(await letThrough(await rotated(key, 0), 2)).toBe(0);
    expect(await letThrough(await rotated(key, 0), 6, NOW + 60)).toBe(5);
  });

  test('under concurrent callers of the old and the new secret lets exactly the limit through', async () => {
    const limit = 40;
    const { text, key } = await issuedWith({ limit, windowSeconds: DAY });
    let current = text;
    let allowed = 0;
    let isOver = false;
    const callers = Array.from({ length: 3 }, async () => {
      while (!isOver) if ((await outcomeOf(tables, current, {}, 'count')) === 'allow') allowed += 1;
    });
    for (let round = 0; round < 3; round += 1) current = await rotated(key, 0);
    isOver = true;
    await Promise.all(callers);
    expect(allowed).toBeGreaterThan(0);
    allowed += await letThrough(current, limit + 1);
    expect(allowed).toBe(limit);
  });

  test('counts where both of two secrets were used before it', async () => {
    const { text, key } = await issuedWith({ limit: 10, windowSeconds: 60 });
    await letThrough(text, 2);
    const second = await rotated(key, 30);
    expect([await letThrough(text, 1), await letThrough(second, 3)]).toEqual([1, 3]);
    expect(await letThrough(await rotated(key, 0), 10)).toBe(4);
  });
});

describe('a rotation with an overlap', () => {
  test('gives the new secret what the old one had left at that moment, and each counts for itself from then on', async () => {
    const { text, key } = await issuedWith({ limit: 5, windowSeconds: 60 });
    await letThrough(text, 2);
    const next = await rotated(key, 30);
    expect([await letThrough(next, 9), await letThrough(text, 9)]).toEqual([3, 3]);
  });

  test('that is chained with others in one window lets no more than twice the limit through', async () => {
    const limit = 5;
    const { text, key } = await issuedWith({ limit, windowSeconds: DAY });
    let current = text;
    let allowed = 0;
    for (let round = 0; round < 5; round += 1) {
      const now = NOW + round * 10;
      const older = current;
      current = await rotated(key, 5, now);
      // The old one is used up and the new one kept for later: what a way round the limit would look like.
      allowed += await letThrough(older, limit + 1, now);
    }
    allowed += await letThrough(current, limit + 1, NOW + 100);
    expect(allowed).toBe(2 * limit);
  });

  test('of a key that has two secrets in a new window gives the third what is left of what both have used', async () => {
    const { text, key } = await issuedWith({ limit: 5, windowSeconds: 60 });
    await letThrough(text, 3);
    const second = await rotated(key, 65);
    expect([await letThrough(text, 1, NOW + 60), await letThrough(second, 2, NOW + 60)]).toEqual([1, 2]);
    expect(await letThrough(await rotated(key, 0, NOW + 61), 9, NOW + 61)).toBe(2);
  });
});

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
    { numRuns: scaled({ few: 3, part: 10, whole: 15 }) },
  );
});

describe('a limit that changed before the rotation', () => {
  const changed = async (key: ApiKey, rateLimit: RateLimit) => {
    await keyStoreOf(tables).update(anUpdate(key, { rateLimit }));
  };

  test('to a lower one of the same window counts what was used', async () => {
    const { text, key } = await issuedWith({ limit: 9, windowSeconds: 60 });
    await letThrough(text, 4);
    await changed(key, { limit: 5, windowSeconds: 60 });
    expect(await letThrough(await rotated(key, 0), 9)).toBe(1);
  });

  test('to another window starts that window, as it does without a rotation', async () => {
    const { text, key } = await issuedWith({ limit: 2, windowSeconds: 60 });
    await letThrough(text, 2);
    await changed(key, { limit: 2, windowSeconds: 30 });
    const next = await rotated(key, 0);
    expect((await storedSecretOf(tables, next))?.window).toBeNull();
    expect(await letThrough(next, 9)).toBe(2);
  });

  test('to none leaves nothing to count', async () => {
    const limit = { limit: 3, windowSeconds: 60 };
    const { text, key } = await issuedWith(limit);
    await letThrough(text, 2);
    await keyStoreOf(tables).update(anUpdate(key, { rateLimit: null }, { effectiveRateLimit: null }));
    const next = await rotated(key, 0);
    expect(await letThrough(next, 5)).toBe(5);
  });
});

test.each([
  ['disabled', { enabled: false }],
  ['about to expire', { expiresAt: NOW + 100 }],
])('a key that is %s hands its count on as well', async (_, fields) => {
  const { text, key } = await issuedWith({ limit: 3, windowSeconds: DAY });
  await letThrough(text, 2);
  const outcome = await keyStoreOf(tables).update(anUpdate(key, fields));
  if (outcome.kind !== 'changed') throw new Error('The key was not changed.');
  const next = await rotated(key, 0);
  await keyStoreOf(tables).update(
    anUpdate({ ...outcome.key, version: outcome.key.version + 1 }, { enabled: true, expiresAt: null }),
  );
  expect(await letThrough(next, 9)).toBe(1);
});

test('a window that a faster clock has opened is inherited as it is', async () => {
  const { text, key } = await issuedWith({ limit: 2, windowSeconds: 60 });
  await letThrough(text, 2, NOW + 61);
  const next = await rotated(key, 0, NOW);
  expect(await letThrough(next, 2, NOW)).toBe(0);
  expect(await letThrough(next, 2, NOW + 119)).toBe(0);
  expect(await letThrough(next, 3, NOW + 120)).toBe(2);
});

test('a note about another window that an earlier version has left takes nothing away from a count', async () => {
  const { text, key } = await issuedWith({ limit: 3, windowSeconds: DAY });
  await letThrough(text, 2);
  const second = await rotated(key, 30);
  await tables.client.send(
    new UpdateItemCommand({
      TableName: tables.secrets,
      Key: toItem(secretKey(digestOf(text))),
      UpdateExpression: 'SET handedOn = :many',
      ExpressionAttributeValues: { ':many': { N: '1000' } },
    }),
  );
  await letThrough(second, 1);
  expect(await letThrough(await rotated(key, 0), 9)).toBe(0);
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
  for (let round = 0; round < scaled({ few: 1, part: 3, whole: 3 }); round += 1) {
    const { text, key } = await issuedWith({ limit: 9, windowSeconds: DAY });
    await letThrough(text, 2);
    const second = await rotated(key, 600, NOW, store);
    expect([await letThrough(text, 1), await letThrough(second, 1)]).toEqual([1, 1]);
    expect(await letThrough(await rotated(key, 0, NOW, store), 9)).toBe(5);
  }
});
