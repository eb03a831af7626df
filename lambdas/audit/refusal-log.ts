import type { EventStore } from '../../core/audit/event-store.ts';
import { makeRefusedEvent, occasionOf, type RefusedCall } from '../../core/audit/refused-call.ts';
import { newEventIdentity } from '../environment.ts';
import { countOne, faultEntry, type LogEntry } from '../log/entry.ts';
import { withinMilliseconds } from '../time-limit.ts';

/** Whoever is refused does not wait long for it to be written down, and an authorizer has three seconds for everything. */
const NOTING_MS = 1_500;

/** Occasions that an instance remembers to have written. Each is worth remembering for a minute only. */
const MOST_REMEMBERED = 1_000;

/**
 * Writes down what was refused to somebody known, once for each caller, route, code and minute: what is refused again is
 * remembered by this instance and costs nothing, and costs another one a write whose condition fails.
 * @returns a function that takes what writes a line into the caller's own log, and never throws: the call was refused, whatever becomes of its event.
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
      const fault = new Error('A refused call is not in the audit log.', { cause: error });
      write(faultEntry(fault, countOne('AuditFault')));
    }
  };
}
