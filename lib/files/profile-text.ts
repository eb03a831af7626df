import { basename } from 'node:path';
import type { ConsoleRules } from '../../core/profile/console.ts';
import type { ProfileMistake } from '../../core/profile/mistakes.ts';
import { readProfile } from '../../core/profile/parse-profile.ts';
import type { Profile } from '../../core/profile/profile.ts';
import { type ReadText, readJsonText } from './json-text.ts';

/** What the file of a profile says. */
export interface ReadProfileFile {
  /** The rules of the product. */
  readonly profile: Profile;
  /** What the console of the product says. */
  readonly console: ConsoleRules;
}

/**
 * Reads the text of a profile's file.
 * @param path the path of the file. The profile must have the file's name.
 * @returns the profile, or every mistake in the order of the file.
 */
export function readProfileText(text: string, path: string): ReadText<ReadProfileFile> {
  return readJsonText(text, (data) => {
    const read = readProfile(data);
    const fieldMistakes = read.kind === 'mistakes' ? read.mistakes : [];
    const mistakes = [...fieldMistakes, ...checkFileName(data, path, fieldMistakes)];
    if (mistakes.length > 0 || read.kind === 'mistakes') return { kind: 'mistakes', mistakes };
    return { kind: 'value', value: { profile: read.profile, console: read.console } };
  });
}

/** The file and the profile must have the same name: the people who deploy it, its stacks and its guards use it. */
function checkFileName(data: unknown, path: string, others: readonly ProfileMistake[]): ProfileMistake[] {
  const { name } = (data ?? {}) as { readonly name?: unknown };
  if (typeof name !== 'string' || basename(path) === `${name}.json`) return [];
  if (others.some((mistake) => mistake.path[0] === 'name')) return [];
  const sentence = `The profile in ${path} calls itself ${name}: call the file ${name}.json, or change its name.`;
  return [{ kind: 'wrong', path: ['name'], sentence }];
}
