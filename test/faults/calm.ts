import { newId } from '../../lambdas/environment.ts';
import { sweepPendingChanges } from '../../stores/dynamodb/sweeper/sweep.ts';
import type { Tables } from '../../stores/dynamodb/table/tables.ts';

/** Later than any lease, so that a sweeper takes every unfinished change for orphaned. Seconds. */
const LATER_SECONDS = 120;

/**
 * Sweeps as the sweeper will two minutes from now. In the middle of a storm that takes what is under way for abandoned, as a sweeper
 * whose clock is wrong would.
 * @returns how much it finished.
 */
export function sweepEarly(tables: Tables): Promise<number> {
  const now = () => Math.floor(Date.now() / 1000) + LATER_SECONDS;
  return sweepPendingChanges({ tables, now, newId });
}

/** @returns how much there was to finish. */
export async function sweepAll(tables: Tables): Promise<number> {
  let finished = 0;
  for (;;) {
    const more = await sweepEarly(tables);
    if (more === 0) return finished;
    finished += more;
  }
}
