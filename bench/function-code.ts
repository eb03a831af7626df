import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { buildSync } from 'esbuild';
import { loadProfile } from '../lib/files/profile-file.ts';
import { profileModule } from '../lib/functions/bundle.ts';
import { readAssembly } from '../local/assembly/cloud-assembly.ts';
import { resolveStacks } from '../local/assembly/resolved-stack.ts';
import { type FunctionDefinition, readFunctions } from '../local/functions/function-definition.ts';
import { collectRoles } from '../local/functions/role.ts';

const ROOT = join(import.meta.dirname, '..');

/** As the bundler of the stacks writes it. */
const ENTRY = `import { makeProductAuthorizer } from './lambdas/functions.ts';
export const handler = makeProductAuthorizer();
`;

/** The product's authorizer as its stack would deploy it. */
export function synthesizedAuthorizer(assemblyDirectory: string): FunctionDefinition {
  const stacks = resolveStacks(readAssembly(assemblyDirectory), 'http://127.0.0.1');
  const functions = readFunctions(stacks, collectRoles(stacks));
  // The one function that is told which routes have a guard behind them.
  const authorizer = functions.find(({ variables }) => 'KEYWARD_GUARDED_ROUTES' in variables);
  if (authorizer === undefined) throw new Error('The assembly holds no authorizer of a product.');
  return authorizer;
}

/** A function that does nothing. It shows what the runtime itself takes. */
export function writeEmptyFunction(directory: string): string {
  return writeModule(directory, 'export const handler = async () => ({});\n');
}

/** The authorizer, bundled in the usual way: with the AWS SDK's whole chain of credential providers. */
export function writePlainAuthorizer(directory: string, profileName: string): string {
  mkdirSync(directory, { recursive: true });
  const profilePath = join(directory, 'profile.ts');
  writeFileSync(profilePath, profileModule(loadProfile(profileName).profile));
  const { outputFiles } = buildSync({
    absWorkingDir: ROOT,
    stdin: { contents: ENTRY, resolveDir: ROOT },
    write: false,
    alias: {
      '#profile': profilePath,
      '#verifiers': join(ROOT, 'lambdas/bundle-choices/verifiers-digests.ts'),
    },
    bundle: true,
    minify: true,
    platform: 'node',
    target: 'node24',
    format: 'esm',
    mainFields: ['module', 'main'],
    banner: { js: "import{createRequire}from'node:module';const require=createRequire(import.meta.url);" },
    legalComments: 'none',
    logLevel: 'error',
  });
  return writeModule(directory, outputFiles[0]?.text ?? '');
}

function writeModule(directory: string, source: string): string {
  mkdirSync(directory, { recursive: true });
  writeFileSync(join(directory, 'index.mjs'), source);
  return directory;
}
