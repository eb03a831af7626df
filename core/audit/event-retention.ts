/** For how many days events are kept. */
export type EventRetention = number | 'forever';

/** Somewhat more than a year, so that a yearly look back finds all of it. */
export const DEFAULT_RETENTION_DAYS = 400;

/** An invitation lives for 14 days, and its event is what keeps it from being accepted twice. */
const SHORTEST_DAYS = 30;
const LONGEST_DAYS = 3_650;

/**
 * Reads how long events are kept: from a deployment's context, or from a variable of a function.
 * @param source where it comes from, as the beginning of a sentence.
 * @throws where it is neither a number of days nor `forever`.
 */
export function parseEventRetention(value: unknown, source: string): EventRetention {
  if (value === 'forever') return value;
  const days = Number(value);
  const isWhole = /^[1-9]\d{0,3}$/.test(String(value));
  if (isWhole && days >= SHORTEST_DAYS && days <= LONGEST_DAYS) return days;
  throw new Error(
    `${source} must be a whole number of days from ${SHORTEST_DAYS} to ${LONGEST_DAYS}, or forever.`,
  );
}

/** When an event ends, in Unix seconds; `undefined` for never. @param at Unix seconds. */
export function endOfEvent(retention: EventRetention, at: number): number | undefined {
  return retention === 'forever' ? undefined : at + retention * 86_400;
}
