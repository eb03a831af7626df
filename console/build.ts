import { copyFileSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { buildSync } from 'esbuild';

const ROOM = import.meta.dirname;
const ICON = 'icon.svg';

/**
 * Builds the console: `index.html`, and scripts and a style sheet whose names hold a hash of their content. All addresses are
 * relative, so the page works below any path. `config.json` is not part of it: each deployment adds its own.
 * @returns the names of the files in the directory.
 */
export function buildConsole({ outDirectory }: { readonly outDirectory: string }): {
  readonly files: readonly string[];
} {
  const { outputFiles } = buildSync({
    entryPoints: { app: join(ROOM, 'main.tsx') },
    outdir: outDirectory,
    absWorkingDir: join(ROOM, '..'),
    tsconfig: join(ROOM, 'tsconfig.json'),
    bundle: true,
    splitting: true,
    format: 'esm',
    platform: 'browser',
    target: ['es2022'],
    jsx: 'automatic',
    minify: true,
    legalComments: 'none',
    define: { 'process.env.NODE_ENV': '"production"' },
    entryNames: '[name].[hash]',
    chunkNames: '[name].[hash]',
    write: false,
  });
  mkdirSync(outDirectory, { recursive: true });
  for (const { path, contents } of outputFiles) writeFileSync(path, contents);
  const names = outputFiles.map(({ path }) => basename(path)).sort();
  const page = readFileSync(join(ROOM, 'index.html'), 'utf8')
    .replaceAll(/\n\s*<!--[\s\S]*?-->/g, '')
    .replace('./app.css', `./${findName(names, /^app\.\w+\.css$/)}`)
    .replace('./app.js', `./${findName(names, /^app\.\w+\.js$/)}`);
  writeFileSync(join(outDirectory, 'index.html'), page);
  copyFileSync(join(ROOM, ICON), join(outDirectory, ICON));
  return { files: ['index.html', ICON, ...names] };
}

function findName(names: readonly string[], pattern: RegExp): string {
  const found = names.find((name) => pattern.test(name));
  if (found === undefined) throw new Error(`The build has made no file like ${pattern}.`);
  return found;
}
