import { resolve } from 'node:path';
import { InvalidArgumentError } from 'commander';
import { isSlug, isUserId, USER_ID } from '../../core/access/identity.ts';
import { type EventRetention, parseEventRetention } from '../../core/audit/event-store.ts';
import { parseTimestamp } from '../../core/text/timestamp.ts';
import { isName, isPrintable, NAME_LENGTH } from '../../core/text/visible-text.ts';
import { unixNow } from '../../lambdas/environment.ts';
import { isProfilePath } from '../../lib/profile-file.ts';
import { isDeploymentName, LONGEST_NAME } from '../../lib/stack-names.ts';

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

export function parseDeploymentName(text: string): string {
  if (isDeploymentName(text)) return text;
  throw new InvalidArgumentError(
    `It must be at most ${LONGEST_NAME} letters, digits and hyphens, a letter first.`,
  );
}

export const TABLE_NAMES = 'RECORDS,SECRETS,EVENTS,MANAGEMENT_KEYS';

export function parseTableNames(text: string): readonly string[] {
  const names = text.split(',');
  if (names.length === 4 && names.every((name) => /^[\w.-]{3,255}$/.test(name))) return names;
  throw new InvalidArgumentError(`It must be the names of four tables: ${TABLE_NAMES}.`);
}

export function parseRetention(text: string): EventRetention {
  try {
    return parseEventRetention(text, 'It');
  } catch (error) {
    throw new InvalidArgumentError(error instanceof Error ? error.message : 'It is no retention.');
  }
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
  if (seconds <= unixNow()) return seconds;
  throw new InvalidArgumentError('It must not be later than now.');
}

/**
 * A profile as it is named on the command line.
 * @returns a name, or an absolute path. npm runs its scripts in the folder of the package, and says where it was called.
 */
export function parseProfileArgument(text: string): string {
  return isProfilePath(text) ? resolve(process.env.INIT_CWD ?? '.', text) : text;
}
