/**
 * The store refuses more writes to one item for now: a key is used more often than one item can be written. Reading still works.
 */
export class Throttled extends Error {
  override readonly name = 'Throttled';
}

/**
 * A passing fault: the store cannot do it now, and may in a moment. Part of the work may be done, but the
 * caller was not told so. Answered as 503 with `Retry-After`.
 */
export class Unavailable extends Error {
  override readonly name: string = 'Unavailable';
}

/**
 * A change of many credentials is under way, and the sweeper goes on with it. The caller was not told that it is
 * done. A repeated call goes on with it too.
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
 * Other changes of the same thing came first each time. Nothing was changed: decide again on the newest state. Answered as 409 when
 * there is no more time for that. It is not a fault.
 */
export class Contended extends Error {
  override readonly name = 'Contended';
}

/** How many causes of an error are looked at. An error may be its own cause. */
const DEEPEST_CAUSE = 5;

/**
 * Tells whether a fault passes by itself, as a throttled or slow store does. Any other fault is a defect or a missing right, and
 * somebody has to mend it.
 */
export function isPassing(error: unknown): boolean {
  let cause = error;
  for (let depth = 0; depth < DEEPEST_CAUSE && cause instanceof Error; depth += 1) {
    if (cause instanceof Unavailable || cause instanceof Throttled || cause instanceof Contended) return true;
    cause = cause.cause;
  }
  return false;
}

/** Picks the failure that says what to do: one that somebody has to mend, or else the first. */
export function decisiveFailure(failures: readonly unknown[]): unknown {
  return failures.find((failure) => !isPassing(failure)) ?? failures[0];
}

/** Makes the error to throw when a part of an operation failed: {@link Unavailable} if the part's fault is a passing one. */
export function wrapFault(message: string, cause: unknown): Error {
  return isPassing(cause) ? new Unavailable(message, { cause }) : new Error(message, { cause });
}
