import { Contended } from '../../../core/errors/fault.ts';
import { MANAGEMENT_PROBLEMS } from '../../../core/management/problem.ts';
import { ProblemError } from '../../http/problem.ts';
import { millisecondsLeft } from '../../time-limit.ts';
import type { Answer } from './operation.ts';

/** A change needs this much time once nobody is in its way. With less time left, it is not begun again. */
const ENOUGH_MS = 2_500;

/** Each pause is random, up to a bound that doubles with every attempt, from the first bound to the longest. */
const FIRST_PAUSE_MS = 20;
const LONGEST_PAUSE_MS = 1_000;

export interface RetryOptions {
  /** Waits between two attempts. */
  readonly pause?: (milliseconds: number) => Promise<void>;
  /** @returns a number from 0 up to 1. */
  readonly random?: () => number;
}

/**
 * Begins an operation again for as long as it meets other changes. It then decides on the state that it finds, and on what its
 * caller may do by then. Outside of a time limit it goes on until the change is made.
 * @returns an operation that throws a {@link ProblemError}, 409, when its time is over. Nothing was changed then.
 */
export function retryContended<Call>(
  operation: (call: Call) => Promise<Answer>,
  { pause = wait, random = Math.random }: RetryOptions = {},
): (call: Call) => Promise<Answer> {
  return async (call) => {
    for (let attempt = 1; ; attempt += 1) {
      try {
        return await operation(call);
      } catch (error) {
        if (!(error instanceof Contended)) throw error;
        if (millisecondsLeft() < ENOUGH_MS) throw new ProblemError(MANAGEMENT_PROBLEMS.conflict);
        await pause(random() * longestPause(attempt));
      }
    }
  };
}

/** Longer with each attempt, so that two callers who met do not meet again. Milliseconds. */
function longestPause(attempt: number): number {
  return Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** attempt);
}

function wait(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}
