import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

/** Something that does the same operation again and again. */
export interface Contender {
  readonly name: string;
  /** @throws when an operation does not come out as it must: a wrong answer has no speed. */
  run(operations: number): Promise<void> | void;
}

export interface Rounds {
  readonly count: number;
  /** How long each contender's turn takes, about. */
  readonly turnMs: number;
}

/**
 * Lets contenders take turns, so that whatever else the machine does hits all of them alike. Each gets as many operations
 * as fill its turn: one that takes tens of milliseconds does few.
 * @returns operations per second of each round, by the contender's name.
 */
export async function race(
  contenders: readonly Contender[],
  { count, turnMs }: Rounds,
): Promise<ReadonlyMap<string, readonly number[]>> {
  const sizes = new Map<Contender, number>();
  for (const contender of contenders) sizes.set(contender, await warmUp(contender, turnMs));
  // Whoever was first met everything cold, a database's process included, so sizes are taken again now that all is warm.
  for (const contender of contenders) {
    const operations = sizes.get(contender) ?? 1;
    sizes.set(contender, sizeFor(turnMs, { operations, elapsedMs: await timeMs(contender, operations) }));
  }
  const rates = new Map<string, number[]>(contenders.map(({ name }) => [name, []]));
  for (let round = 0; round < count; round += 1) {
    for (const contender of rotated(contenders, round)) {
      const operations = sizes.get(contender) ?? 1;
      const elapsedMs = await timeMs(contender, operations);
      rates.get(contender.name)?.push((operations / elapsedMs) * 1000);
    }
  }
  return rates;
}

/** Runs a contender until it is compiled, and finds out how many operations fill a turn. */
async function warmUp(contender: Contender, turnMs: number): Promise<number> {
  let operations = 1;
  for (;;) {
    const elapsedMs = await timeMs(contender, operations);
    if (elapsedMs >= turnMs / 2) return sizeFor(turnMs, { operations, elapsedMs });
    operations *= 2;
  }
}

function sizeFor(
  turnMs: number,
  { operations, elapsedMs }: { readonly operations: number; readonly elapsedMs: number },
): number {
  return Math.max(1, Math.round((operations * turnMs) / elapsedMs));
}

async function timeMs(contender: Contender, operations: number): Promise<number> {
  collectGarbage();
  const start = performance.now();
  await contender.run(operations);
  return performance.now() - start;
}

/** Nobody goes first in every round. */
export function rotated<T>(values: readonly T[], by: number): T[] {
  const start = by % values.length;
  return [...values.slice(start), ...values.slice(0, start)];
}

/** What one contender leaves behind must not be cleared away in the turn of the next. */
function collectGarbage(): void {
  setFlagsFromString('--expose-gc');
  runInNewContext('gc')();
}

/** Keeps `lanes` operations under way until all are done. */
export async function runAtOnce(
  lanes: number,
  operations: number,
  operation: (index: number) => Promise<void>,
): Promise<void> {
  let next = 0;
  const lane = async () => {
    while (next < operations) {
      const index = next;
      next += 1;
      await operation(index);
    }
  };
  await Promise.all(Array.from({ length: Math.min(lanes, operations) }, lane));
}
