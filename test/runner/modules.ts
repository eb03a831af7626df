import { readFileSync } from 'node:fs';
import { registerHooks, stripTypeScriptTypes } from 'node:module';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

const ROOT = join(import.meta.dirname, '..', '..');
const ROOT_URL = pathToFileURL(`${ROOT}/`).href;

/** What these specifiers mean in tests, as files of this repository. */
const REPLACED: Readonly<Record<string, string>> = {
  '@jest/globals': 'test/runner/globals.ts',
  // Keyward's own functions are bundled with the profile of their deployment, and have none otherwise.
  '#profile': 'test/standard-profile.ts',
};

/** Modules that all suites of a worker share, with all that they import: what is in them outlives a suite. */
const SHARED = [
  'test/runner/runtime.ts',
  'test/runner/modules.ts',
  'test/running-products.ts',
  'test/described-answers.ts',
].map((file) => new URL(file, ROOT_URL).href);

const stripped = new Map<string, string>();

/**
 * Gives each suite modules of this repository of its own, so that none finds the state that another left; packages are loaded
 * once for all suites of a worker. A suite is marked in the query of its modules' URLs.
 * @see https://nodejs.org/api/module.html#moduleregisterhooksoptions
 */
export function separateSuites(): void {
  registerHooks({
    resolve(specifier, context, nextResolve) {
      const replacement = REPLACED[specifier];
      const resolved = nextResolve(replacement ? new URL(replacement, ROOT_URL).href : specifier, context);
      const mark = URL.parse(context.parentURL ?? '')?.search ?? '';
      return mark !== '' && isSeparate(resolved.url)
        ? { ...resolved, url: `${resolved.url}${mark}` }
        : resolved;
    },
    load(url, context, nextLoad) {
      if (!url.startsWith(ROOT_URL) || !/\.ts(\?|$)/.test(url)) return nextLoad(url, context);
      return { format: 'module', source: sourceOf(fileURLToPath(url)), shortCircuit: true };
    },
  });
}

/** Imports a suite. @param mark tells its modules from those of other suites. */
export async function importSuite(file: string, mark: string): Promise<void> {
  await import(`${pathToFileURL(file).href}?${mark}`);
}

function isSeparate(url: string): boolean {
  return (
    url.startsWith(ROOT_URL) && !url.includes('/node_modules/') && !url.includes('?') && !SHARED.includes(url)
  );
}

function sourceOf(file: string): string {
  const known = stripped.get(file);
  if (known !== undefined) return known;
  const source = stripTypeScriptTypes(readFileSync(file, 'utf8'));
  stripped.set(file, source);
  return source;
}
