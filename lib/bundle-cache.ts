import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { zstdCompressSync, zstdDecompressSync } from 'node:zlib';

/** Bundles, by the names of their functions. */
export type Bundles = ReadonlyMap<string, string>;

/** How many are kept. Each is about a megabyte, and every change of a source makes others. */
const MOST_KEPT = 40;
const NAME = /^bundles-.+\.zst$/;

/**
 * Reads bundles that an earlier process has made, or makes them. Bundling takes seconds, and every test run, `npm start` and
 * synthesis of the same sources would make the same ones.
 * @param key another one for everything that would make other bundles.
 */
export function readOrBundle(
  { directory, key }: { readonly directory: string; readonly key: string },
  bundle: () => Bundles,
): Bundles {
  const file = join(directory, `bundles-${key}.zst`);
  const kept = read(file);
  if (kept !== undefined) return kept;
  const made = bundle();
  write(file, { directory, made });
  return made;
}

function read(file: string): Bundles | undefined {
  try {
    return new Map(JSON.parse(zstdDecompressSync(readFileSync(file)).toString()) as [string, string][]);
  } catch {
    // It is not there, or a process died while it wrote.
    return undefined;
  }
}

/** A cache that cannot be written, such as a folder without the right to write, only costs time. */
function write(
  file: string,
  { directory, made }: { readonly directory: string; readonly made: Bundles },
): void {
  try {
    mkdirSync(directory, { recursive: true });
    const own = mkdtempSync(join(directory, 'bundling-'));
    const written = join(own, 'bundles');
    writeFileSync(written, zstdCompressSync(JSON.stringify([...made])));
    renameSync(written, file);
    rmSync(own, { recursive: true });
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
