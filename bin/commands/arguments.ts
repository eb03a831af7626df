import { resolve } from 'node:path';
import { InvalidArgumentError } from 'commander';
import { isSlug, isUserId, USER_ID } from '../../core/access/identity.ts';
import { parseTimestamp } from '../../core/text/timestamp.ts';
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
