import type { ConsoleConfig } from '../config.ts';
import { DAY } from '../text/relative-time.ts';

/** How long a key shall live: without an end, a number of days, or up to a day that the person picks. */
export type ExpiryChoice = 'never' | '7' | '30' | '60' | '90' | 'date';

export interface ExpiryDraft {
  readonly choice: ExpiryChoice;
  /** Such as `2027-01-31`; used where the choice is `date`. */
  readonly date: string;
}

const NO_EXPIRY: ExpiryDraft = { choice: 'never', date: '' };

/** What a form proposes where nobody has chosen yet. */
export function proposedExpiry({ default_expiry_days: days }: ProposedBy): ExpiryDraft {
  // A page may be newer than the configuration that it has loaded.
  return typeof days === 'number' ? { choice: `${days}`, date: '' } : NO_EXPIRY;
}

type ProposedBy = Pick<ConsoleConfig, 'default_expiry_days'>;

/** A key without an end is the last choice: it is the one that people regret. */
export const EXPIRY_CHOICES = [
  { value: '7', label: '7 days' },
  { value: '30', label: '30 days' },
  { value: '60', label: '60 days' },
  { value: '90', label: '90 days' },
  { value: 'date', label: 'A date' },
  { value: 'never', label: 'Never' },
] as const satisfies readonly { readonly value: ExpiryChoice; readonly label: string }[];

/**
 * The time at which a key ends, in ISO 8601: for a day that was picked, its last second where the person is.
 * @param now milliseconds since the Unix epoch.
 * @returns `null` for a key without an end, `undefined` where the day is missing or has passed.
 */
export function expiryTime({ choice, date }: ExpiryDraft, now: number): string | null | undefined {
  if (choice === 'never') return null;
  if (choice !== 'date') return toIso(now + Number(choice) * DAY * 1000);
  const time = Date.parse(`${date}T23:59:59`);
  return Number.isNaN(time) || time <= now ? undefined : toIso(time);
}

/** Reads what a link says of the end: a number of days, or a day. Anything else counts as nothing said. */
export function readExpiry(text: string, config: ProposedBy): ExpiryDraft {
  const choice = EXPIRY_CHOICES.find(({ value }) => value === text && value !== 'date');
  if (choice !== undefined) return { choice: choice.value, date: '' };
  return /^\d{4}-\d\d-\d\d$/.test(text) ? { choice: 'date', date: text } : proposedExpiry(config);
}

/** A time as the day that a field of dates shows, where the person is. */
export function dayOf(time: string | number): string {
  const date = new Date(time);
  const two = (value: number) => String(value).padStart(2, '0');
  return `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
}

function toIso(time: number): string {
  return `${new Date(time).toISOString().slice(0, 19)}Z`;
}
