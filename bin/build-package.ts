import { execFileSync } from 'node:child_process';
import { cpSync, globSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { builtConsolePage } from '../lib/console/console-page.ts';
import { type Manifest, packageManifest } from './package-manifest.ts';

/**
 * `npm run build`: compiles the package that people install into `dist/`. `npm pack ./dist` then packs it. The manifest of the
 * repository says everything about it, so the build only leaves out what is of use to those who work on Keyward.
 */
const ROOT = join(import.meta.dirname, '..');
const DIST = join(ROOT, 'dist');

/** Files that are read as they are. */
const COPIED = [
  'LICENSE',
  'README.md',
  'CHANGELOG.md',
  'examples/no-profile.json',
  'profiles',
  'lib/deployment.schema.json',
];

rmSync(DIST, { recursive: true, force: true });
// Editors show the comments of the types. Those of the code would be a tenth of the package.
compile('--declaration', 'false', '--removeComments');
compile('--emitDeclarationOnly');
for (const path of COPIED) cpSync(join(ROOT, path), join(DIST, path), { recursive: true });
copyConsole();
const manifest: Manifest = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'));
const made = packageManifest(manifest);
removeInnerTypes(made.entries);
writeFileSync(join(DIST, 'package.json'), `${JSON.stringify(made.manifest, null, 2)}\n`);

function compile(...options: readonly string[]): void {
  const tsc = join(ROOT, 'node_modules/typescript/bin/tsc');
  execFileSync(process.execPath, [tsc, '-p', 'tsconfig.package.json', ...options], {
    cwd: ROOT,
    stdio: 'inherit',
  });
}

/** The page is built here: its packages are of no use to those who install Keyward. */
function copyConsole(): void {
  const { entryDirectory, assetDirectory } = builtConsolePage();
  cpSync(entryDirectory, join(DIST, 'console/page/entry'), { recursive: true });
  cpSync(assetDirectory, join(DIST, 'console/page/assets'), { recursive: true });
}

/** Keeps the types that an import of the package can reach. The others are half of all types. */
function removeInnerTypes(entries: readonly string[]): void {
  const kept = new Set<string>();
  const keep = (file: string): void => {
    if (kept.has(file)) return;
    kept.add(file);
    const text = readFileSync(join(DIST, file), 'utf8');
    for (const [, target = ''] of text.matchAll(/(?:from |import\()["'](\.[^"']+)\.[jt]s["']/g))
      keep(join(dirname(file), `${target}.d.ts`));
  };
  for (const entry of entries) keep(join(entry.replace(/\.js$/, '.d.ts')));
  for (const file of globSync('**/*.d.{ts,mts,cts}', { cwd: DIST }))
    if (!kept.has(file)) rmSync(join(DIST, file));
}
