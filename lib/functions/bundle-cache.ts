import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { zstdCompressSync, zstdDecompressSync } from 'node:zlib';
import { hashFile } from './source-hash.ts';

/** Bundles, by the names of their functions. */
export type Bundles = ReadonlyMap<string, string>;

export interface MadeBundles {
  readonly bundles: Bundles;
  /** The files that they are made of, packages included, from the root of the repository. */
  readonly sources: readonly string[];
}

/** As a file holds them. */
interface KeptBundles {
  readonly bundles: readonly (readonly [name: string, code: string])[];
  /** The hash of each source. */
  readonly sources: readonly (readonly [path: string, hash: string])[];
}

/** How many are kept. Each is about a megabyte, and every profile and choice makes others. */
const MOST_KEPT = 40;
const NAME = /^bundles-.+\.zst$/;

interface BundleCache {
  readonly directory: string;
  /** The folder that the paths of sources begin at. */
  readonly root: string;
  /** Another one for everything that makes other bundles of the same sources. */
  readonly key: string;
}

/**
 * Reads bundles that an earlier process has made of the same sources, or makes them. Bundling takes seconds, and every test run,
 * `npm start` and synthesis would make the same ones. Each source is looked at, those in packages too: no old code is deployed
 * because somebody has patched a package by hand.
 */
export function readOrBundle(cache: BundleCache, bundle: () => MadeBundles): Bundles {
  const file = join(cache.directory, `bundles-${cache.key}.zst`);
  const kept = read(file, cache);
  if (kept !== undefined) return kept;
  const { bundles, sources } = bundle();
  const hashed = sources.map((path) => [path, hashFile(join(cache.root, path))] as const);
  write(file, cache, { bundles: [...bundles], sources: hashed });
  return bundles;
}

function read(file: string, { root }: BundleCache): Bundles | undefined {
  try {
    const kept = JSON.parse(zstdDecompressSync(readFileSync(file)).toString()) as KeptBundles;
    const isSame = kept.sources.every(([path, hashed]) => hashFile(join(root, path)) === hashed);
    return isSame ? new Map(kept.bundles) : undefined;
  } catch {
    // It is not there, a process died while it wrote, or a source is gone.
    return undefined;
  }
}

/** A cache that cannot be written, such as a folder without the right to write, only costs time. */
function write(file: string, { directory }: BundleCache, made: KeptBundles): void {
  try {
    mkdirSync(directory, { recursive: true });
    // Nobody reads it before it is whole.
    const unfinished = `${file}.${process.pid}`;
    writeFileSync(unfinished, zstdCompressSync(JSON.stringify(made)));
    renameSync(unfinished, file);
    removeOldest(directory);
  } catch (error) {
    if (!(error instanceof Error && 'code' in error)) throw error;
  }
}

function removeOldest(directory: string): void {
  const files = readdirSync(directory)
    .filter((name) => NAME.test(name))
    .map((name) => join(directory, name))
    .sort((one, other) => statSync(other).mtimeMs - statSync(one).mtimeMs);
  for (const file of files.slice(MOST_KEPT)) rmSync(file, { force: true });
}
