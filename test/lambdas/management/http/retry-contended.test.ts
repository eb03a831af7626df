import { expect, test } from '@jest/globals';
import { Contended } from '../../../../core/errors/fault.ts';
import { ProblemError } from '../../../../lambdas/http/problem.ts';
import type { ManagementCall, Operation } from '../../../../lambdas/management/http/operation.ts';
import { retryContended } from '../../../../lambdas/management/http/retry-contended.ts';
import { withinMilliseconds } from '../../../../lambdas/time-limit.ts';

const CALL = {} as ManagementCall;
const DONE = { status: 200, body: {} };

/** An operation that meets other changes so many times, and the pauses between its attempts in milliseconds. */
function contended(times: number) {
  let attempts = 0;
  const pauses: number[] = [];
  const operation: Operation = async () => {
    attempts += 1;
    if (attempts <= times) throw new Contended('Somebody was faster.');
    return DONE;
  };
  const pause = async (milliseconds: number) => void pauses.push(milliseconds);
  return { retried: retryContended(operation, { pause, random: () => 1 }), pauses, attempts: () => attempts };
}

test('an operation is tried again until it meets no other, after pauses that grow up to a second', async () => {
  const { retried, pauses } = contended(8);
  expect(await retried(CALL)).toBe(DONE);
  expect(pauses).toEqual([40, 80, 160, 320, 640, 1_000, 1_000, 1_000]);
});

test('an operation is tried once if too little time is left for another attempt, and then gets a 409', async () => {
  const { retried, attempts } = contended(8);
  const failure = await withinMilliseconds(2_400, () => retried(CALL)).catch((error: unknown) => error);
  expect(failure).toBeInstanceOf(ProblemError);
  expect(failure).toMatchObject({ problem: { status: 409, code: 'conflict' } });
  expect(attempts()).toBe(1);
});

test('any other error ends it at once', async () => {
  const retried = retryContended(async () => {
    throw new TypeError('x is not a function');
  });
  await expect(retried(CALL)).rejects.toThrow(TypeError);
});
