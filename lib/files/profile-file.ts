import { readdirSync, statSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { InvalidProfile } from '../../core/profile/parse-profile.ts';
import { didYouMean } from '../../core/text/closest-word.ts';
import { quoteForShell } from '../../core/text/visible-text.ts';
import type { PlacedMistake, ReadText } from './json-text.ts';
import { type ReadProfileFile, readProfileText } from './profile-text.ts';
import { describeFirst, readTextFile, type UnreadableFile } from './text-file.ts';

/** The profile of a deployment, and its file, which the bundler puts into the functions. */
export interface ProfileFile extends ReadProfileFile {
  /** The path of the file. */
  readonly path: string;
}

const DIRECTORY = join(import.meta.dirname, '../..', 'profiles');
const SCHEMA = 'profile.schema.json';

/**
 * Loads a profile before anything is synthesized from it.
 * @param nameOrPath the name of a file in `profiles/`, or the path of a JSON file elsewhere.
 * @throws {InvalidProfile} that names the profiles that exist, or the mistake in the file.
 */
export function loadProfile(nameOrPath: string): ProfileFile {
  const path = pathOfProfile(nameOrPath);
  const read = readProfileFile(nameOrPath);
  if (read.kind === 'value') return { ...read.value, path };
  const tellAll = `keyward profile check ${quoteForShell(nameOrPath)}`;
  throw new InvalidProfile(`${describeFirst(read.mistakes, path)}${countOthers(read.mistakes, tellAll)}`);
}

function countOthers([, ...others]: readonly PlacedMistake[], tellAll: string): string {
  if (others.length === 0) return '';
  const more = others.length === 1 ? 'There is 1 more mistake' : `There are ${others.length} more mistakes`;
  return ` ${more}: \`${tellAll}\` tells all.`;
}

/** Loads a profile unless it has been loaded. @throws {InvalidProfile} as {@link loadProfile} does. */
export function profileFileOf(profile: string | ProfileFile): ProfileFile {
  return typeof profile === 'string' ? loadProfile(profile) : profile;
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
export function readProfileFile(nameOrPath: string): ReadText<ReadProfileFile> {
  const path = pathOfProfile(nameOrPath);
  const read = readTextFile(path);
  if (read.kind === 'unreadable')
    throw new InvalidProfile(explainUnreadable(read, nameOrPath), { cause: read.cause });
  return read.kind === 'text' ? readProfileText(read.text, path) : read;
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

function explainUnreadable(unreadable: UnreadableFile, asked: string): string {
  if (!unreadable.isMissing || isProfilePath(asked)) return unreadable.sentence;
  const names = profileNames();
  return `There is no profile ${asked}; there are ${names.join(', ')}${didYouMean(asked, names)}`;
}

function profileNames(): string[] {
  return readdirSync(DIRECTORY)
    .filter((file) => file.endsWith('.json') && file !== SCHEMA)
    .map((file) => file.slice(0, -'.json'.length));
}
