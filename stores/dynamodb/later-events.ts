import { unmarshall } from '@aws-sdk/util-dynamodb';
import type { AuditEvent, ChangeEvent } from '../../core/audit-event.ts';
import { ROLES, type Role } from '../../core/role.ts';
import { itemsOf } from './backup.ts';
import type { Tables } from './tables.ts';

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

/** @param since Unix seconds: the moment of the copy. What happened in that very second counts as later. */
export async function laterEvents(tables: Tables, since: number): Promise<LaterEvents> {
  const events: ChangeEvent[] = [];
  for await (const item of itemsOf(tables, 'events')) {
    const event = unmarshall(item) as AuditEvent;
    // What was refused changed nothing, and what bounds how often that is told stands in the same table.
    if (event.outcome === 'done') events.push(event);
  }
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
