import type { EventRetention } from '../../../core/audit/event-store.ts';
import { numberOf } from '../secrets/secret-item.ts';
import type { Item } from '../table/tables.ts';
import { CLOCK_MARGIN_SECONDS } from './events-since-backup.ts';

/**
 * Why nothing was restored.
 * - `not_empty`: the tables hold something that may not be replaced.
 * - `in_the_future`: the backup names a moment that is yet to come.
 * - `log_forgets`: events from after the backup have expired.
 * - `log_lacks`: the log lacks events that the backup has.
 * - `unknown_retention`: nobody said how long the log is kept, so it may have forgotten changes.
 */
export type NotRestored = 'not_empty' | 'in_the_future' | 'log_forgets' | 'log_lacks' | 'unknown_retention';

export interface RestoreChoices {
  /** Whether the contents of the tables are replaced, or the tables have to be empty. */
  readonly present: 'replace' | 'none';
  /** Whether a backup is refused if the log may not tell of every change since: then revoked keys could work again. */
  readonly forgotten: 'refuse' | 'accept';
}

export interface Situation {
  /** The moment that the backup names, in Unix seconds. */
  readonly named: number;
  /** The moment that its items show, from {@link findMoment}. */
  readonly at: number;
  readonly now: number;
  /** How long the log is kept; `undefined` where nobody said. */
  readonly retention: EventRetention | undefined;
  /** Whether the tables hold nothing but a log. */
  readonly isEmpty: boolean;
  /** The events of the log. */
  readonly log: readonly Item[];
  /** The events of the backup. */
  readonly copied: readonly Item[];
}

/** How far the clock of the machine that made the backup may be ahead of this one. Seconds. */
const AHEAD_SECONDS = 60;

/** @returns `undefined` when the backup may be restored. */
export function findRefusal(
  { present, forgotten }: RestoreChoices,
  { named, at, now, retention, isEmpty, log, copied }: Situation,
): NotRestored | undefined {
  if (present === 'none' && !isEmpty) return 'not_empty';
  if (named > now + AHEAD_SECONDS) return 'in_the_future';
  if (forgotten === 'accept') return undefined;
  if (retention === undefined) return 'unknown_retention';
  if (hasForgotten([...copied, ...log], { at, now, retention })) return 'log_forgets';
  // Tables that hold nothing at all, not even a log, have no history that the backup could contradict.
  const isNew = isEmpty && log.length === 0;
  return !isNew && lacksEvents(log, copied, now) ? 'log_lacks' : undefined;
}

/** The attributes of records and secrets that hold the time of a change or a use, in Unix seconds. */
const STAMPS = ['createdAt', 'revokedAt', 'removedAt', 'pendingSince', 'lastUsedAt', 'formerlyUsedAt'];

/**
 * Finds the moment of a backup: the one that it names, but no later than the newest time in its items. A moment that is too
 * early makes a restore more careful. One that is too late would revive what was revoked in between.
 * @param named Unix seconds.
 */
export function findMoment(items: readonly Item[], named: number): number {
  const stamps = items.flatMap((item) => STAMPS.flatMap((name) => numberOf(item[name]) ?? []));
  if (stamps.length === 0) return named;
  const newest = stamps.reduce((one, other) => Math.max(one, other));
  return Math.min(named, newest);
}

/**
 * Whether an event may have expired that the backup does not hold. If it was a revocation, its key would work again. Events
 * that were written under a shorter retention than today's expire sooner: each says when.
 */
function hasForgotten(
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
 * Whether the log lacks events of the backup that have not expired. Then it is another deployment's log, or it was lost or set
 * back, and events from after the backup may be missing too.
 */
function lacksEvents(log: readonly Item[], copied: readonly Item[], now: number): boolean {
  const present = new Set(log.map(({ id }) => id?.S));
  return copied.some(({ id, type, deleteAt }) => {
    const hasEnded = (numberOf(deleteAt) ?? Number.POSITIVE_INFINITY) <= now + CLOCK_MARGIN_SECONDS;
    return type !== undefined && !hasEnded && !present.has(id?.S);
  });
}
