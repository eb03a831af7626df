/**
 * The store takes no more writes on one item for now, as with a key that outruns what an item can take. What only has to be
 * read can still be.
 */
export class Throttled extends Error {
  override readonly name = 'Throttled';
}

/** The store cannot do it now. Nothing was reported done; trying again is safe. Answered as 503 with `Retry-After`. */
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
