import type { Context } from 'aws-lambda';
import { oldestPendingSeconds, sweepPendingChanges } from '../stores/dynamodb/sweep.ts';
import { newId, unixNow } from './environment.ts';
import { faultEntry } from './log/entry.ts';
import { beginInvocation, writeEntry } from './log/function-log.ts';
import { one } from './log/metric.ts';
import { tables } from './management/stores.ts';
import { beforeTimeout } from './time-limit.ts';
import { flushVerdicts } from './verdict-cache/flush.ts';

type SweepContext = Pick<Context, 'awsRequestId' | 'getRemainingTimeInMillis'>;

/**
 * Runs on a schedule and finishes the changes whose functions died half-way. Each run says how old the oldest change is that
 * still waits: an alarm goes off when it is too old, and when nothing says so any more.
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
    finished = await beforeTimeout(context, () => sweepPendingChanges({ tables, now: unixNow, newId }));
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
