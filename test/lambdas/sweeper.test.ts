import { expect, test } from '@jest/globals';
import { Unavailable } from '../../core/errors/fault.ts';
import { createSweeper, type SweeperOptions } from '../../lambdas/sweeper.ts';
import { capturedLog } from './captured-log.ts';

const lines = capturedLog();
const log = () => lines.map((line): unknown => JSON.parse(line));

/** Runs the sweeper once. @returns what it did, in order. */
async function run(sweep: SweeperOptions['sweep'], remainingMs = 59_000): Promise<string[]> {
  const steps: string[] = [];
  const handler = createSweeper({
    sweep: async (left) => {
      steps.push('swept');
      return sweep(left);
    },
    oldestPendingSeconds: async () => {
      steps.push('measured');
      return 42;
    },
    flushVerdicts: async () => void steps.push('flushed'),
    now: Date.now,
  });
  const context = { awsRequestId: 'request-1', getRemainingTimeInMillis: () => remainingMs };
  await handler({}, context).catch((error: Error) => steps.push(`failed: ${error.message}`));
  return steps;
}

test('a run that finished changes flushes cached verdicts, and logs how long the slowest change has waited', async () => {
  expect(await run(async () => 3)).toEqual(['swept', 'flushed', 'measured']);
  expect(log()).toEqual([
    expect.objectContaining({
      level: 'INFO',
      message: 'swept',
      finished: 3,
      OldestPendingSeconds: 42,
      request_id: 'request-1',
    }),
  ]);
});

test('a run that finished nothing flushes nothing, and measures all the same', async () => {
  expect(await run(async () => 0)).toEqual(['swept', 'measured']);
  expect(log()).toMatchObject([{ finished: 0, OldestPendingSeconds: 42 }]);
});

test('a run that fails flushes and measures first, because it may have finished other changes', async () => {
  const fails = async () => {
    throw new Unavailable('One change could not be finished.');
  };
  expect(await run(fails)).toEqual([
    'swept',
    'flushed',
    'measured',
    'failed: One change could not be finished.',
  ]);
  expect(log()).toMatchObject([
    { message: 'swept', finished: 'some', OldestPendingSeconds: 42 },
    { level: 'ERROR', message: 'fault', kind: 'passing', SweepFault: 1 },
  ]);
});

test.each([
  [120_000, 50_000],
  [20_000, 19_000],
])('a run with %i ms left begins no turn after %i ms', async (remainingMs, mostMs) => {
  let left = Number.POSITIVE_INFINITY;
  await run(async (millisecondsLeft) => {
    left = millisecondsLeft();
    return 0;
  }, remainingMs);
  expect(left).toBeLessThanOrEqual(mostMs);
  expect(left).toBeGreaterThan(mostMs - 5_000);
});
