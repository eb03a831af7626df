import type { AuditEvent } from '../../core/audit-event.ts';
import { idRange, isWanted } from '../../core/event-filter.ts';
import type { EventPage, EventQuery, EventStore } from '../../core/event-store.ts';
import { failedConditions } from './contention.ts';
import { type EventTable, putEvent, putOccasion, readEvent } from './event-item.ts';
import { queryPage } from './query-pages.ts';
import { eventKey, type Tables } from './tables.ts';

type EventTables = Pick<Tables, 'client'> & EventTable;

/** Events that are looked at for one page where only some are wanted: in queries of this size, and this many of them. */
const LOOKED_AT_ONCE = 100;
const MOST_QUERIES = 5;

/** The audit log on DynamoDB, beside the changes that write their own events. */
export function dynamoEventStore(tables: EventTables): EventStore {
  return {
    async appendOnce(event, occasion) {
      const TransactItems = [putOccasion(tables, occasion), putEvent(tables, event)];
      // A condition that fails here means that the occasion has its event.
      await failedConditions(tables.client, TransactItems);
    },
    list: (query) => listEvents(tables, query),
  };
}

/** Where few of many are wanted, a page ends before it is full rather than reading on without an end. */
async function listEvents({ client, events: table }: EventTables, query: EventQuery): Promise<EventPage> {
  const { log, filter, limit, now } = query;
  const isFiltered = Object.keys(filter).length > 0;
  const { pk, sk: prefix } = eventKey(log, '');
  const asked = { table, pk, prefix, order: 'descending', within: idRange(filter) } as const;
  const found: AuditEvent[] = [];
  let after = query.after;
  for (let queries = 1; queries <= MOST_QUERIES; queries += 1) {
    const { items, isLast } = await queryPage(client, {
      ...{ ...asked, after },
      limit: isFiltered ? LOOKED_AT_ONCE : limit - found.length,
    });
    for (const [index, item] of items.entries()) {
      const event = readEvent(item, now);
      if (event !== undefined && isWanted(event, filter)) found.push(event);
      after = item.sk?.S;
      const isEnd = isLast && index === items.length - 1;
      if (found.length === limit && !isEnd) return { events: found, next: after ?? null };
    }
    if (isLast) return { events: found, next: null };
  }
  return { events: found, next: after ?? null };
}
