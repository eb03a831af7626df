import type { RateWindow } from '../../../core/verification/verification-store.ts';
import { type Item, numberOf } from './secret-item.ts';

/**
 * What the secrets of a key have let through in the newest of their windows, together: what a further secret has to go on
 * from, so that a rotation resets no limit.
 *
 * Each call is counted once. A secret that was replaced has noted how much of its count the next one went on from
 * (`handedOn`), and opening a window takes that note away. The newest has noted it a moment ago, as it was replaced.
 *
 * No clock is asked which window that is: verifiers' clocks differ, and one that is over is opened anew by the next call.
 * @param items the secrets as they are once the last of them hands on its count, oldest first; `undefined` for one that is gone.
 * @param windowSeconds of the key's limit: a window of another length was opened under another limit.
 * @returns `undefined` where nothing was counted.
 * @see docs/decisions/0022-faults-and-rotated-limits.md
 */
export function countOf(items: readonly (Item | undefined)[], windowSeconds: number): RateWindow | undefined {
  const own = items.filter((item) => item !== undefined && numberOf(item.windowLength) === windowSeconds);
  const endsAt = Math.max(0, ...own.map(endOf));
  const counts = own.filter((item) => endOf(item) === endsAt).map((item) => shareOf(item, items.at(-1)));
  const used = counts.reduce((sum, count) => sum + count, 0);
  return used > 0 ? { endsAt, used } : undefined;
}

function shareOf(item: Item | undefined, newest: Item | undefined): number {
  const used = numberOf(item?.used) ?? 0;
  const handedOn = numberOf(item?.handedOn);
  // What the newest has counted since it handed on is its own again.
  return item === newest ? (handedOn ?? used) : Math.max(0, used - (handedOn ?? 0));
}

function endOf(item: Item | undefined): number {
  return numberOf(item?.windowEndsAt) ?? 0;
}
