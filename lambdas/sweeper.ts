import type { Context } from 'aws-lambda';
import { countOne, faultEntry } from './log/entry.ts';
import { beginInvocation, writeEntry } from './log/powertools-log.ts';
import { beforeTimeout, millisecondsLeft } from './time-limit.ts';

/** The schedule starts a run every minute. A run begins no turn after this time, and the next run goes on. */
const SWEEPING_MS = 50_000;

export interface SweeperOptions {
  /**
   * Finishes or continues pending changes until no time is left.
   * @returns how many changes it finished.
   * @throws when some change could not be continued, after all others had their turns.
   */
  readonly sweep: (millisecondsLeft: () => number) => Promise<number>;
  /** How long the slowest pending change has made no progress. */
  readonly oldestPendingSeconds: () => Promise<number>;
  readonly flushVerdicts: (requestId: string) => Promise<void>;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
}

type SweepContext = Pick<Context, 'awsRequestId' | 'getRemainingTimeInMillis'>;

/**
 * Makes the function that finishes changes whose own functions died half-way, and continues those that reach more credentials
 * than one call can change. Each run logs how long the slowest change has made no progress. An alarm goes off when that is too
 * long, and also when no run logs it any more.
 * @returns a handler that throws when a change could not be finished, after it has logged the run. The next run tries again.
 */
export function createSweeper(options: SweeperOptions) {
  return async (_: unknown, context: SweepContext): Promise<void> => {
    beginInvocation(context);
    try {
      await sweepAndMeasure(options, context);
    } catch (error) {
      writeEntry(faultEntry(error, countOne('SweepFault')), context.awsRequestId);
      throw error;
    }
  };
}

async function sweepAndMeasure(options: SweeperOptions, context: SweepContext): Promise<void> {
  const requestId = context.awsRequestId;
  let finished: number | 'some' = 'some';
  try {
    finished = await beforeTimeout(context, () => {
      const end = options.now() + SWEEPING_MS;
      return options.sweep(() => Math.min(end - options.now(), millisecondsLeft()));
    });
  } finally {
    // A sweep that throws may have finished other changes before.
    if (finished !== 0) await options.flushVerdicts(requestId);
    const value = await options.oldestPendingSeconds();
    writeEntry(
      {
        level: 'INFO',
        message: 'swept',
        fields: { finished },
        metric: { name: 'OldestPendingSeconds', value, unit: 'Seconds' },
      },
      requestId,
    );
  }
}
