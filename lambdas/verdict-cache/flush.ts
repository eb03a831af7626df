import { verdictCache } from '#verdict-cache';
import { faultEntry } from '../log/entry.ts';
import { writeEntry } from '../log/function-log.ts';
import { one } from '../log/metric.ts';

/**
 * Flushes kept verdicts as best it can. It never fails: the change is done, and what is still kept ends by itself after the
 * cache's time.
 */
export async function flushVerdicts(requestId: string): Promise<void> {
  try {
    await verdictCache.flush();
  } catch (cause) {
    const message = 'Kept verdicts could not be flushed after a change; they end when their time is over.';
    writeEntry(faultEntry(new Error(message, { cause }), one('FlushFault')), requestId);
  }
}
