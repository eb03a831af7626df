/**
 * What is written down while a campaign runs, and what may be concluded from it. Every call has a beginning and an end on one
 * monotonic clock, that of the process which makes all calls: what began after another had ended came later, and of what
 * overlapped nothing is said. Pure, so that planted violations show that it finds them.
 * @see docs/decisions/0015-campaigns.md
 */
export interface Span {
  /** Milliseconds. */
  readonly startedAt: number;
  readonly endedAt: number;
}

/** Something that sets a value. What was refused is no write, and is left out of a history. */
export interface Write<Value> extends Span {
  readonly value: Value;
  /** Whether it was answered as done. A 503 says that it may have happened, now or before whatever is done next. */
  readonly isDone: boolean;
}

/** What was so before anything was written down. */
export function initially<Value>(value: Value): Write<Value> {
  return { value, isDone: true, startedAt: Number.NEGATIVE_INFINITY, endedAt: Number.NEGATIVE_INFINITY };
}

/**
 * The values that may have been in force at some moment of a span: those of writes that had begun before its end, unless
 * another one was begun after theirs had ended and was done before the span began.
 */
export function possibleValues<Value>(writes: readonly Write<Value>[], during: Span): ReadonlySet<Value> {
  const begun = writes.filter(({ startedAt }) => startedAt < during.endedAt);
  const settled = begun.filter(({ isDone, endedAt }) => isDone && endedAt < during.startedAt);
  const standing = begun.filter((write) => !settled.some((later) => later.startedAt > write.endedAt));
  return new Set(standing.map(({ value }) => value));
}

/** What ends something for good: whether it may have, and whether it must have, by a moment of the span. */
export function endingBy(endings: readonly Write<unknown>[], during: Span): { may: boolean; must: boolean } {
  return {
    may: endings.some(({ startedAt }) => startedAt < during.endedAt),
    must: endings.some(({ isDone, endedAt }) => isDone && endedAt < during.startedAt),
  };
}
