/** A moment as somebody wrote it. */
export interface Timestamp {
  /** Unix seconds; a fraction is cut off. */
  readonly seconds: number;
  readonly hasFraction: boolean;
}

/** In either case, and with seconds left out or a fraction of any length behind them. */
const TIMESTAMP =
  /^(\d{4}-\d\d-\d\d)T((?:[01]\d|2[0-3]):[0-5]\d)(?::(\d\d)(?:\.(\d+))?)?(Z|[+-](?:[01]\d|2[0-3]):[0-5]\d)$/i;

/** Unix seconds as ISO 8601 has them, in UTC. */
export function formatTimestamp(unixSeconds: number): string {
  return new Date(unixSeconds * 1000).toISOString();
}

/** Unix seconds. */
const YEAR_0 = Date.parse('0000-01-01T00:00:00Z') / 1000;
const YEAR_10000 = Date.parse('+010000-01-01T00:00:00Z') / 1000;

/**
 * Reads a time in ISO 8601 with a zone. A leap second (`23:59:60` in UTC, at the end of a month) is the second that follows,
 * as in Unix time.
 * @returns `undefined` for anything else: a day that the calendar does not have, or a moment that is outside the years 0 to 9999
 * in UTC, which this format could not say again.
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

/** `Date.parse` takes the 30th of February for the 2nd of March. */
function isInCalendar(date: string): boolean {
  return new Date(`${date}T00:00:00Z`).getUTCDate() === Number(date.slice(-2));
}

function isStartOfMonth(unixSeconds: number): boolean {
  const at = new Date(unixSeconds * 1000);
  return at.getUTCDate() === 1 && unixSeconds % 86_400 === 0;
}
