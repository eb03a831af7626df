import { decisiveFailure, wrapFault } from '../../../core/errors/fault.ts';

/** How much is done at the same time for one call: enough to be quick, and no flood. */
const WIDTH = 16;

/**
 * Does the same to many things, some at a time. One that fails does not hold up the others.
 * @returns the results, in the order of the things.
 * @throws {Unavailable} once all were tried, when some failed by a trouble that passes; an error of another kind where one
 * of them needs to be mended.
 */
export async function inParallel<Thing, Result>(
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
