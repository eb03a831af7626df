import type { EventRetention } from '../../core/event-retention.ts';
import type { Item } from './backup.ts';
import { firstLater } from './later-events.ts';
import { numberOf } from './secret-item.ts';

/**
 * Whether the log may have forgotten a revocation that the copy does not know: events end, and a key whose revocation has
 * ended would work again. What was written under a shorter retention than today's ends by that one.
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
  return now >= firstLater(at) + shortest;
}
