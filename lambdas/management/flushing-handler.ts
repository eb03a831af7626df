import { flushVerdicts } from '../verdict-cache/flush.ts';
import { type Answer, type ManagementCall, managementHandler } from './management-handler.ts';

/**
 * As {@link managementHandler}, for an operation that takes power away: once it is done, and before it is answered, kept
 * verdicts are flushed. What was refused has changed nothing, and flushes nothing.
 */
export function flushingHandler(operation: (call: ManagementCall) => Promise<Answer>) {
  return managementHandler(async (call) => {
    const answer = await operation(call);
    if (answer.takesPower !== false) await flushVerdicts(call.event.requestContext.requestId);
    return answer;
  });
}
