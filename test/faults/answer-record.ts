import type { Span } from './history.ts';

/** One answer of either API, as far as every answer has to hold to the same. */
export interface RecordedAnswer extends Span {
  readonly asked: string;
  readonly status: number;
  readonly retryAfter: string | null;
  readonly text: string;
}

/** A position in a program, a path of this repository, or the name of an error that DynamoDB or Node gives. */
const INTERNALS =
  /\.[cm]?[jt]s:\d+|node_modules|\/(lambdas|stores|core)\/|[a-z](Exception|Error)\b|ECONN|socket hang up|TransactionConflict/;

/**
 * What no answer may be, whatever has gone wrong behind it: another server error than 503, a 503 that does not say when to come
 * back, or one that shows what is inside.
 */
export function unfitAnswers(answers: readonly RecordedAnswer[]): RecordedAnswer[] {
  return answers.filter(
    ({ status, retryAfter, text }) =>
      (status >= 500 && status !== 503) ||
      (status === 503 && !/^[1-9]\d*$/.test(retryAfter ?? '')) ||
      INTERNALS.test(text),
  );
}

/**
 * What a caller can take an answer for. `overtaken`: a change that was begun and met another one, such as a revocation, may have had
 * its effect before that.
 */
export function outcomeOf(status: number): 'done' | 'overtaken' | 'refused' | 'unknown' {
  if (status < 300) return 'done';
  if (status === 409) return 'overtaken';
  return status < 500 ? 'refused' : 'unknown';
}
