import { createRequire } from 'node:module';

/** The parts of esbuild that synthesis uses. `esbuild` and `esbuild-wasm` have the same ones. */
export type Esbuild = Pick<typeof import('esbuild'), 'buildSync' | 'version'>;

/** An older version of 0.x may not know every option that bundling uses. */
const OLDEST_MINOR = 25;

const load = createRequire(import.meta.url);

/**
 * Loads the bundler: the project's own `esbuild`, or else `esbuild-wasm`. Keyward depends on the latter, so it is always there.
 * It is the same program without a binary for the machine, and takes longer.
 * @see docs/decisions/0043-package.md
 */
export function loadEsbuild(): Esbuild {
  try {
    const own: Esbuild = load('esbuild');
    if (isNewEnough(own.version)) return own;
  } catch {
    // The project has none.
  }
  return load('esbuild-wasm');
}

function isNewEnough(version: string): boolean {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  return major > 0 || minor >= OLDEST_MINOR;
}
