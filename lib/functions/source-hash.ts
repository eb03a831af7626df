import { hash } from 'node:crypto';
import { existsSync, globSync, readFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';

const ROOT = join(import.meta.dirname, '../..');

/** The folder with the packages: Keyward stands in it where it was installed, and holds it in its repository. */
const PACKAGES = basename(dirname(ROOT)) === 'node_modules' ? dirname(ROOT) : join(ROOT, 'node_modules');

/** Where builds are kept. A fresh installation of the packages empties it. */
export const BUILD_CACHE = join(PACKAGES, '.cache', 'keyward');

const MANIFESTS = ['package.json', 'package-lock.json'].map((name) => join(ROOT, name));

/**
 * Hashes sources, and what else decides how a build comes out. The lock file stands for the packages that are
 * built in. An installed package has none: its manifest names the exact versions.
 * @param patterns files of Keyward, such as `core/**`.
 */
export function hashSources(patterns: readonly string[], choices: readonly string[]): string {
  const files = globSync([...patterns], { cwd: ROOT, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .concat(MANIFESTS.filter((file) => existsSync(file)))
    .sort();
  const hashed = files.map((file) => [file.slice(ROOT.length), hashFile(file)]);
  return hash('sha256', JSON.stringify([hashed, choices])).slice(0, 24);
}

export function hashFile(path: string): string {
  return hash('sha256', readFileSync(path));
}
