import type { Context } from 'aws-lambda';
import { sweepPendingChanges } from '../stores/dynamodb/sweep.ts';
import { newId, unixNow } from './environment.ts';
import { tables } from './management/stores.ts';
import { flushVerdicts } from './verdict-cache/flush.ts';

/** Runs on a schedule and finishes the changes whose functions died half-way. */
export const handler = async (_event: unknown, { awsRequestId }: Context): Promise<void> => {
  let finished: number | 'some' = 'some';
  try {
    finished = await sweepPendingChanges({ tables, now: unixNow, newId });
  } finally {
    // Where one change could not be finished, others were.
    if (finished !== 0) await flushVerdicts(awsRequestId);
  }
  if (finished > 0)
    console.log(JSON.stringify({ level: 'INFO', message: 'pending changes finished', finished }));
};
