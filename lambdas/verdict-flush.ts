import { Unfinished } from '../core/errors/fault.ts';
import type { VerdictFlusher } from '../core/verification/cacheable-verdict.ts';
import { countOne, faultEntry } from './log/entry.ts';
import { writeEntry } from './log/powertools-log.ts';
import { millisecondsLeft } from './time-limit.ts';

/** The caller waits for the flush, so it is tried once and not for long. */
const FLUSH_MS = 1_000;

/**
 * Makes a function that flushes the cached verdicts. It never throws: the change is done, and a verdict that stays in the cache
 * is gone after the cache's time anyway.
 */
export function createFlush(flusher: VerdictFlusher): (requestId: string) => Promise<void> {
  return async (requestId) => {
    try {
      // After a slow change there may be no time left.
      await flusher.flush(Math.max(0, Math.min(FLUSH_MS, millisecondsLeft())));
    } catch (cause) {
      const message =
        'Cached verdicts could not be flushed after a change. They end when the time of the cache is over.';
      writeEntry(faultEntry(new Error(message, { cause }), countOne('FlushFault')), requestId);
    }
  };
}

/**
 * Runs an operation that takes rights away, then flushes. An unfinished change has reached some credentials, so it flushes too.
 * A refusal has changed nothing, so it flushes nothing.
 */
export async function flushAfter<Outcome extends { readonly takesRights?: boolean }>(
  operation: () => Promise<Outcome>,
  flush: () => Promise<void>,
): Promise<Outcome> {
  try {
    const outcome = await operation();
    if (outcome.takesRights !== false) await flush();
    return outcome;
  } catch (error) {
    if (error instanceof Unfinished) await flush();
    throw error;
  }
}
