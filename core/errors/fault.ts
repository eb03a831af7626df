/**
 * The store takes no more writes on one item for now, as with a key that outruns what an item can take. What only has to be
 * read can still be.
 */
export class Throttled extends Error {
  override readonly name = 'Throttled';
}

/**
 * A passing trouble: the store cannot do it now, and may in a moment. Nothing was reported done, though part of it may be.
 * Answered as 503 with `Retry-After`.
 */
export class Unavailable extends Error {
  override readonly name: string = 'Unavailable';
}

/**
 * A change that reaches many credentials is under way and goes on by itself. Nothing was reported done; repeating the call
 * goes on with it.
 */
export class Unfinished extends Unavailable {
  override readonly name = 'Unfinished';
  readonly progress: { readonly done: number; readonly left: number };

  constructor(progress: Unfinished['progress']) {
    super(`A change has reached ${progress.done} credentials, and ${progress.left} are left.`);
    this.progress = progress;
  }
}

/**
 * Other changes of the same thing were faster each time. Nothing was changed: decide again on what is there now. Answered as
 * 409 once there is no more time for that. It is no fault.
 */
export class Contended extends Error {
  override readonly name = 'Contended';
}

/** Causes are looked at this deep: an error that causes itself has an end as well. */
const DEEPEST_CAUSE = 5;

/**
 * Whether a fault goes away by itself, as a throttled or slow store does. Everything else is a defect or a missing right,
 * which somebody has to mend.
 */
export function isPassing(error: unknown): boolean {
  let cause = error;
  for (let depth = 0; depth < DEEPEST_CAUSE && cause instanceof Error; depth += 1) {
    if (cause instanceof Unavailable || cause instanceof Throttled || cause instanceof Contended) return true;
    cause = cause.cause;
  }
  return false;
}

/** The failure of several that says what to do: one that somebody has to mend, else any of them. */
export function decisiveFailure(failures: readonly unknown[]): unknown {
  return failures.find((failure) => !isPassing(failure)) ?? failures[0];
}

/** @returns what to throw for a whole of which a part failed: {@link Unavailable} where that part's trouble passes. */
export function wrapFault(message: string, cause: unknown): Error {
  return isPassing(cause) ? new Unavailable(message, { cause }) : new Error(message, { cause });
}
