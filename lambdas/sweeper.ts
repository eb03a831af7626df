import { sweepPendingChanges } from '../stores/dynamodb/sweep.ts';
import { newId, unixNow } from './environment.ts';
import { tables } from './management/stores.ts';

/** Runs on a schedule and finishes the changes whose functions died half-way. */
export const handler = async (): Promise<void> => {
  const finished = await sweepPendingChanges({ tables, now: unixNow, newId });
  if (finished > 0)
    console.log(JSON.stringify({ level: 'INFO', message: 'pending changes finished', finished }));
};
