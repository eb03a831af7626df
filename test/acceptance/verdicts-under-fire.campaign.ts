import { setTimeout as pause } from 'node:timers/promises';
import { expect, test } from '@jest/globals';
import {
  cachedProduct,
  call,
  FAILING_FLUSHES,
  failFlushes,
  type Issued,
  issue,
  statusOf,
  TTL_SECONDS,
  useCachedProduct,
} from '../cached-product.ts';
import { scaled } from '../campaigns/campaign.ts';
import { manager } from '../product.ts';

/** Of the authorizer, as the stack has it. */
const AUTHORIZER_TIMEOUT_SECONDS = 3;

useCachedProduct();

interface Call {
  readonly startedAt: number;
  readonly status: number;
}

const BOUND_MS = (TTL_SECONDS + AUTHORIZER_TIMEOUT_SECONDS) * 1000;

/** How many call with one key at the same time. */
const CALLERS = scaled({ part: 1, whole: 2 });
const PAUSE_MS = scaled({ part: 20, whole: 0 });

/** Calls with a key until long after it is revoked, in the whole campaign without a pause. */
function callUnderFire({ id, secret }: Issued) {
  const calls: Call[] = [];
  let revokedAt = Number.POSITIVE_INFINITY;
  const caller = async () => {
    // A refusal is not the end: an authorizer that looked before the revocation may be heard after it.
    for (let beyond = 0; beyond < 5; ) {
      const startedAt = performance.now();
      calls.push({ startedAt, status: await statusOf(secret) });
      if (startedAt > revokedAt + BOUND_MS) beyond += 1;
      if (PAUSE_MS > 0) await pause(PAUSE_MS);
    }
  };
  const callers = Promise.all(Array.from({ length: CALLERS }, caller));
  return {
    revoke: async () => {
      let { status } = await manager(cachedProduct()).revoke(id);
      // It is not revoked yet, and says to ask again: the store has answered late.
      while (status === 503) ({ status } = await manager(cachedProduct()).revoke(id));
      expect(status).toBe(200);
      revokedAt = performance.now();
    },
    history: async () => {
      await callers;
      const accepts = calls.filter(({ status, startedAt }) => status === 200 && startedAt > revokedAt);
      return {
        keptAlive: accepts.length,
        tooLate: accepts.filter(({ startedAt }) => startedAt > revokedAt + BOUND_MS),
        unexpected: calls.filter(({ status }) => status !== 200 && status !== 401),
      };
    },
  };
}

test('no accept begins later than the revocation’s answer, the cache’s time and the authorizer’s timeout together, with the flush and with a failing one', async () => {
  const flushed = await Promise.all([issue(), issue()]);
  const kept = await Promise.all(FAILING_FLUSHES.map(() => issue()));
  await Promise.all(flushed.map(({ secret }) => call(secret)));
  const underFlush = flushed.map(callUnderFire);
  await Promise.all(underFlush.map(({ revoke }) => revoke()));
  let turn = 0;
  failFlushes((flush) => FAILING_FLUSHES[turn++ % FAILING_FLUSHES.length]?.[1](flush));
  await Promise.all(kept.map(({ secret }) => call(secret)));
  const underFailure = kept.map(callUnderFire);
  await Promise.all(underFailure.map(({ revoke }) => revoke()));
  const histories = await Promise.all([...underFailure, ...underFlush].map(({ history }) => history()));
  expect(histories.flatMap(({ tooLate }) => tooLate)).toEqual([]);
  expect(histories.flatMap(({ unexpected }) => unexpected)).toEqual([]);
  // Otherwise nothing would have been kept that could have been too late.
  expect(histories.slice(0, kept.length).some(({ keptAlive }) => keptAlive > 0)).toBe(true);
});
