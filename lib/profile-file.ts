import { readdirSync, readFileSync } from 'node:fs';
import { basename, isAbsolute, join } from 'node:path';
import { InvalidProfile } from '../core/invalid.ts';
import type { Profile } from '../core/profile.ts';
import { parseProfile } from '../core/profile-shape.ts';

/** The profile a deployment is of, and the file it came from, which the bundler puts into the functions. */
export interface ProfileFile {
  readonly profile: Profile;
  readonly path: string;
}

const DIRECTORY = join(import.meta.dirname, '..', 'profiles');

/**
 * Loads a profile before anything is synthesized from it.
 * @param nameOrPath the name of a file in `profiles/`, or the absolute path of a JSON file elsewhere.
 * @throws {InvalidProfile} naming what exists, or what is wrong with the file.
 */
export function loadProfile(nameOrPath: string): ProfileFile {
  const path = isAbsolute(nameOrPath) ? nameOrPath : join(DIRECTORY, `${nameOrPath}.json`);
  const profile = parseProfile(readJson(path, nameOrPath));
  const name = profileNameIn(nameOrPath);
  // A product is known by one name: to whoever deploys it, to its stacks and to its guards.
  if (profile.name !== name || !path.endsWith('.json')) {
    throw new InvalidProfile(
      `The profile in ${path} calls itself ${profile.name}: call the file ${profile.name}.json, or change its name.`,
    );
  }
  return { profile, path };
}

/** The name of the profile that {@link loadProfile} is asked for, without reading it. */
export function profileNameIn(nameOrPath: string): string {
  return basename(nameOrPath, '.json');
}

function readJson(path: string, asked: string): unknown {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (cause) {
    throw new InvalidProfile(`There is no profile ${asked}; there are ${profileNames().join(', ')}.`, {
      cause,
    });
  }
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new InvalidProfile(`The profile ${asked} is not valid JSON.`, { cause });
  }
}

function profileNames(): string[] {
  return readdirSync(DIRECTORY)
    .filter((file) => file.endsWith('.json'))
    .map((file) => file.slice(0, -'.json'.length));
}
