import { encodeIdentifierTime, LATEST_IDENTIFIER_TIME } from '../credential/identifier.ts';
import type { AuditEvent, RefusedEvent } from './audit-event.ts';
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

/** Which events of a log are wanted; what is absent does not matter. */
export interface EventFilter {
  readonly type?: AuditEvent['type'];
  /** The id of a key or a token. */
  readonly keyId?: string;
  /** The id of a credential, or of a user. */
  readonly actor?: string;
  readonly outcome?: AuditEvent['outcome'];
  /** Unix seconds; the first that is wanted. */
  readonly from?: number;
  /** Unix seconds; the first that is not. */
  readonly to?: number;
}

export function isWanted(event: AuditEvent, { type, keyId, actor, outcome, from, to }: EventFilter): boolean {
  const { credentialId, user } = event.actor;
  return (
    (type === undefined || event.type === type) &&
    (keyId === undefined || event.keyId === keyId) &&
    (actor === undefined || actor === credentialId || actor === user) &&
    (outcome === undefined || event.outcome === outcome) &&
    (from === undefined || event.at >= from) &&
    (to === undefined || event.at < to)
  );
}

/** How far an event's time may be from that of its id, in seconds: whoever finishes what others began reads the clock twice. */
const SPREAD_SECONDS = 60;

/** The ids that the wanted events can have: the first, and one that sorts behind the last. */
export function idRange({ from, to }: EventFilter): { readonly first: string; readonly last: string } {
  return {
    first: from === undefined ? 'evt_' : idAt(from - SPREAD_SECONDS),
    last: to === undefined ? 'evt_~' : idAt(to + SPREAD_SECONDS),
  };
}

/** Sorts before every id of that second, and behind every one before. */
function idAt(unixSeconds: number): string {
  return `evt_${encodeIdentifierTime(Math.min(Math.max(0, unixSeconds) * 1000, LATEST_IDENTIFIER_TIME))}`;
}
