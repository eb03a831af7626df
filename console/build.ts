import { copyFileSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import type { Metafile } from 'esbuild';

const ROOM = import.meta.dirname;
const ICON = 'icon.svg';

/**
 * Builds the console: `index.html`, and scripts and a style sheet whose names hold a hash of their content. All addresses are
 * relative, so the page works below any path. `config.json` is not part of it: each deployment adds its own.
 * @param esbuild the bundler.
 * @returns the names of the files in the directory.
 */
export function buildConsole(
  esbuild: Pick<typeof import('esbuild'), 'buildSync'>,
  { outDirectory }: { readonly outDirectory: string },
): { readonly files: readonly string[] } {
  const { outputFiles, metafile } = esbuild.buildSync({
    entryPoints: { app: join(ROOM, 'main.ts'), page: join(ROOM, 'page.tsx') },
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
    metafile: true,
  });
  mkdirSync(outDirectory, { recursive: true });
  for (const { path, contents } of outputFiles) writeFileSync(path, contents);
  const names = outputFiles.map(({ path }) => basename(path)).sort();
  const entry = findName(names, /^app\.\w+\.js$/);
  const page = findName(names, /^page\.\w+\.js$/);
  const scripts = [...importedBy(metafile, entry), ...importedBy(metafile, page), page];
  const document = readFileSync(join(ROOM, 'index.html'), 'utf8')
    .replaceAll(/\n\s*<!--[\s\S]*?-->/g, '')
    .replace('./app.css', `./${findName(names, /^app\.\w+\.css$/)}`)
    .replace(
      '<script type="module" src="./app.js">',
      `${preload(scripts)}<script type="module" src="./${entry}">`,
    );
  writeFileSync(join(outDirectory, 'index.html'), document);
  copyFileSync(join(ROOM, ICON), join(outDirectory, ICON));
  return { files: ['index.html', ICON, ...names] };
}

function findName(names: readonly string[], pattern: RegExp): string {
  const found = names.find((name) => pattern.test(name));
  if (found === undefined) throw new Error(`The build has made no file like ${pattern}.`);
  return found;
}

/** The scripts that one needs to begin, whichever of them imports them. */
function importedBy(
  { outputs }: Pick<Metafile, 'outputs'>,
  script: string,
  found = new Set<string>(),
): ReadonlySet<string> {
  const output = Object.entries(outputs).find(([path]) => basename(path) === script)?.[1];
  for (const { path, kind } of output?.imports ?? []) {
    const name = basename(path);
    if (kind !== 'import-statement' || found.has(name)) continue;
    found.add(name);
    importedBy({ outputs }, name, found);
  }
  return found;
}

/** Browsers then ask for all scripts at once, and not for some of them after they have read the first. */
function preload(scripts: readonly string[]): string {
  return [...new Set(scripts)].map((name) => `<link rel="modulepreload" href="./${name}">\n    `).join('');
}
