import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

/** Repeats one operation. */
export interface Contender {
  readonly name: string;
  /** @throws if an operation gives a wrong answer. */
  run(operations: number): Promise<void> | void;
}

export interface Rounds {
  readonly count: number;
  /** About how long each contender's turn takes. */
  readonly turnMs: number;
}

/**
 * Lets contenders take turns, so that other work on the machine slows all of them alike. Each gets as many operations
 * as fit into its turn.
 * @returns operations per second of each round, by the contender's name.
 */
export async function race(
  contenders: readonly Contender[],
  { count, turnMs }: Rounds,
): Promise<ReadonlyMap<string, readonly number[]>> {
  const sizes = new Map<Contender, number>();
  for (const contender of contenders) sizes.set(contender, await warmUp(contender, turnMs));
  // The first contender ran cold. Everything is warm now, so the sizes are measured again.
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

/** Runs a contender until it is compiled, and measures how many operations fit into a turn. */
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

/** Another contender starts each round. */
export function rotated<T>(values: readonly T[], by: number): T[] {
  const start = by % values.length;
  return [...values.slice(start), ...values.slice(0, start)];
}

/** Collects garbage now, so that it does not slow the next contender. */
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
