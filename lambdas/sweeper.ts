import type { Context } from 'aws-lambda';
import { oldestPendingSeconds, sweepPendingChanges } from '../stores/dynamodb/sweeper/sweep.ts';
import { newId, unixNow } from './environment.ts';
import { faultEntry, one } from './log/entry.ts';
import { beginInvocation, writeEntry } from './log/powertools-log.ts';
import { tables } from './management/stores.ts';
import { beforeTimeout, millisecondsLeft } from './time-limit.ts';
import { flushVerdicts } from './verdict-cache/flush.ts';

/** A run begins its last turn before the next run starts, which goes on: the schedule is one a minute. */
const SWEEPING_MS = 50_000;

type SweepContext = Pick<Context, 'awsRequestId' | 'getRemainingTimeInMillis'>;

/**
 * Runs on a schedule, finishes the changes whose functions died half-way, and goes on with those that reach more credentials
 * than one call can. Each run says how long the change has waited that has made no progress for longest: an alarm goes off
 * when that is too long, and when nothing says so any more.
 * @throws what could not be finished, after having said so; the next run tries again.
 */
export const handler = async (_: unknown, context: SweepContext): Promise<void> => {
  beginInvocation(context);
  try {
    await sweepAndMeasure(context);
  } catch (error) {
    writeEntry(faultEntry(error, one('SweepFault')), context.awsRequestId);
    throw error;
  }
};

async function sweepAndMeasure(context: SweepContext): Promise<void> {
  const requestId = context.awsRequestId;
  let finished: number | 'some' = 'some';
  try {
    finished = await beforeTimeout(context, () => {
      const end = Date.now() + SWEEPING_MS;
      const left = () => Math.min(end - Date.now(), millisecondsLeft());
      return sweepPendingChanges({ tables, now: unixNow, newId, millisecondsLeft: left });
    });
  } finally {
    // Where one change could not be finished, others were.
    if (finished !== 0) await flushVerdicts(requestId);
    const value = await oldestPendingSeconds(tables, unixNow());
    writeEntry(
      {
        ...{ level: 'INFO', message: 'swept', fields: { finished } },
        metric: { name: 'OldestPendingSeconds', value, unit: 'Seconds' },
      },
      requestId,
    );
  }
}
