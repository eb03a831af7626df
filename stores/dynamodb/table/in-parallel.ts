import { decisiveFailure, wrapFault } from '../../../core/errors/fault.ts';

/** How much is done at the same time for one call: enough to be quick, and not enough to flood the store. */
const WIDTH = 16;

/**
 * Does the same to many things, some at a time. A failure does not hold up the others.
 * @returns the results, in the order of the things.
 * @throws {Unavailable} once all were tried, when all failures are troubles that pass; otherwise an error of another kind.
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
  throw wrapFault('Some of many could not be done.', decisiveFailure(failures));
}
