/**
 * The limit that an API key has besides its plan's. `operator`: a management key set it. `issuer`: the key that issued this one
 * had it, and the narrower one of this limit and the plan's holds. `unknown`: the limit was stored before Keyward told the two
 * apart, and it may be the plan's.
 */
export interface OwnLimit extends RateLimit {
  readonly from: (typeof LIMIT_SOURCES)[number];
}

export const LIMIT_SOURCES = ['operator', 'issuer', 'unknown'] as const;

/** The limits that a key may have besides its plan's; `null` for none. */
interface KeyLimits {
  readonly rateLimit: RateLimit | null;
  readonly issuerLimit: RateLimit | null;
}

/**
 * The limit that holds for a key: the one that the operator set, or else the narrower of its plan's and its issuer's.
 * @see core/verification/verify-counted.ts counts the calls, and `rateLimitProblem` of lambdas/guard/rest-answer.ts answers 429.
 */
export function effectiveLimit(
  planLimit: RateLimit | null,
  { rateLimit, issuerLimit }: KeyLimits,
): RateLimit | null {
  return rateLimit ?? narrowerLimit(planLimit, issuerLimit);
}

/**
 * Tells whether a key with the limit `inner` never gets more calls through in a window of `outer` than `outer` allows. `null`
 * allows everything.
 */
export function isWithinLimit(inner: RateLimit | null, outer: RateLimit | null): boolean {
  if (outer === null) return true;
  if (inner === null) return false;
  return inner.limit * windowsTouched(inner.windowSeconds, outer.windowSeconds) <= outer.limit;
}

/**
 * How many windows of one length a window of another length can touch. All windows are aligned to the Unix epoch, so their
 * offsets are multiples of the greatest common divisor of both lengths.
 */
function windowsTouched(ofSeconds: number, bySeconds: number): number {
  const step = greatestCommonDivisor(ofSeconds, bySeconds);
  return Math.floor((ofSeconds - step + bySeconds - 1) / ofSeconds) + 1;
}

function greatestCommonDivisor(one: number, other: number): number {
  return other === 0 ? one : greatestCommonDivisor(other, one % other);
}

/** If neither limit is within the other, the issuer's holds. */
export function narrowerLimit(planLimit: RateLimit | null, issuerLimit: RateLimit | null): RateLimit | null {
  return issuerLimit === null || isWithinLimit(planLimit, issuerLimit) ? planLimit : issuerLimit;
}

export function isSameLimit(one: RateLimit | null, other: RateLimit | null): boolean {
  return one?.limit === other?.limit && one?.windowSeconds === other?.windowSeconds;
}

/** At most `limit` calls in each window; windows are aligned to the Unix epoch. */
export interface RateLimit {
  readonly limit: number;
  readonly windowSeconds: number;
}

export const LONGEST_WINDOW_SECONDS = 86_400;

export const HIGHEST_LIMIT = 1_000_000;
