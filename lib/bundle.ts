import { hash } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { DockerImage } from 'aws-cdk-lib';
import { Code } from 'aws-cdk-lib/aws-lambda';
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
  'create-invitation': 'lambdas/management/create-invitation.ts',
  'read-invitations': 'lambdas/management/read-invitations.ts',
  'revoke-invitation': 'lambdas/management/revoke-invitation.ts',
  describe: 'lambdas/management/describe.ts',
  'create-workspace': 'lambdas/management/create-workspace.ts',
  'read-workspace': 'lambdas/management/read-workspace.ts',
  'sign-in': 'lambdas/sign-in/sign-in.ts',
  sweeper: 'lambdas/sweeper.ts',
  'sample-collections': 'examples/standard/handler.ts',
  'sample-collections-alone': 'examples/standard/handler-alone.ts',
  'sample-voices': 'examples/supertone/handler.ts',
  'sample-crm': 'examples/supersonic/handler.ts',
  'sample-crm-authorized': 'examples/supersonic/handler-authorized.ts',
} as const;

export type EntryName = keyof typeof ENTRIES;

const bundles = new Map<string, ReadonlyMap<string, Uint8Array>>();

/**
 * The code of one function. All functions are bundled in one pass of esbuild, when the first one is asked for: starting
 * esbuild costs more than its work.
 * @param profilePath the file that takes the place of `#profile`.
 */
export function bundledCode(name: EntryName, profilePath: string): Code {
  const bundle = bundles.get(profilePath) ?? bundleAll(profilePath);
  bundles.set(profilePath, bundle);
  const code = bundle.get(name) ?? '';
  return Code.fromAsset(join(ROOT, 'lambdas'), {
    // CDK would otherwise take two bundles of one folder for the same.
    assetHash: hash('sha256', code),
    bundling: {
      // CDK asks for an image to fall back on; the local bundler below never does.
      image: DockerImage.fromRegistry('unused'),
      local: {
        tryBundle: (directory) => {
          writeFileSync(join(directory, 'index.mjs'), code);
          return true;
        },
      },
    },
  });
}

function bundleAll(profilePath: string): Map<string, Uint8Array> {
  const { outputFiles } = buildSync({
    absWorkingDir: ROOT,
    entryPoints: Object.entries(ENTRIES).map(([name, entry]) => ({ in: entry, out: name })),
    // Nothing is written there: the folder only gives the outputs their names.
    outdir: ROOT,
    write: false,
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
  return new Map(outputFiles.map(({ path, contents }) => [basename(path, '.js'), contents]));
}
