import { encodeIdentifierTime, LATEST_IDENTIFIER_TIME } from '../credential/identifier.ts';
import type { AuditEvent } from './audit-event.ts';

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
