import { AsyncLocalStorage } from 'node:async_hooks';

/**
 * A verification without a verdict after this time is a fault. Lambda ends an authorizer after three seconds, and it would then
 * give no answer of its own. The rest of the three seconds is for a busy machine.
 */
export const VERIFICATION_MS = 2_300;

/** A function keeps this time to answer that it could not finish, even on a busy machine. */
const ANSWERING_MS = 1_000;

const ends = new AsyncLocalStorage<number>();

/**
 * Runs work whose store operations all end within a time. An operation that would begin later fails. Inside another limit, the
 * work gets no more than the rest of that one. The limit is for this work alone: when Lambda thaws work that an earlier
 * invocation left behind, that work finds its own time over.
 * @see docs/decisions/0015-campaigns.md
 */
export function withinMilliseconds<T>(milliseconds: number, work: () => Promise<T>): Promise<T> {
  const end = Math.min(Date.now() + milliseconds, ends.getStore() ?? Number.POSITIVE_INFINITY);
  return ends.run(end, work);
}

/** As {@link withinMilliseconds}, for everything that a function does before it has to answer. */
export function beforeTimeout<T>(
  { getRemainingTimeInMillis }: { getRemainingTimeInMillis(): number },
  work: () => Promise<T>,
): Promise<T> {
  return withinMilliseconds(getRemainingTimeInMillis() - ANSWERING_MS, work);
}

/** The time that is left for the store; infinite for work without a limit. */
export function millisecondsLeft(): number {
  return (ends.getStore() ?? Number.POSITIVE_INFINITY) - Date.now();
}
