import { hash } from 'node:crypto';
import {
  existsSync,
  globSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
} from 'node:fs';
import { join } from 'node:path';
import { buildConsole } from '../console/build.ts';

/** The files of a built console, in two folders: browsers may keep those of one, and must ask again for those of the other. */
export interface ConsolePage {
  /** The page itself, whose name never changes. */
  readonly entryDirectory: string;
  /** Files whose names hold a hash of what is in them. */
  readonly assetDirectory: string;
}

const ROOT = join(import.meta.dirname, '..');
const CACHE = join(ROOT, 'node_modules', '.cache', 'keyward');

/**
 * Builds the console, unless this state of its sources was built before. Several processes may do so at once: each builds in
 * a folder of its own, and the first one to finish gives the folder its name.
 */
export function builtConsolePage(): ConsolePage {
  const directory = join(CACHE, `console-${hashOfSources()}`);
  if (!existsSync(directory)) build(directory);
  return { entryDirectory: join(directory, 'entry'), assetDirectory: join(directory, 'assets') };
}

/** Such as `app.4F6XA2PM.js`. */
const HASHED_NAME = /[.-][0-9A-Za-z_]{8,}\.\w+$/;

function build(directory: string): void {
  mkdirSync(CACHE, { recursive: true });
  const own = mkdtempSync(join(CACHE, 'building-'));
  try {
    const [entry, assets] = ['entry', 'assets'].map((name) => join(own, name)) as [string, string];
    for (const folder of [entry, assets]) mkdirSync(folder);
    buildConsole({ outDirectory: assets });
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

/** The lock file stands for the packages that are built in. */
function hashOfSources(): string {
  const files = globSync('console/**/*', { cwd: ROOT, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .sort();
  const contents = [...files, join(ROOT, 'package-lock.json')].map((file) =>
    hash('sha256', readFileSync(file)),
  );
  return hash('sha256', JSON.stringify([files.map((file) => file.slice(ROOT.length)), contents])).slice(
    0,
    24,
  );
}
