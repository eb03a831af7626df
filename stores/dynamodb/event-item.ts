import type { AuditEvent } from '../../core/audit-event.ts';
import { toItem } from './key-item.ts';
import type { Tables } from './tables.ts';

/**
 * The part of a transaction that writes an audit event. Its condition makes the log append-only even for whoever may put:
 * an event that is there cannot be put again.
 */
export function putEvent({ events }: Pick<Tables, 'events'>, event: AuditEvent) {
  return {
    Put: {
      TableName: events,
      Item: toItem({ pk: `WS#${event.workspace}`, sk: event.id, ...event }),
      ConditionExpression: 'attribute_not_exists(pk)',
    },
  };
}
