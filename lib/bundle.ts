import { hash } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { DockerImage } from 'aws-cdk-lib';
import { Code } from 'aws-cdk-lib/aws-lambda';
import { buildSync } from 'esbuild';
import { MANAGEMENT_ROUTES, type ManagementHandler } from '../core/management/route.ts';
import type { Profile } from '../core/profile/profile.ts';
import { loadProfile } from './profile-file.ts';
import { pascalCase } from './stack-names.ts';

const ROOT = join(import.meta.dirname, '..');

/** The entry files of Keyward's own functions, by the names that their constructs ask for. */
const ENTRIES = {
  'product-authorizer': 'lambdas/authorizer/product.ts',
  'management-authorizer': 'lambdas/authorizer/management.ts',
  'sign-in': 'lambdas/sign-in/sign-in.ts',
  sweeper: 'lambdas/sweeper/sweeper.ts',
} as const;

/** Where the functions of the management API are wired: `makeIssueKey()` makes the handler of `issue-key`. */
const MANAGEMENT_FUNCTIONS = join(ROOT, 'lambdas/management/functions.ts');

/** As {@link ENTRIES}, for what a product would write itself. A deployment has one of them, and they hold whole MCP servers. */
const SAMPLES = {
  'sample-any': 'examples/any/handler.ts',
  'sample-any-mcp': 'examples/any/handler-mcp.ts',
  'sample-any-mcp-authorized': 'examples/any/handler-mcp-authorized.ts',
  'sample-collections': 'examples/standard/handler.ts',
  'sample-collections-alone': 'examples/standard/handler-alone.ts',
  'sample-voices': 'examples/supertone/handler.ts',
  'sample-socialcrm': 'examples/socialcrm/handler.ts',
  'sample-crm': 'examples/supersonic/handler.ts',
  'sample-crm-authorized': 'examples/supersonic/handler-authorized.ts',
  'sample-documents': 'examples/sophic/handler.ts',
  'sample-documents-mcp': 'examples/sophic/handler-mcp.ts',
} as const;

export type EntryName = keyof typeof ENTRIES | ManagementHandler | keyof typeof SAMPLES;

/** Files, by the names of their functions. */
type Entries = Readonly<Record<string, string>>;

const bundles = new Map<string, ReadonlyMap<string, Uint8Array>>();

/** What all functions of one pass have in common. */
export interface BundleProps {
  /** The file of the profile: parsed, it takes the place of `#profile`; its data is what samples give their guards. */
  readonly profilePath: string;
  /** What takes the place of `#verdict-cache`: the client of API Gateway is 60 kB that most deployments have no use for. */
  readonly verdictCache: 'none' | 'api-gateway';
}

/**
 * The code of one function. All of Keyward's are bundled in one pass of esbuild, when the first one is asked for: starting
 * esbuild costs more than its work.
 */
export function bundledCode(name: EntryName, props: BundleProps): Code {
  const sample = name in SAMPLES ? (name as keyof typeof SAMPLES) : undefined;
  const pass = [props.verdictCache, props.profilePath, sample ?? 'own'].join(' ');
  const bundle = bundles.get(pass) ?? bundleAll(sample, props);
  bundles.set(pass, bundle);
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

/** @param sample is bundled alone; without it, all of Keyward's own functions are bundled. */
function bundleAll(
  sample: keyof typeof SAMPLES | undefined,
  { profilePath, verdictCache }: BundleProps,
): Map<string, Uint8Array> {
  const directory = mkdtempSync(join(tmpdir(), 'keyward-entries-'));
  try {
    const entries = sample ? { [sample]: SAMPLES[sample] } : ownEntriesIn(directory);
    const modulePath = join(directory, 'profile.ts');
    const { profile } = loadProfile(profilePath);
    writeFileSync(modulePath, profileModule(profile));
    return bundleWith(entries, {
      '#profile': modulePath,
      '#product-profile': profilePath,
      '#verifiers': join(ROOT, `lambdas/bundle-choices/verifiers-${verifiersOf(profile)}.ts`),
      '#verdict-cache': join(ROOT, `lambdas/bundle-choices/verdict-cache-${verdictCache}.ts`),
    });
  } finally {
    rmSync(directory, { recursive: true });
  }
}

/** Writes the entry files of the management API into a folder. @returns the entry files of all of Keyward's own functions. */
function ownEntriesIn(directory: string): Entries {
  const entries: Record<string, string> = { ...ENTRIES };
  for (const { handler } of MANAGEMENT_ROUTES) {
    const factory = `make${pascalCase(handler)}`;
    const source = `import { ${factory} } from ${JSON.stringify(MANAGEMENT_FUNCTIONS)};
export const handler = ${factory}();
`;
    entries[handler] = join(directory, `${handler}.ts`);
    writeFileSync(entries[handler], source);
  }
  return entries;
}

/** The verifiers that this profile needs. No profile needs both bcrypt and tokens. */
function verifiersOf({ apiKey, personalAccessTokens }: Profile): 'bcrypt' | 'tokens' | 'digests' {
  if (apiKey.storedAs === 'bcrypt') return 'bcrypt';
  return personalAccessTokens === undefined ? 'digests' : 'tokens';
}

/** @param modules what of the profile's own takes the place of which module. */
function bundleWith(entries: Entries, modules: Readonly<Record<string, string>>): Map<string, Uint8Array> {
  const { outputFiles } = buildSync({
    absWorkingDir: ROOT,
    entryPoints: Object.entries(entries).map(([name, entry]) => ({ in: entry, out: name })),
    // Nothing is written there: the folder only gives the outputs their names.
    outdir: ROOT,
    write: false,
    alias: {
      ...modules,
      '@aws-sdk/credential-provider-node': join(ROOT, 'stores/dynamodb/table/lambda-credentials.ts'),
      '@aws-sdk/endpoint-cache': join(ROOT, 'stores/dynamodb/table/no-endpoint-cache.ts'),
    },
    bundle: true,
    minify: true,
    platform: 'node',
    target: 'node24',
    format: 'esm',
    // The packages' ESM builds are the ones that can be tree-shaken.
    mainFields: ['module', 'main'],
    // The SDK imports `node:http` when it is first asked, and Node loads all of fetch to make a module of it: a third of the
    // first call, which `require` does not take.
    supported: { 'dynamic-import': false },
    // What is left of CommonJS inside them still calls `require` for Node's own modules.
    banner: { js: "import{createRequire}from'node:module';const require=createRequire(import.meta.url);" },
    legalComments: 'none',
    logLevel: 'error',
  });
  return new Map(outputFiles.map(({ path, contents }) => [basename(path, '.js'), contents]));
}

const SCOPES = join(import.meta.dirname, '..', 'core', 'access', 'scope.ts');

/**
 * The source of the module that takes the place of `#profile` in a bundle. It holds the profile as synthesis has parsed it,
 * so that no function starts with parsing, nor carries a parser for it.
 */
export function profileModule({ scopes, ...others }: Profile): string {
  if (scopes === undefined) return `export const profile = ${JSON.stringify(others)};\n`;
  const catalogue = `makeCatalogue(${JSON.stringify(scopes.definitions)})`;
  return `import { makeCatalogue } from ${JSON.stringify(SCOPES)};
export const profile = { ...${JSON.stringify(others)}, scopes: ${catalogue} };
`;
}
