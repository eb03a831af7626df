import { createVerdictFlusher } from '#verdict-cache';
import { readOldestPendingSeconds, sweepPendingChanges } from '../../stores/dynamodb/sweeper/sweep.ts';
import { newId, unixNow } from '../environment.ts';
import { connectTables } from '../tables.ts';
import { createFlush } from '../verdict-flush.ts';
import { createSweeper } from './sweep-run.ts';

const tables = connectTables();

/** The Lambda function that a schedule runs every minute. */
export const handler = createSweeper({
  sweep: (millisecondsLeft) => sweepPendingChanges({ tables, now: unixNow, newId, millisecondsLeft }),
  oldestPendingSeconds: () => readOldestPendingSeconds(tables, unixNow()),
  flushVerdicts: createFlush(createVerdictFlusher()),
  now: Date.now,
});
