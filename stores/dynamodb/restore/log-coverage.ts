import type { EventRetention } from '../../../core/audit/event-store.ts';
import { numberOf } from '../secrets/secret-item.ts';
import type { Item } from './backup.ts';
import { CLOCK_MARGIN_SECONDS } from './events-since-backup.ts';

/**
 * Whether the log may have forgotten a change that the copy does not know: events end, and a key whose revocation has ended
 * would work again. What was written under a shorter retention than today's ends by that one.
 * @param events what is left of the log, and what the copy holds of it.
 * @param at Unix seconds: the moment of the copy.
 */
export function hasForgotten(
  events: readonly Item[],
  { at, now, retention }: { readonly at: number; readonly now: number; readonly retention: EventRetention },
): boolean {
  const configured = retention === 'forever' ? Number.POSITIVE_INFINITY : retention * 86_400;
  const shown = events.flatMap((event) => {
    const [writtenAt, deleteAt] = [numberOf(event.at), numberOf(event.deleteAt)];
    return writtenAt === null || deleteAt === null ? [] : [deleteAt - writtenAt];
  });
  const shortest = shown.reduce((one, other) => Math.min(one, other), configured);
  return now >= at - CLOCK_MARGIN_SECONDS + shortest;
}

/**
 * Whether events of the copy are missing in the log that have not ended: it is another deployment's, or it was lost or set back,
 * and what happened since the copy may be missing as well.
 */
export function lacksEvents(log: readonly Item[], copied: readonly Item[], now: number): boolean {
  const present = new Set(log.map(({ id }) => id?.S));
  return copied.some(({ id, type, deleteAt }) => {
    const hasEnded = (numberOf(deleteAt) ?? Number.POSITIVE_INFINITY) <= now + CLOCK_MARGIN_SECONDS;
    return type !== undefined && !hasEnded && !present.has(id?.S);
  });
}

/** When something is known to have happened to a record or a secret, in attributes that hold Unix seconds. */
const STAMPS = ['createdAt', 'revokedAt', 'removedAt', 'pendingSince', 'lastUsedAt', 'formerlyUsedAt'];

/**
 * The moment of a copy as far as it shows: it may be said to be older than the newest thing in it, which makes a restore more
 * careful, and never newer, which would revive what came in between.
 * @param said Unix seconds.
 */
export function shownMoment(items: readonly Item[], said: number): number {
  const stamps = items.flatMap((item) => STAMPS.flatMap((name) => numberOf(item[name]) ?? []));
  if (stamps.length === 0) return said;
  return Math.min(
    said,
    stamps.reduce((one, other) => Math.max(one, other)),
  );
}
