import { expect, test } from '@jest/globals';
import { beforeTimeout, millisecondsLeft, withinMilliseconds } from '../../lambdas/time-limit.ts';

test('code outside any time limit has no end', () => {
  expect(millisecondsLeft()).toBe(Number.POSITIVE_INFINITY);
});

test('the work of a function ends before the function times out', async () => {
  const left = await beforeTimeout({ getRemainingTimeInMillis: () => 10_000 }, async () =>
    millisecondsLeft(),
  );
  expect(left).toBeGreaterThan(5_000);
  expect(left).toBeLessThan(10_000);
});

test('work left over from an earlier invocation keeps its own end, even beside a later invocation', async () => {
  const thawed = Promise.withResolvers<void>();
  const left = withinMilliseconds(0, async () => {
    await thawed.promise;
    return millisecondsLeft();
  });
  await withinMilliseconds(60_000, async () => thawed.resolve());
  expect(await left).toBeLessThanOrEqual(0);
});

test('a time limit inside another never outlasts the outer one', async () => {
  await withinMilliseconds(1_000, () =>
    withinMilliseconds(60_000, async () => expect(millisecondsLeft()).toBeLessThanOrEqual(1_000)),
  );
});
