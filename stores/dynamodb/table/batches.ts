import { BatchGetItemCommand, type DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { decisiveFailure, Unavailable, wrapFault } from '../../../core/errors/fault.ts';
import { pause, readOrUnavailable } from './contention.ts';
import type { Item, ItemKey } from './tables.ts';

/** DynamoDB takes no more keys in one batch. */
const BATCH = 100;
const BATCH_ATTEMPTS = 8;

/**
 * Reads items in batches, and asks again for the keys that a batch left out.
 * @param readBatch reads one batch. `left`: the keys that DynamoDB has not looked at.
 * @throws {Unavailable} when DynamoDB keeps leaving keys out.
 */
export async function readBatches<Found>(
  keys: readonly ItemKey[],
  readBatch: (keys: ItemKey[]) => Promise<{ readonly found: readonly Found[]; readonly left: ItemKey[] }>,
): Promise<Found[]> {
  const found: Found[] = [];
  for (let start = 0; start < keys.length; start += BATCH) {
    let wanted = keys.slice(start, start + BATCH).map(({ pk, sk }) => ({ pk, sk }));
    for (let attempt = 1; wanted.length > 0; attempt += 1) {
      if (attempt > BATCH_ATTEMPTS) throw new Unavailable('The store did not answer a whole batch.');
      if (attempt > 1) await pause(attempt - 1);
      const batch = wanted;
      const answer = await readOrUnavailable(() => readBatch(batch));
      found.push(...answer.found);
      wanted = answer.left;
    }
  }
  return found;
}

/**
 * Reads any number of items of secrets, strongly consistent. Missing items are left out; the order is DynamoDB's.
 * @param asked.projection the attributes that are wanted. @default all of them
 */
export function readItems(
  client: DynamoDBClient,
  asked: {
    readonly table: string;
    readonly keys: readonly ItemKey[];
    readonly projection?: string | undefined;
  },
): Promise<Item[]> {
  const { table, keys, projection: ProjectionExpression } = asked;
  return readBatches(keys, async (wanted) => {
    const Keys = wanted.map(({ pk, sk }) => ({ pk: { S: pk }, sk: { S: sk } }));
    const RequestItems = { [table]: { Keys, ProjectionExpression, ConsistentRead: true } };
    const answer = await client.send(new BatchGetItemCommand({ RequestItems }));
    const left = answer.UnprocessedKeys?.[table]?.Keys ?? [];
    return {
      found: answer.Responses?.[table] ?? [],
      left: left.map(({ pk, sk }) => ({ pk: pk?.S ?? '', sk: sk?.S ?? '' })),
    };
  });
}

/** How many things one call works on at the same time: enough to be quick, too few to flood the store. */
const WIDTH = 16;

/**
 * Runs `work` on every thing, some at a time. A failure does not hold up the others.
 * @returns the results, in the order of the things.
 * @throws after all were tried: {@link Unavailable} if every failure is passing, otherwise the defect.
 */
export async function runInParallel<Thing, Result>(
  things: readonly Thing[],
  work: (thing: Thing) => Promise<Result>,
): Promise<Result[]> {
  const results: Result[] = [];
  const failures: unknown[] = [];
  const queue = things.entries();
  const worker = async () => {
    // All workers take from the one queue.
    for (const [index, thing] of queue) {
      try {
        results[index] = await work(thing);
      } catch (error) {
        failures.push(error);
      }
    }
  };
  await Promise.all(Array.from({ length: WIDTH }, worker));
  if (failures.length === 0) return results;
  throw wrapFault('Some of the items could not be processed.', decisiveFailure(failures));
}
