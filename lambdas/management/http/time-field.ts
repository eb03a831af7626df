import * as v from 'valibot';
import { parseTimestamp } from '../../../core/text/timestamp.ts';

/** The times in requests. Each message completes "must be …" and says what was expected. */

const EXPIRY = 'a future time in ISO 8601 with a zone, such as 2027-01-31T00:00:00Z, or null';

/** Yields Unix seconds. A fraction is dropped, so that a key never outlives the time that was asked for. @param now Unix seconds. */
export function expiryField(now: number) {
  return v.nullable(
    v.pipe(
      v.string(EXPIRY),
      v.check((value) => (parseTimestamp(value)?.seconds ?? now) > now, EXPIRY),
      v.transform((value) => parseTimestamp(value)?.seconds ?? now),
    ),
  );
}

const TIME = 'a time in ISO 8601 with a zone, such as 2027-01-31T00:00:00Z';

/** Yields Unix seconds. A fraction is rounded up: an event of a second counts as one at its beginning. */
export const timeField = v.pipe(
  v.string(TIME),
  v.check((value) => parseTimestamp(value) !== undefined, TIME),
  v.transform((value) => {
    const { seconds = 0, hasFraction = false } = parseTimestamp(value) ?? {};
    return hasFraction ? seconds + 1 : seconds;
  }),
);

const PAST_TIME = 'a past time in ISO 8601 with a zone, such as 2026-01-31T00:00:00Z';

/** Yields Unix seconds, without a fraction. Ids hold no time before 1970. @param now Unix seconds. */
export function pastTimeField(now: number) {
  const secondsOf = (value: string) => parseTimestamp(value)?.seconds ?? -1;
  return v.pipe(
    v.string(PAST_TIME),
    v.check((value) => secondsOf(value) >= 0 && secondsOf(value) <= now, PAST_TIME),
    v.transform(secondsOf),
  );
}
