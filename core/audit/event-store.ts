import { encodeIdentifierTime, LATEST_IDENTIFIER_TIME } from '../credential/identifier.ts';
import type { AuditEvent, Occasion, RefusedEvent } from './audit-event.ts';

/**
 * What the audit log asks of a store. Changes write their events themselves. Nothing changes an event, and nothing deletes one
 * before its time. Reads are strongly consistent.
 * @throws {Unavailable} when the store cannot do it now.
 */
export interface EventStore {
  /** Writes an event for a refused call, unless the same occasion has one already. */
  appendOnce(event: RefusedEvent, occasion: Occasion): Promise<void>;
  /** Newest first. A page is full unless it is the last, or the cost of filling it is too high. */
  list(query: EventQuery): Promise<EventPage>;
}

export interface EventQuery {
  /** A workspace's slug, or the name of a log outside workspaces. */
  readonly log: string;
  readonly filter: EventFilter;
  readonly limit: number;
  /** The id after which the page starts; absent for the newest. */
  readonly after?: string | undefined;
  /** Unix seconds. An event past its time is not shown, even if it is not deleted yet. */
  readonly now: number;
}

export interface EventPage {
  readonly events: readonly AuditEvent[];
  /** The id to continue after; `null` at the end. */
  readonly next: string | null;
}

/** Which events of a log are wanted. An absent field allows every value. */
export interface EventFilter {
  readonly type?: AuditEvent['type'] | undefined;
  /** The id of a key or a token. */
  readonly keyId?: string | undefined;
  /** The id of a credential, or of a user. */
  readonly actor?: string | undefined;
  readonly outcome?: AuditEvent['outcome'] | undefined;
  /** Unix seconds, inclusive. */
  readonly from?: number | undefined;
  /** Unix seconds, exclusive. */
  readonly to?: number | undefined;
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

/** How far an event's time may be from that of its id, in seconds. They come from two readings of the clock. */
const SPREAD_SECONDS = 60;

/** The range of ids that the wanted events can have: the first id, and one that sorts after the last. */
export function idRange({ from, to }: EventFilter): { readonly first: string; readonly last: string } {
  return {
    first: from === undefined ? 'evt_' : idAt(from - SPREAD_SECONDS),
    last: to === undefined ? 'evt_~' : idAt(to + SPREAD_SECONDS),
  };
}

/** A text that sorts before every id of that second, and after every earlier id. */
function idAt(unixSeconds: number): string {
  return `evt_${encodeIdentifierTime(Math.min(Math.max(0, unixSeconds) * 1000, LATEST_IDENTIFIER_TIME))}`;
}

/** For how many days the store keeps events. */
export type EventRetention = number | 'forever';

/** Somewhat more than a year, so that a yearly review finds all events. */
export const DEFAULT_RETENTION_DAYS = 400;

/** An invitation lives for 14 days, and its event keeps it from being accepted twice. */
export const SHORTEST_RETENTION_DAYS = 30;
export const LONGEST_RETENTION_DAYS = 3_650;

/**
 * Reads how long the store keeps events, as a prop of a construct or as a variable of a function.
 * @param source the place that the value comes from, as the beginning of a sentence.
 * @throws if it is neither a number of days nor `forever`.
 */
export function parseEventRetention(value: unknown, source: string): EventRetention {
  if (value === 'forever') return value;
  const days = Number(value);
  const isWhole = /^[1-9]\d{0,3}$/.test(String(value));
  if (isWhole && days >= SHORTEST_RETENTION_DAYS && days <= LONGEST_RETENTION_DAYS) return days;
  throw new Error(
    `${source} must be a whole number of days from ${SHORTEST_RETENTION_DAYS} to ${LONGEST_RETENTION_DAYS}, or forever.`,
  );
}

/** When an event ends, in Unix seconds; `undefined` for never. @param at Unix seconds. */
export function endOfEvent(retention: EventRetention, at: number): number | undefined {
  return retention === 'forever' ? undefined : at + retention * 86_400;
}
