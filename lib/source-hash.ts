import { hash } from 'node:crypto';
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const ROOT = join(import.meta.dirname, '..');

/** Where builds are kept. Whoever installs packages anew gets an empty one. */
export const BUILD_CACHE = join(ROOT, 'node_modules', '.cache', 'keyward');

/**
 * Hashes sources, and what else decides how a build comes out. The lock file stands for the packages that are built in.
 * @param patterns files of the repository, such as `core/**`.
 */
export function hashSources(patterns: readonly string[], choices: readonly string[]): string {
  const files = globSync([...patterns], { cwd: ROOT, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .concat(join(ROOT, 'package.json'), join(ROOT, 'package-lock.json'))
    .sort();
  const hashed = files.map((file) => [file.slice(ROOT.length), hash('sha256', readFileSync(file))]);
  return hash('sha256', JSON.stringify([hashed, choices])).slice(0, 24);
}
