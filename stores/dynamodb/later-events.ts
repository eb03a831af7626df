import { unmarshall } from '@aws-sdk/util-dynamodb';
import type { AuditEvent, ChangeEvent } from '../../core/audit-event.ts';
import { ROLES, type Role } from '../../core/role.ts';
import type { Item } from './backup.ts';

/** What the audit log tells that a copy of the tables from before does not know. */
export interface LaterEvents {
  /** Every revocation there ever was: one is final, so it is no mistake to do it again. */
  readonly revocations: readonly ChangeEvent[];
  /** The last change since the copy of each key that was changed otherwise, by the key's id. */
  readonly changedKeys: ReadonlyMap<string, ChangeEvent>;
  /** The last event since the copy of each member, by workspace and user. */
  readonly members: ReadonlyMap<string, ChangeEvent>;
  /** Credentials that were issued since the copy, and are gone with it. */
  readonly issued: readonly ChangeEvent[];
}

/**
 * How long before the moment of the copy an event may have been stamped, and its change be missing in the copy: the clock of
 * whoever copied may go before those of the functions, and an event is stamped before its transaction has contended. Seconds.
 */
const MARGIN_SECONDS = 300;

/** The first moment of which the log has to tell. @param at Unix seconds: the moment of the copy. */
export function firstLater(at: number): number {
  return at - MARGIN_SECONDS;
}

/** @param items what the log holds, and the copy of it, in which the same events may be. @param at Unix seconds: the moment of the copy. */
export function laterEvents(items: readonly Item[], at: number): LaterEvents {
  const since = firstLater(at);
  // What was refused changed nothing, and what bounds how often that is told stands in the same table.
  const done = items.flatMap((item) => {
    const event = unmarshall(item) as AuditEvent;
    return event.outcome === 'done' ? [event] : [];
  });
  const events = [...new Map(done.map((event) => [event.id, event])).values()];
  // Identifiers sort by the time that they were made.
  events.sort((one, other) => (one.id < other.id ? -1 : 1));
  const later = events.filter(({ at }) => at >= since);
  const ofType = (pattern: RegExp, among = later) => among.filter(({ type }) => pattern.test(type));
  return {
    revocations: ofType(/^(key|token|management_key)\.revoked$/, events),
    changedKeys: new Map(ofType(/^key\.(updated|rotated)$/).map((event) => [event.keyId ?? '', event])),
    members: new Map(ofType(/^member\./).map((event) => [`${event.workspace} ${event.userId}`, event])),
    issued: ofType(/^(key|token|management_key)\.issued$/),
  };
}

/** What somebody is after an event of theirs. */
export function roleAfter({ type, after }: ChangeEvent): Role | 'none' {
  return (type !== 'member.removed' && ROLES.find((role) => role === after?.role)) || 'none';
}
