import { type EventStore, isWanted } from '../../../core/audit/event-store.ts';
import { type MemoryWorld, pageOf, writeEvent } from './world.ts';

/** The audit log in memory. It keeps the contract of the port. Its events have no end. */
export function memoryEventStore(world: MemoryWorld): EventStore {
  return {
    async appendOnce(event, { id }) {
      if (world.occasions.has(id)) return;
      world.occasions.add(id);
      writeEvent(world, event);
    },
    async list({ log, filter, limit, after }) {
      const wanted = world.events.filter((event) => event.workspace === log && isWanted(event, filter));
      const { found, next } = pageOf(wanted, ({ id }) => id, { limit, after, order: 'descending' });
      return { events: found, next };
    },
  };
}
