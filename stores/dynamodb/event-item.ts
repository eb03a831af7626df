import type { AttributeValue } from '@aws-sdk/client-dynamodb';
import { unmarshall } from '@aws-sdk/util-dynamodb';
import type { AuditEvent } from '../../core/audit-event.ts';
import { endOfEvent } from '../../core/event-retention.ts';
import type { Occasion } from '../../core/refused-call.ts';
import { toItem } from './key-item.ts';
import { eventKey, occasionKey, type Tables } from './tables.ts';

/** The table of events, and for how long what is written there is kept. */
export type EventTable = Pick<Tables, 'events' | 'eventRetention'>;

/**
 * The part of a transaction that writes an audit event. Its condition makes the log append-only even for whoever may put:
 * an event that is there cannot be put again. DynamoDB deletes it some time after it has ended.
 */
export function putEvent({ events, eventRetention = 'forever' }: EventTable, event: AuditEvent) {
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
  const { pk, sk, deleteAt, ...event } = unmarshall(item);
  return typeof deleteAt === 'number' && deleteAt <= now ? undefined : (event as AuditEvent);
}
