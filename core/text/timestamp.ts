/** A moment that a caller wrote. */
export interface Timestamp {
  /** Unix seconds, without a fraction. */
  readonly seconds: number;
  readonly hasFraction: boolean;
}

/** In upper or lower case. Seconds may be missing, or have a fraction of any length. */
const TIMESTAMP =
  /^(\d{4}-\d\d-\d\d)T((?:[01]\d|2[0-3]):[0-5]\d)(?::(\d\d)(?:\.(\d+))?)?(Z|[+-](?:[01]\d|2[0-3]):[0-5]\d)$/i;

/** Writes Unix seconds as ISO 8601 in UTC. */
export function formatTimestamp(unixSeconds: number): string {
  return new Date(unixSeconds * 1000).toISOString();
}

/** Unix seconds. */
const YEAR_0 = Date.parse('0000-01-01T00:00:00Z') / 1000;
const YEAR_10000 = Date.parse('+010000-01-01T00:00:00Z') / 1000;

/**
 * Reads a time in ISO 8601 with a zone. A leap second (`23:59:60` in UTC, at the end of a month) counts as the second after it, as
 * in Unix time.
 * @returns `undefined` for any other text, for a day that the calendar does not have, and for a moment outside the years 0 to
 * 9999 in UTC, which this format could not write.
 * @see RFC 3339, 5.6 and 5.7
 */
export function parseTimestamp(text: string): Timestamp | undefined {
  const [, date, time, second = '00', fraction = '', zone = ''] = TIMESTAMP.exec(text) ?? [];
  if (date === undefined) return undefined;
  const isLeap = second === '60';
  const seconds =
    Date.parse(`${date}T${time}:${isLeap ? '59' : second}${zone.toUpperCase()}`) / 1000 + (isLeap ? 1 : 0);
  if (Number.isNaN(seconds) || !isInCalendar(date)) return undefined;
  if (seconds < YEAR_0 || seconds >= YEAR_10000) return undefined;
  if (isLeap && !isStartOfMonth(seconds)) return undefined;
  return { seconds, hasFraction: /[1-9]/.test(fraction) };
}

/** `Date.parse` reads the 30th of February as the 2nd of March. */
function isInCalendar(date: string): boolean {
  return new Date(`${date}T00:00:00Z`).getUTCDate() === Number(date.slice(-2));
}

function isStartOfMonth(unixSeconds: number): boolean {
  const at = new Date(unixSeconds * 1000);
  return at.getUTCDate() === 1 && unixSeconds % 86_400 === 0;
}
