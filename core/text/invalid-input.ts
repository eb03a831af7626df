import { type BaseIssue, getDotPath } from 'valibot';

/** What was wrong with an input: which field, and what was expected there. Never repeats the input itself. */
export interface InvalidInput {
  /** A dotted path such as `rate_limit.limit`; `body` for the whole. */
  readonly field: string;
  /** Completes "must be …", without a full stop. */
  readonly expected: string;
}

/** What is expected in the place of a field that nobody knows. */
export const LEFT_OUT = 'left out, since no such field is known';

/** Turns the first issue of a valibot schema, whose own messages say what was expected, into one sentence's parts. */
export function describeIssue(issue: BaseIssue<unknown>): InvalidInput {
  const field = getDotPath(issue) ?? 'body';
  if (issue.type !== 'strict_object') return { field, expected: issue.message };
  if (issue.expected === 'never') return { field, expected: LEFT_OUT };
  if (issue.expected === 'Object') return { field, expected: 'an object' };
  return { field, expected: 'given' };
}

/** A profile that says something it may not. The message is a sentence that names the field and what was expected there. */
export class InvalidProfile extends Error {
  override readonly name = 'InvalidProfile';
}
