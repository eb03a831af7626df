import { existsSync, mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { buildConsole } from '../../console/build.ts';
import { loadEsbuild } from '../functions/esbuild.ts';
import { BUILD_CACHE, hashSources } from '../functions/source-hash.ts';

/** The files of a built console, in two folders: browsers may keep those of one, and must ask again for those of the other. */
export interface ConsolePage {
  /** The page itself, whose name never changes. */
  readonly entryDirectory: string;
  /** Files whose names hold a hash of what is in them. */
  readonly assetDirectory: string;
}

/** The package holds the page already built, and no sources of it. */
const SHIPPED = join(import.meta.dirname, '../..', 'console', 'page');

/** The page calls the API through the client. */
const SOURCES = ['console/**', 'client/**'];

/**
 * Finds the built console, or builds it from its sources. Several processes may do so at once: each builds in
 * a folder of its own, and the first one to finish gives the folder its name.
 */
export function builtConsolePage(): ConsolePage {
  const directory = existsSync(SHIPPED) ? SHIPPED : builtFromSources();
  return { entryDirectory: join(directory, 'entry'), assetDirectory: join(directory, 'assets') };
}

function builtFromSources(): string {
  const directory = join(BUILD_CACHE, `console-${hashSources(SOURCES, [])}`);
  if (!existsSync(directory)) build(directory);
  return directory;
}

/** Such as `app.4F6XA2PM.js`. */
const HASHED_NAME = /[.-][0-9A-Za-z_]{8,}\.\w+$/;

function build(directory: string): void {
  mkdirSync(BUILD_CACHE, { recursive: true });
  const own = mkdtempSync(join(BUILD_CACHE, 'building-'));
  try {
    const [entry, assets] = ['entry', 'assets'].map((name) => join(own, name)) as [string, string];
    for (const folder of [entry, assets]) mkdirSync(folder);
    buildConsole(loadEsbuild(), { outDirectory: assets });
    for (const name of readdirSync(assets).filter((file) => !HASHED_NAME.test(file)))
      renameSync(join(assets, name), join(entry, name));
    renameSync(own, directory);
  } catch (error) {
    // Another process was faster, and its build is the same.
    if (!existsSync(directory)) throw error;
  } finally {
    rmSync(own, { recursive: true, force: true });
  }
}
