/**
 * Runs `work` on the things in their order, a bounded number of them at a time. When one fails, no other is begun.
 * @returns the results, in the order of the things.
 * @throws what failed first, after everything that was begun has ended.
 */
export async function workInParallel<Thing, Result>(
  things: readonly Thing[],
  { atOnce, work }: { readonly atOnce: number; readonly work: (thing: Thing) => Promise<Result> },
): Promise<Result[]> {
  const results: Result[] = [];
  const failures: unknown[] = [];
  const queue = things.entries();
  const worker = async () => {
    // All workers take from the one queue.
    for (const [index, thing] of queue) {
      if (failures.length > 0) return;
      try {
        results[index] = await work(thing);
      } catch (error) {
        failures.push(error);
      }
    }
  };
  await Promise.all(Array.from({ length: atOnce }, worker));
  if (failures.length > 0) throw failures[0];
  return results;
}
