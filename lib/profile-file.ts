import { readdirSync, readFileSync } from 'node:fs';
import { basename, join, resolve } from 'node:path';
import { didYouMean } from '../core/closest-word.ts';
import { InvalidProfile } from '../core/invalid.ts';
import type { Profile } from '../core/profile.ts';
import { type ReadProfileText, readProfileText } from './profile-text.ts';

/** The profile a deployment is of, and the file it came from, which the bundler puts into the functions. */
export interface ProfileFile {
  readonly profile: Profile;
  readonly path: string;
}

const DIRECTORY = join(import.meta.dirname, '..', 'profiles');
const SCHEMA = 'profile.schema.json';

/**
 * Loads a profile before anything is synthesized from it.
 * @param nameOrPath the name of a file in `profiles/`, or the path of a JSON file elsewhere.
 * @throws {InvalidProfile} naming what exists, or what is wrong with the file.
 */
export function loadProfile(nameOrPath: string): ProfileFile {
  const path = pathOfProfile(nameOrPath);
  const read = readProfileFile(nameOrPath);
  if (read.kind === 'profile') return { profile: read.profile, path };
  const [{ line, column, sentence }, ...others] = read.mistakes;
  const more = others.length === 1 ? 'There is 1 more mistake' : `There are ${others.length} more mistakes`;
  const rest = others.length === 0 ? '' : ` ${more}: \`keyward profile check ${nameOrPath}\` tells all.`;
  throw new InvalidProfile(`${sentence} See line ${line}, column ${column} of ${path}.${rest}`);
}

/**
 * Reads the file of a profile.
 * @throws {InvalidProfile} where there is no such file.
 */
export function readProfileFile(nameOrPath: string): ReadProfileText {
  const path = pathOfProfile(nameOrPath);
  return readProfileText(readText(path, nameOrPath), path);
}

/** The file of a profile that is asked for by its name or by a path. */
export function pathOfProfile(nameOrPath: string): string {
  return isProfilePath(nameOrPath) ? resolve(nameOrPath) : join(DIRECTORY, `${nameOrPath}.json`);
}

/** The name of the profile that {@link loadProfile} is asked for, without reading it. */
export function profileNameIn(nameOrPath: string): string {
  return basename(nameOrPath, '.json');
}

/** Tells a path from the name of a file in `profiles/`. */
export function isProfilePath(nameOrPath: string): boolean {
  return /[\\/]|\.json$/.test(nameOrPath);
}

function readText(path: string, asked: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (cause) {
    const names = profileNames();
    const there = isProfilePath(asked)
      ? `There is no file ${path}.`
      : `There is no profile ${asked}; there are ${names.join(', ')}${didYouMean(asked, names)}`;
    throw new InvalidProfile(there, { cause });
  }
}

function profileNames(): string[] {
  return readdirSync(DIRECTORY)
    .filter((file) => file.endsWith('.json') && file !== SCHEMA)
    .map((file) => file.slice(0, -'.json'.length));
}
