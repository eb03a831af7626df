/**
 * The limit that an API key has beside its plan's. `operator`: a management key has set it. `issuer`: the key that issued it
 * had one, and the narrower of it and the plan's holds. `unknown`: it was stored before the difference was, and may be the
 * plan's.
 */
export interface OwnLimit extends RateLimit {
  readonly from: (typeof LIMIT_SOURCES)[number];
}

export const LIMIT_SOURCES = ['operator', 'issuer', 'unknown'] as const;

/** The limits that a key may have beside its plan's; `null` for none. */
interface KeyLimits {
  readonly rateLimit: RateLimit | null;
  readonly issuerLimit: RateLimit | null;
}

/** The limit that a key is held to: what the operator set for it, or else its plan's, and no more than its issuer's. */
export function effectiveLimit(
  planLimit: RateLimit | null,
  { rateLimit, issuerLimit }: KeyLimits,
): RateLimit | null {
  return rateLimit ?? narrowerLimit(planLimit, issuerLimit);
}

/**
 * Whether a key that is held to `inner` never gets more calls through in any window of `outer` than `outer` allows. `null`
 * allows everything.
 */
export function isWithinLimit(inner: RateLimit | null, outer: RateLimit | null): boolean {
  if (outer === null) return true;
  if (inner === null) return false;
  return inner.limit * windowsTouched(inner.windowSeconds, outer.windowSeconds) <= outer.limit;
}

/**
 * As many windows of one length as one window of another can have a part in. All are aligned to the Unix epoch, so their
 * offsets are multiples of what both lengths are multiples of.
 */
function windowsTouched(ofSeconds: number, bySeconds: number): number {
  const step = greatestCommonDivisor(ofSeconds, bySeconds);
  return Math.floor((ofSeconds - step + bySeconds - 1) / ofSeconds) + 1;
}

function greatestCommonDivisor(one: number, other: number): number {
  return other === 0 ? one : greatestCommonDivisor(other, one % other);
}

/** Of two limits neither of which is within the other, the issuer's holds. */
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
