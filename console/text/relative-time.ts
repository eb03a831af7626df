const MINUTE = 60;
const HOUR = 60 * MINUTE;
export const DAY = 24 * HOUR;
const UNITS = [
  ['year', 365 * DAY],
  ['month', 30 * DAY],
  ['day', DAY],
  ['hour', HOUR],
  ['minute', MINUTE],
] as const;

const RELATIVE = new Intl.RelativeTimeFormat('en', { numeric: 'always' });
const DATE = new Intl.DateTimeFormat('en-GB', { dateStyle: 'long' });
const DATE_AND_TIME = new Intl.DateTimeFormat('en-GB', { dateStyle: 'long', timeStyle: 'long' });

/**
 * Says how far a time is from now: "3 minutes ago", "in 12 days".
 * @param time ISO 8601.
 * @param now milliseconds since the Unix epoch.
 */
export function relativeTime(time: string, now: number): string {
  const seconds = (Date.parse(time) - now) / 1000;
  const distance = Math.abs(seconds);
  if (distance < MINUTE) return seconds <= 0 ? 'just now' : 'in less than a minute';
  const [unit, length] = UNITS.find(([, length]) => distance >= length) ??
    UNITS[UNITS.length - 1] ?? ['minute', MINUTE];
  // A key that was given 30 days has 29.99 of them left.
  const count = seconds > 0 ? Math.round(seconds / length) : Math.trunc(seconds / length);
  return RELATIVE.format(count, unit);
}

/** The day alone, in the time zone of the reader: "28 November 2026". */
export function formatDay(time: string): string {
  return DATE.format(new Date(time));
}

/** The whole time, with the zone. */
export function formatTime(time: string): string {
  return DATE_AND_TIME.format(new Date(time));
}

/** How many days lie before a time; below zero once it has passed. */
export function daysUntil(time: string, now: number): number {
  return (Date.parse(time) - now) / (1000 * DAY);
}
