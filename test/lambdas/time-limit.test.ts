import { expect, test } from '@jest/globals';
import { beforeTimeout, millisecondsLeft, withinMilliseconds } from '../../lambdas/time-limit.ts';

test('whoever runs within no time has no end', () => {
  expect(millisecondsLeft()).toBe(Number.POSITIVE_INFINITY);
});

test('what a function does ends before the function does', async () => {
  const left = await beforeTimeout({ getRemainingTimeInMillis: () => 10_000 }, async () =>
    millisecondsLeft(),
  );
  expect(left).toBeGreaterThan(5_000);
  expect(left).toBeLessThan(10_000);
});

test('what an earlier invocation has left behind keeps its own end when it goes on beside a later one', async () => {
  const thawed = Promise.withResolvers<void>();
  const left = withinMilliseconds(0, async () => {
    await thawed.promise;
    return millisecondsLeft();
  });
  await withinMilliseconds(60_000, async () => thawed.resolve());
  expect(await left).toBeLessThanOrEqual(0);
});

test('a time within another is no longer than what is left of that one', async () => {
  await withinMilliseconds(1_000, () =>
    withinMilliseconds(60_000, async () => expect(millisecondsLeft()).toBeLessThanOrEqual(1_000)),
  );
});
