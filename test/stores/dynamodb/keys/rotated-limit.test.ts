import { UpdateItemCommand } from '@aws-sdk/client-dynamodb';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { RateLimit } from '../../../../core/access/rate-limit.ts';
import type { ApiKey } from '../../../../core/credential/credential.ts';
import { digestOf } from '../../../../core/credential/secret.ts';
import { secretKey } from '../../../../stores/dynamodb/secrets/secret-key.ts';
import { toItem } from '../items.ts';
import { createTables, type TestTables } from '../tables.ts';
import { storedSecretOf } from './agreement.ts';
import { anUpdate, aPreviousRevocation, keyStoreOf, NOW, outcomeOf, settledKey } from './keys.ts';
import { limitedKeys } from './limited-keys.ts';

let tables: TestTables;
beforeAll(async () => {
  tables = await createTables();
});
afterAll(() => tables.release());

const DAY = 86_400;

const { issuedWith, rotated, letThrough } = limitedKeys(() => tables);

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

  test('whose older secret is used up and revoked, over and over, lets no more than twice the limit through', async () => {
    const limit = 5;
    const { text, key } = await issuedWith({ limit, windowSeconds: DAY });
    let current = text;
    let allowed = 0;
    for (let round = 0; round < 5; round += 1) {
      const older = current;
      current = await rotated(key, 600);
      allowed += await letThrough(older, limit + 1);
      const settled = await settledKey(tables, key);
      if (settled === undefined) throw new Error('The key is gone.');
      await keyStoreOf(tables).revokePreviousSecret(aPreviousRevocation(settled));
      expect(await letThrough(older, 1)).toBe(0);
    }
    allowed += await letThrough(current, limit + 1);
    expect(allowed).toBe(2 * limit);
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
