import { Contended } from '../../../core/errors/fault.ts';
import { MANAGEMENT_PROBLEMS } from '../../../core/management/problem.ts';
import { ProblemError } from '../../http/problem.ts';
import { millisecondsLeft } from '../../time-limit.ts';

/** What a change needs to be made once nobody is in its way; with less time than this left it is not begun again. */
const ENOUGH_MS = 2_500;

/** The longest first pause before another attempt, and the longest of all, in milliseconds. */
const FIRST_PAUSE_MS = 20;
const LONGEST_PAUSE_MS = 1_000;

/**
 * Does an operation again, from its beginning, while it only meets other changes: it then decides on what is there by then, and
 * on what its caller still is. Without a time limit it goes on until it is through.
 * @throws {ProblemError} 409, when the time for that is over. Nothing was changed then.
 */
export async function untilUncontended<Result>(operation: () => Promise<Result>): Promise<Result> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await operation();
    } catch (error) {
      if (!(error instanceof Contended)) throw error;
      if (millisecondsLeft() < ENOUGH_MS) throw new ProblemError(MANAGEMENT_PROBLEMS.conflict);
      await pause(attempt);
    }
  }
}

/** Random, and longer with each attempt, so that those who met do not meet again. */
async function pause(attempt: number): Promise<void> {
  const longest = Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** attempt);
  await new Promise((resolve) => setTimeout(resolve, Math.random() * longest));
}
