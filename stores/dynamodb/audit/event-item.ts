import type { AttributeValue } from '@aws-sdk/client-dynamodb';
import { unmarshall } from '@aws-sdk/util-dynamodb';
import type { RateLimit } from '../../../core/access/rate-limit.ts';
import type { AuditEvent, ChangeEvent } from '../../../core/audit/audit-event.ts';
import { endOfEvent } from '../../../core/audit/event-store.ts';
import type { Occasion } from '../../../core/audit/refused-call.ts';
import type { KeyFields } from '../../../core/credential/api-key.ts';
import { toItem } from '../keys/key-item.ts';
import { eventKey, occasionKey, type Tables } from '../table/tables.ts';

/** The table of events, and for how long what is written there is kept. */
export type EventTable = Pick<Tables, 'events' | 'eventRetention'>;

/**
 * What a change leaves behind, kept beside its event for a restore and shown to nobody. A copy of the tables whose record has
 * a lower version than this was made before the change, whatever any clock says.
 */
export interface ChangeEffect {
  /** The version of the changed record from this change on. */
  readonly version: number;
  /** Of an update of a key: all that it is from then on. */
  readonly key?: { readonly fields: KeyFields; readonly effectiveRateLimit: RateLimit | null };
  /** Of a rotation: when the older secrets end, in Unix seconds; 0 for at once. */
  readonly olderSecretsEndAt?: number;
  /** Of a removal: what becomes of the member's keys. */
  readonly keys?: 'revoke' | 'keep';
  /** Of a new plan: what keys are held to that have no limit of their own. */
  readonly planLimit?: RateLimit | null;
}

/** An event as it is stored. */
export type StoredEvent = AuditEvent & { readonly effect?: ChangeEffect };

/** An event of a change as it is stored. Events from before effects were written have none. */
export type StoredChange = ChangeEvent & { readonly effect?: ChangeEffect };

/**
 * The part of a transaction that writes an audit event. Its condition makes the log append-only even for whoever may put:
 * an event that is there cannot be put again. DynamoDB deletes it some time after it has ended.
 */
export function putEvent({ events, eventRetention = 'forever' }: EventTable, event: StoredEvent) {
  const deleteAt = endOfEvent(eventRetention, event.at);
  return {
    Put: {
      TableName: events,
      Item: toItem({ ...eventKey(event.workspace, event.id), ...event, deleteAt }),
      ConditionExpression: 'attribute_not_exists(pk)',
    },
  };
}

/**
 * The part of a transaction by which an occasion has one event. DynamoDB deletes it soon after the occasion has ended. It has an
 * `id` like everything else there, so that whoever reads the whole table can put it in order, and no `type`.
 */
export function putOccasion({ events }: EventTable, { id, endsAt }: Occasion) {
  return {
    Put: {
      TableName: events,
      Item: toItem({ ...occasionKey(id), id, deleteAt: endsAt }),
      ConditionExpression: 'attribute_not_exists(pk)',
    },
  };
}

/** @param now Unix seconds. @returns `undefined` for one that has ended, though it may not have been deleted yet. */
export function readEvent(item: Record<string, AttributeValue>, now: number): AuditEvent | undefined {
  const { pk, sk, deleteAt, effect, ...event } = unmarshall(item);
  return typeof deleteAt === 'number' && deleteAt <= now ? undefined : (event as AuditEvent);
}
