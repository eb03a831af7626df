import { AsyncLocalStorage } from 'node:async_hooks';

/**
 * A verification that has not come to a verdict by then is a fault. An authorizer has three seconds, and Lambda would
 * end it without an answer of its own: what is left is for a machine that is busy.
 */
export const VERIFICATION_MS = 2_300;

/** What a function keeps to answer that it could not, on a busy machine as well. */
const ANSWERING_MS = 1_000;

const ends = new AsyncLocalStorage<number>();

/**
 * Does something whose store operations all end within a time; one that would begin later fails. Within another time it has
 * no more than is left of that. It holds for that work alone:
 * what an earlier invocation has left behind and Lambda thaws with a later one finds its own time over.
 * @see docs/decisions/0015-campaigns.md
 */
export function withinMilliseconds<T>(milliseconds: number, work: () => Promise<T>): Promise<T> {
  const end = Math.min(Date.now() + milliseconds, ends.getStore() ?? Number.POSITIVE_INFINITY);
  return ends.run(end, work);
}

/** As {@link withinMilliseconds}, for all that a function does until it has to answer. */
export function beforeTimeout<T>(
  { getRemainingTimeInMillis }: { getRemainingTimeInMillis(): number },
  work: () => Promise<T>,
): Promise<T> {
  return withinMilliseconds(getRemainingTimeInMillis() - ANSWERING_MS, work);
}

/** What is left for the store, for whoever runs within a time; no end for everybody else. */
export function millisecondsLeft(): number {
  return (ends.getStore() ?? Number.POSITIVE_INFINITY) - Date.now();
}
