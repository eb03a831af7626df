/**
 * The store takes no more writes on one item for now, as with a key that outruns what an item can take. What only has to be
 * read can still be.
 */
export class Throttled extends Error {
  override readonly name = 'Throttled';
}

/** The store cannot do it now. Nothing was reported done; trying again is safe. Answered as 503 with `Retry-After`. */
export class Unavailable extends Error {
  override readonly name = 'Unavailable';
}
