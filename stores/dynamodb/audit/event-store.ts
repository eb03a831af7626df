import {
  type EventPage,
  type EventQuery,
  type EventStore,
  idRange,
  isWanted,
} from '../../../core/audit/event-store.ts';
import { fillPage } from '../table/filled-page.ts';
import { eventKey, type Tables } from '../table/tables.ts';
import { transact } from '../table/transaction.ts';
import { type EventTable, putEventPart, putOccasionPart, readEvent } from './event-item.ts';

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
