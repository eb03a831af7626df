import { makeRefusedEvent, occasionOf, type RefusedCall } from '../core/audit/audit-event.ts';
import type { EventStore } from '../core/audit/event-store.ts';
import { newEventIdentity } from './environment.ts';
import { countOne, faultEntry, type LogEntry } from './log/entry.ts';
import { withinMilliseconds } from './time-limit.ts';

/** A refused caller does not wait long for the log, and an authorizer has three seconds for everything. */
const NOTING_MS = 1_500;

/** An instance remembers this many occasions that it has written. An occasion lasts a minute. */
const MOST_REMEMBERED = 1_000;

/**
 * Writes refused calls of known callers into the audit log, once for each caller, route, code and minute. This instance
 * remembers what it has written, so a repetition costs nothing here. On another instance it costs a write, whose condition fails.
 * @returns a function that never throws: the call is refused even if its event cannot be written. Its argument `write` writes a
 * line into the log of the Lambda function.
 */
export function refusalLog(
  store: Pick<EventStore, 'appendOnce'>,
  identity: typeof newEventIdentity = newEventIdentity,
): (call: RefusedCall, write: (fault: LogEntry) => void) => Promise<void> {
  const remembered = new Set<string>();
  return async (call, write) => {
    const begun = identity();
    const occasion = occasionOf(call, begun.at);
    if (remembered.has(occasion.id)) return;
    try {
      await withinMilliseconds(NOTING_MS, () => store.appendOnce(makeRefusedEvent(call, begun), occasion));
      if (remembered.size >= MOST_REMEMBERED) remembered.clear();
      remembered.add(occasion.id);
    } catch (error) {
      const fault = new Error('A refused call could not be written into the audit log.', { cause: error });
      write(faultEntry(fault, countOne('AuditFault')));
    }
  };
}
