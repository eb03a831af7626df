import { Unfinished } from '../../core/unavailable.ts';
import { flushVerdicts } from '../verdict-cache/flush.ts';
import { type Answer, type ManagementCall, managementHandler } from './management-handler.ts';

/**
 * As {@link managementHandler}, for an operation that takes power away: once it is done, and before it is answered, kept
 * verdicts are flushed. A change that is not yet done has reached some credentials, and flushes them too. What was refused has
 * changed nothing, and flushes nothing.
 */
export function flushingHandler(operation: (call: ManagementCall) => Promise<Answer>) {
  return managementHandler(async (call) => {
    const flush = () => flushVerdicts(call.event.requestContext.requestId);
    try {
      const answer = await operation(call);
      if (answer.takesPower !== false) await flush();
      return answer;
    } catch (error) {
      if (error instanceof Unfinished) await flush();
      throw error;
    }
  });
}
