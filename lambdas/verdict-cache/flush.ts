import { createVerdictCache } from '#verdict-cache';
import { Unfinished } from '../../core/errors/fault.ts';
import { faultEntry, one } from '../log/entry.ts';
import { writeEntry } from '../log/powertools-log.ts';
import { millisecondsLeft } from '../time-limit.ts';

const verdictCache = createVerdictCache();

/** Whoever takes power away waits for the flush, so it is tried once and not for long. */
const FLUSH_MS = 1_000;

/**
 * Flushes kept verdicts as best it can. It never fails: the change is done, and what is still kept ends by itself after the
 * cache's time.
 */
export async function flushVerdicts(requestId: string): Promise<void> {
  try {
    // What is left of a change that was slow may be nothing.
    await verdictCache.flush(Math.max(0, Math.min(FLUSH_MS, millisecondsLeft())));
  } catch (cause) {
    const message = 'Kept verdicts could not be flushed after a change; they end when their time is over.';
    writeEntry(faultEntry(new Error(message, { cause }), one('FlushFault')), requestId);
  }
}

/**
 * Does what takes power away, then flushes. A change that is not yet done has reached some credentials, so it flushes as well.
 * A refusal has changed nothing, and flushes nothing.
 */
export async function flushAfter<Outcome extends { readonly takesPower?: boolean }>(
  operation: () => Promise<Outcome>,
  flush: () => Promise<void>,
): Promise<Outcome> {
  try {
    const outcome = await operation();
    if (outcome.takesPower !== false) await flush();
    return outcome;
  } catch (error) {
    if (error instanceof Unfinished) await flush();
    throw error;
  }
}
