import type { AuditEvent, RefusedEvent } from './audit-event.ts';
import type { EventFilter } from './event-filter.ts';
import type { Occasion } from './refused-call.ts';

/**
 * What the audit log asks of a store beside the changes, which write their events themselves. Nothing changes an event, and
 * nothing deletes one before its time. Reads are strongly consistent.
 * @throws {Unavailable} when the store cannot do it now.
 */
export interface EventStore {
  /** Writes an event of its own, unless one was written on the same occasion. */
  appendOnce(event: RefusedEvent, occasion: Occasion): Promise<void>;
  /** Newest first. Full unless it is the last, or the cost of filling it is too high. */
  list(query: EventQuery): Promise<EventPage>;
}

export interface EventQuery {
  /** A workspace's slug, or another log that no slug can name. */
  readonly log: string;
  readonly filter: EventFilter;
  readonly limit: number;
  /** The id after which the page starts; absent for the newest. */
  readonly after?: string;
  /** Unix seconds. What is past its time is not shown, though it may not have been deleted yet. */
  readonly now: number;
}

export interface EventPage {
  readonly events: readonly AuditEvent[];
  /** The id to continue after; `null` at the end. */
  readonly next: string | null;
}
