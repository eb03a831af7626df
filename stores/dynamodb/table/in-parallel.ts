import { decisiveFailure, wrapFault } from '../../../core/errors/fault.ts';

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
