/** Times for people, as in "3 minutes ago". */

/** Each unit with the seconds that it has, and the seconds from which a time is told in it. */
const UNITS = [
  { unit: 'year', seconds: 31_536_000, from: 63_072_000 },
  { unit: 'month', seconds: 2_628_000, from: 8_640_000 },
  { unit: 'day', seconds: 86_400, from: 129_600 },
  { unit: 'hour', seconds: 3_600, from: 5_400 },
  { unit: 'minute', seconds: 60, from: 90 },
  { unit: 'second', seconds: 1, from: 0 },
] as const;

/**
 * Says how long ago a moment was, or in how long it will be.
 * @param time ISO 8601.
 * @param now milliseconds since the epoch.
 */
export function describeTime(time: string, now: number): string {
  const difference = (Date.parse(time) - now) / 1000;
  const distance = Math.abs(difference);
  if (distance < 5) return 'now';
  const { unit, seconds } = UNITS.find(({ from }) => distance >= from) ?? UNITS[5];
  const count = Math.round(distance / seconds);
  const span = `${count} ${unit}${count === 1 ? '' : 's'}`;
  return difference < 0 ? `${span} ago` : `in ${span}`;
}
