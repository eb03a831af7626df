import { createVerdictCache } from '#verdict-cache';
import { requestIdOf } from '../../http/request.ts';
import { createFlush, flushAfter } from '../../verdict-cache/flush.ts';
import { type Answer, type ManagementCall, managementHandler } from './management-handler.ts';

const flushVerdicts = createFlush(createVerdictCache());

/** As {@link managementHandler}, for an operation that takes rights away: cached verdicts are flushed before it is answered. */
export function flushingHandler(operation: (call: ManagementCall) => Promise<Answer>) {
  return managementHandler((call) =>
    flushAfter(
      () => operation(call),
      () => flushVerdicts(requestIdOf(call.event.requestContext)),
    ),
  );
}
