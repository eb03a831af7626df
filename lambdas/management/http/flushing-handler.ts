import { requestIdOf } from '../../http/request.ts';
import { flushAfter, flushVerdicts } from '../../verdict-cache/flush.ts';
import { type Answer, type ManagementCall, managementHandler } from './management-handler.ts';

/** As {@link managementHandler}, for an operation that takes power away: kept verdicts are flushed before it is answered. */
export function flushingHandler(operation: (call: ManagementCall) => Promise<Answer>) {
  return managementHandler((call) =>
    flushAfter(
      () => operation(call),
      () => flushVerdicts(requestIdOf(call.event.requestContext)),
    ),
  );
}
