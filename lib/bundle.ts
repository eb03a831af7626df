import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buildSync } from 'esbuild';

const ROOT = join(import.meta.dirname, '..');

/** Every Lambda function's entry file, by the name that its construct asks for. */
const ENTRIES = {
  'product-authorizer': 'lambdas/authorizer/product.ts',
  'management-authorizer': 'lambdas/authorizer/management.ts',
  'issue-key': 'lambdas/management/issue-key.ts',
  'read-keys': 'lambdas/management/read-keys.ts',
  'update-key': 'lambdas/management/update-key.ts',
  'revoke-key': 'lambdas/management/revoke-key.ts',
  'rotate-key': 'lambdas/management/rotate-key.ts',
  'verify-key': 'lambdas/management/verify-key.ts',
  describe: 'lambdas/management/describe.ts',
  'create-workspace': 'lambdas/management/create-workspace.ts',
  'read-workspace': 'lambdas/management/read-workspace.ts',
  sweeper: 'lambdas/sweeper.ts',
  sample: 'examples/standard/handler.ts',
} as const;

export type EntryName = keyof typeof ENTRIES;

const bundles = new Map<string, string>();

/**
 * Bundles all functions in one pass of esbuild, which costs what starting it once does: ten times less than once for
 * each. They are bundled when the first one is asked for.
 * @param profilePath the file that takes the place of `#profile`.
 * @returns the folder that holds `index.mjs` of the entry.
 */
export function bundledEntry(name: EntryName, profilePath: string): string {
  const directory = bundles.get(profilePath) ?? bundleAll(profilePath);
  bundles.set(profilePath, directory);
  return join(directory, name);
}

function bundleAll(profilePath: string): string {
  const outdir = mkdtempSync(join(tmpdir(), 'keyward-bundles-'));
  process.once('exit', () => rmSync(outdir, { recursive: true, force: true }));
  buildSync({
    absWorkingDir: ROOT,
    entryPoints: Object.entries(ENTRIES).map(([name, entry]) => ({ in: entry, out: `${name}/index` })),
    outdir,
    outExtension: { '.js': '.mjs' },
    alias: { '#profile': profilePath },
    bundle: true,
    minify: true,
    platform: 'node',
    target: 'node24',
    format: 'esm',
    // The packages' ESM builds are the ones that can be tree-shaken.
    mainFields: ['module', 'main'],
    // What is left of CommonJS inside them still calls `require` for Node's own modules.
    banner: { js: "import{createRequire}from'node:module';const require=createRequire(import.meta.url);" },
    legalComments: 'none',
    logLevel: 'error',
  });
  return outdir;
}
