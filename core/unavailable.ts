/** The store cannot do it now. Nothing was reported done; trying again is safe. Answered as 503 with `Retry-After`. */
export class Unavailable extends Error {
  override readonly name = 'Unavailable';
}
