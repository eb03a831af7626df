import { readdirSync, readFileSync, statSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import type { ConsoleRules } from '../core/profile/console.ts';
import { InvalidProfile } from '../core/profile/parse-profile.ts';
import type { Profile } from '../core/profile/profile.ts';
import { didYouMean } from '../core/text/closest-word.ts';
import { quoteForShell } from '../core/text/visible-text.ts';
import { type ReadProfileText, readProfileText } from './profile-text.ts';

/** The profile of a deployment, and its file, which the bundler puts into the functions. */
export interface ProfileFile {
  readonly profile: Profile;
  /** What the console of the product says. */
  readonly console: ConsoleRules;
  readonly path: string;
}

const DIRECTORY = join(import.meta.dirname, '..', 'profiles');
const SCHEMA = 'profile.schema.json';

/**
 * Loads a profile before anything is synthesized from it.
 * @param nameOrPath the name of a file in `profiles/`, or the path of a JSON file elsewhere.
 * @throws {InvalidProfile} that names the profiles that exist, or the mistake in the file.
 */
export function loadProfile(nameOrPath: string): ProfileFile {
  const path = pathOfProfile(nameOrPath);
  const read = readProfileFile(nameOrPath);
  if (read.kind === 'profile') return { profile: read.profile, console: read.console, path };
  const [{ line, column, sentence }, ...others] = read.mistakes;
  const more = others.length === 1 ? 'There is 1 more mistake' : `There are ${others.length} more mistakes`;
  const rest =
    others.length === 0 ? '' : ` ${more}: \`keyward profile check ${quoteForShell(nameOrPath)}\` tells all.`;
  throw new InvalidProfile(`${sentence} See line ${line}, column ${column} of ${path}.${rest}`);
}

/** The largest logo. Every visitor of the console loads it. */
const LARGEST_LOGO_BYTES = 100_000;

/**
 * The path of the logo that a profile names.
 * @throws {InvalidProfile} where there is no such file, or it is too large.
 */
export function logoOf({ console, path }: ProfileFile): string | undefined {
  if (console.logo === undefined) return undefined;
  const logo = join(dirname(path), console.logo);
  const bytes = statSync(logo, { throwIfNoEntry: false })?.size;
  if (bytes === undefined)
    throw new InvalidProfile(
      `The profile's console.logo names ${console.logo}, and there is no file ${logo}.`,
    );
  if (bytes > LARGEST_LOGO_BYTES)
    throw new InvalidProfile(
      `The profile's console.logo has ${bytes} bytes: a logo may have at most ${LARGEST_LOGO_BYTES}.`,
    );
  return logo;
}

/**
 * Reads the file of a profile.
 * @throws {InvalidProfile} where the file cannot be read.
 */
export function readProfileFile(nameOrPath: string): ReadProfileText {
  const path = pathOfProfile(nameOrPath);
  const text = decodeText(readBytes(path, nameOrPath));
  if (text !== undefined) return readProfileText(text, path);
  return { kind: 'mistakes', mistakes: [{ line: 1, column: 1, sentence: 'The file is not UTF-8.' }] };
}

/** The file of a profile, from its name or its path. */
export function pathOfProfile(nameOrPath: string): string {
  return isProfilePath(nameOrPath) ? resolve(nameOrPath) : join(DIRECTORY, `${nameOrPath}.json`);
}

/** The name of a profile, from its name or its path, without reading the file. */
export function profileNameIn(nameOrPath: string): string {
  return basename(nameOrPath, '.json');
}

/** Tells a path from the name of a file in `profiles/`. */
export function isProfilePath(nameOrPath: string): boolean {
  return /[\\/]|\.json$/.test(nameOrPath);
}

function readBytes(path: string, asked: string): Buffer {
  try {
    return readFileSync(path);
  } catch (cause) {
    throw new InvalidProfile(explainUnreadable(path, asked, (cause as NodeJS.ErrnoException).code), {
      cause,
    });
  }
}

function explainUnreadable(path: string, asked: string, code: string | undefined): string {
  if (code === 'EISDIR') return `${path} is a folder, not a file.`;
  if (code === 'EACCES' || code === 'EPERM') return `You may not read the file ${path}.`;
  if (code !== 'ENOENT' && code !== 'ENOTDIR') return `The file ${path} cannot be read (${code}).`;
  if (isProfilePath(asked)) return `There is no file ${path}.`;
  const names = profileNames();
  return `There is no profile ${asked}; there are ${names.join(', ')}${didYouMean(asked, names)}`;
}

/** @returns `undefined` for bytes that are not UTF-8. UTF-16 without a byte order mark has a NUL among its first characters. */
function decodeText(bytes: Buffer): string | undefined {
  try {
    const text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
    return text.slice(0, 4).includes('\0') ? undefined : text;
  } catch {
    return undefined;
  }
}

function profileNames(): string[] {
  return readdirSync(DIRECTORY)
    .filter((file) => file.endsWith('.json') && file !== SCHEMA)
    .map((file) => file.slice(0, -'.json'.length));
}
