import { resolve } from 'node:path';
import { InvalidArgumentError } from 'commander';
import { isSlug, isUserId, USER_ID } from '../../core/access/identity.ts';
import { formatTimestamp, parseTimestamp } from '../../core/text/timestamp.ts';
import { isName, isPrintable, NAME_LENGTH } from '../../core/text/visible-text.ts';

/** Parsers of the command line’s arguments. Commander shows each message after the name of its argument. */

export function parseSlug(text: string): string {
  if (isSlug(text)) return text;
  throw new InvalidArgumentError('It must be 1 to 40 lower-case letters, digits and hyphens.');
}

/** The rule of the API: no character that would control a terminal or a page. */
export function parsePrintable(text: string): string {
  if (text.trim() !== '' && text.length <= 255 && isPrintable(text)) return text;
  throw new InvalidArgumentError('It must be 1 to 255 characters without control characters.');
}

export function parseName(text: string): string {
  if (isName(text)) return text;
  throw new InvalidArgumentError(
    `It must be 1 to ${NAME_LENGTH.characters} characters of visible text without control characters.`,
  );
}

export function parseUserId(text: string): string {
  if (isUserId(text)) return text;
  throw new InvalidArgumentError(`It must be ${USER_ID}.`);
}

/** Collects the values of an option that is given several times, or once with commas. */
export function parseWords(text: string, before: readonly string[] = []): readonly string[] {
  const words = text.split(',').map((word) => word.trim());
  if (words.every((word) => word !== '' && isPrintable(word))) return [...before, ...words];
  throw new InvalidArgumentError('It must be one or more words, with commas between them.');
}

const SECONDS: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3_600, d: 86_400, w: 604_800 };

/** @returns seconds. */
export function parseDuration(text: string): number {
  const [, count, unit = 's'] = /^(\d{1,8})([smhdw]?)$/.exec(text) ?? [];
  if (count !== undefined) return Number(count) * (SECONDS[unit] ?? 1);
  throw new InvalidArgumentError('It must be a time span such as 90s, 45m, 12h, 30d or 2w.');
}

/**
 * Reads when something expires.
 * @returns a time for the API, or `never`: Commander makes an empty text of a parser’s `null`.
 */
export function parseExpiry(text: string): string {
  if (text === 'never') return text;
  const isSpan = /^\d+[smhdw]$/.test(text);
  if (isSpan) return formatTimestamp(Math.floor(Date.now() / 1000) + parseDuration(text));
  if (parseTimestamp(text) !== undefined) return text;
  throw new InvalidArgumentError(
    'It must be a time span such as 30d, a time such as 2027-01-31T00:00:00Z, or never.',
  );
}

/** @returns what `parseExpiry` has read, as the API takes it: `null` for never. */
export function expiryForApi(expiry: string | undefined): string | null | undefined {
  return expiry === 'never' ? null : expiry;
}

/** Reads a time, or how long ago it was, such as `90d`. @returns a time for the API. */
export function parseSince(text: string): string {
  if (/^\d+[smhdw]$/.test(text)) return formatTimestamp(Math.floor(Date.now() / 1000) - parseDuration(text));
  if (parseTimestamp(text) !== undefined) return text;
  throw new InvalidArgumentError(
    'It must be a time such as 2026-01-31T00:00:00Z, or a time span such as 90d.',
  );
}

/** `plan` is for the limit of the plan. */
export type RateLimitChoice = { readonly limit: number; readonly window_seconds: number } | 'plan';

/** Reads a rate limit such as `100/60s`, or `plan`. */
export function parseRateLimit(text: string): RateLimitChoice {
  if (text === 'plan') return text;
  const [, limit, window = ''] = /^(\d{1,9})\/(\d{0,8}[smhdw]?)$/.exec(text) ?? [];
  if (limit === undefined || window === '')
    throw new InvalidArgumentError('It must be calls in a time span, such as 100/60s or 1000/h, or plan.');
  const window_seconds = parseDuration(/^\d/.test(window) ? window : `1${window}`);
  return { limit: Number(limit), window_seconds };
}

/**
 * Reads a moment in the past. With one in the future, a restore would believe that it knows everything until then.
 * @returns Unix seconds.
 */
export function parsePastMoment(text: string): number {
  const seconds = parseTimestamp(text)?.seconds;
  if (seconds === undefined)
    throw new InvalidArgumentError(
      'It must be a time such as 2026-11-22T08:00:00Z or 2026-11-22T09:00:00+01:00: a date, a time and a zone.',
    );
  if (seconds <= Date.now() / 1000) return seconds;
  throw new InvalidArgumentError('It must not be later than now.');
}

/** A file as it is named on the command line. npm runs its scripts in the folder of the package, and says where it was called. */
export function parsePath(text: string): string {
  return resolve(process.env.INIT_CWD ?? '.', text);
}

/**
 * A profile as it is named on the command line.
 * @returns a name, or an absolute path.
 */
export function parseProfileArgument(text: string): string {
  return /[\\/]|\.json$/.test(text) ? parsePath(text) : text;
}
