import * as v from 'valibot';
import type { RateLimit } from '../../../core/access/rate-limit.ts';
import {
  ACTOR_KINDS,
  type AuditEvent,
  CHANGE_TYPES,
  type ChangeEvent,
  type Occasion,
} from '../../../core/audit/audit-event.ts';
import {
  type EventPage,
  type EventQuery,
  type EventStore,
  endOfEvent,
  idRange,
  isWanted,
} from '../../../core/audit/event-store.ts';
import type { KeyFields } from '../../../core/credential/credential.ts';
import { type Document, parseItem, storedKeyFields, storedLimit, storedText } from '../table/documents.ts';
import { fillPage } from '../table/query-pages.ts';
import { eventKey, occasionKey, type Tables } from '../table/tables.ts';
import { type PutPart, putNewPart, transact } from '../table/transaction.ts';

type EventTables = Pick<Tables, 'client'> & EventTable;

/** The audit log on DynamoDB, beside the changes that write their own events. */
export function dynamoEventStore(tables: EventTables): EventStore {
  return {
    async appendOnce(event, occasion) {
      // A part fails where the occasion has its event already.
      await transact(tables.client, {
        occasion: putOccasionPart(tables, occasion),
        event: putEventPart(tables, event),
      });
    },
    list: (query) => listEvents(tables, query),
  };
}

async function listEvents({ client, events: table }: EventTables, query: EventQuery): Promise<EventPage> {
  const { log, filter, limit, now, after } = query;
  const { pk, sk: prefix } = eventKey(log, '');
  const asked = { table, pk, prefix, order: 'descending', within: idRange(filter), limit, after } as const;
  const { found, next } = await fillPage(client, asked, (items) =>
    items.map((item) => {
      const event = readEvent(item, now);
      return event !== undefined && isWanted(event, filter) ? event : undefined;
    }),
  );
  return { events: found, next };
}

/** The table of events, and how long an event is kept there. */
export type EventTable = Pick<Tables, 'events' | 'eventRetention'>;

/**
 * The effect of a change, stored beside its event for a restore. No API shows it. If the record in a backup has a lower version
 * than this, the backup was made before the change, whatever any clock says.
 */
export interface ChangeEffect {
  /** The version of the record after the change. */
  readonly version: number;
  /** Of an update of a key: all its fields after the change. */
  readonly key?: { readonly fields: KeyFields; readonly effectiveRateLimit: RateLimit | null };
  /** Of a rotation: when the older secrets end, in Unix seconds; 0 for at once. */
  readonly olderSecretsEndAt?: number;
  /** Of a removal: what happens to the member's keys. */
  readonly keys?: 'revoke' | 'keep';
  /** Of a new plan: the limit of keys that have none of their own. */
  readonly planLimit?: RateLimit | null;
}

/** An event as it is stored. */
export type StoredEvent = AuditEvent & { readonly effect?: ChangeEffect };

/** An event of a change as it is stored. Events from before effects were written have none. */
export type StoredChange = ChangeEvent & { readonly effect?: ChangeEffect };

const changedValue = v.union([
  v.string(),
  v.number(),
  v.boolean(),
  v.null(),
  v.array(v.string()),
  v.object({ limit: v.number(), window_seconds: v.number() }),
]);

const facts = {
  id: v.string(),
  at: v.number(),
  actor: v.object({ kind: v.picklist(ACTOR_KINDS), credentialId: storedText, user: storedText }),
  sourceAddress: storedText,
  workspace: v.string(),
  keyId: storedText,
  userId: v.exactOptional(v.string()),
  before: v.exactOptional(v.record(v.string(), changedValue)),
  after: v.exactOptional(v.record(v.string(), changedValue)),
  invitationId: v.exactOptional(v.string()),
};

const effect = v.object({
  version: v.number(),
  key: v.exactOptional(v.object({ fields: storedKeyFields, effectiveRateLimit: v.nullable(storedLimit) })),
  olderSecretsEndAt: v.exactOptional(v.number()),
  keys: v.exactOptional(v.picklist(['revoke', 'keep'])),
  planLimit: v.exactOptional(v.nullable(storedLimit)),
});

const change = v.object({
  ...facts,
  type: v.picklist(CHANGE_TYPES),
  outcome: v.literal('done'),
  effect: v.exactOptional(effect),
});

const refusal = v.object({
  ...facts,
  type: v.literal('call.refused'),
  outcome: v.literal('refused'),
  action: v.string(),
  code: v.string(),
});

/**
 * The part of a transaction that writes an audit event. Its condition makes the log append-only: an event that is there is
 * never put again. DynamoDB deletes it some time after it has ended.
 */
export function putEventPart(
  { events, eventRetention = 'forever' }: EventTable,
  event: StoredEvent,
): PutPart {
  const deleteAt = endOfEvent(eventRetention, event.at);
  return putNewPart(events, { ...eventKey(event.workspace, event.id), ...event, deleteAt });
}

/**
 * The part of a transaction that gives an occasion its one event. DynamoDB deletes it soon after the occasion has ended. Like
 * everything in this table it has an `id`, so that a reader of the whole table can sort it. It has no `type`.
 */
export function putOccasionPart({ events }: EventTable, { id, endsAt }: Occasion): PutPart {
  return putNewPart(events, { ...occasionKey(id), id, deleteAt: endsAt });
}

/** @param now Unix seconds. @returns `undefined` for an event that has ended, even if it has not been deleted yet. */
export function readEvent(item: Document, now: number): AuditEvent | undefined {
  if (typeof item.deleteAt === 'number' && item.deleteAt <= now) return undefined;
  if (item.type === 'call.refused') return parseItem(refusal, item, 'event');
  const { effect, ...event } = readChange(item);
  return event;
}

export function readChange(item: Document): StoredChange {
  return parseItem(change, item, 'event');
}
