import { QueryCommand } from '@aws-sdk/client-dynamodb';
import { unmarshall } from '@aws-sdk/util-dynamodb';
import { Unavailable } from '../../core/unavailable.ts';
import { reading } from './contention.ts';
import { toValues } from './key-item.ts';
import { readRecord } from './key-read.ts';
import { type Finisher, settle } from './key-settle.ts';
import { PENDING, PENDING_INDEX } from './tables.ts';

/** A change older than this has lost its caller: no function runs that long. Seconds. */
const ORPHANED_SECONDS = 60;

/** Keys finished in one sweep; more wait for the next one. */
const SWEPT_AT_ONCE = 100;

/**
 * Finishes what crashes left half done.
 * @returns how many changes it found and finished.
 * @throws {Unavailable} when some could not be finished; the others were, so that one does not hold up all.
 */
export async function sweepPendingChanges(finisher: Finisher): Promise<number> {
  const { tables, now } = finisher;
  const { Items = [] } = await reading(() =>
    tables.client.send(
      new QueryCommand({
        TableName: tables.records,
        IndexName: PENDING_INDEX,
        KeyConditionExpression: 'pending = :pending AND pendingSince < :orphaned',
        ExpressionAttributeValues: toValues({ ':pending': PENDING, ':orphaned': now() - ORPHANED_SECONDS }),
        Limit: SWEPT_AT_ONCE,
      }),
    ),
  );
  let finished = 0;
  const failures: unknown[] = [];
  for (const { pk, sk } of Items.map((item) => unmarshall(item))) {
    const address = { workspace: String(pk).slice('WS#'.length), id: String(sk).slice('KEY#'.length) };
    try {
      // The index lags behind: the record itself says whether there is still something to do.
      const record = await readRecord(tables, address);
      if (record?.pendingChange == null) continue;
      await settle(finisher, record, record.pendingChange);
      finished += 1;
    } catch (error) {
      failures.push(error);
    }
  }
  if (failures.length > 0)
    throw new Unavailable('Some changes could not be finished.', {
      cause: new AggregateError(failures, failures.map(String).join('; ')),
    });
  return finished;
}
