import { hash } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join, sep } from 'node:path';
import { DockerImage } from 'aws-cdk-lib';
import { Code } from 'aws-cdk-lib/aws-lambda';
import { comparesBcrypt } from '../../core/credential/key-shapes.ts';
import { MANAGEMENT_ROUTES, type ManagementHandler } from '../../core/management/route.ts';
import type { Profile } from '../../core/profile/profile.ts';
import { describeApi } from '../../openapi/describe-api.ts';
import { loadProfile } from '../files/profile-file.ts';
import { pascalCase } from '../files/stack-names.ts';
import { type Bundles, type MadeBundles, readOrBundle } from './bundle-cache.ts';
import { loadEsbuild } from './esbuild.ts';
import { BUILD_CACHE, hashFile, hashSources } from './source-hash.ts';

/** Files below it are named without their endings: they are TypeScript in the repository, and JavaScript in the package. */
const ROOT = join(import.meta.dirname, '../..');

/** Keyward's own functions beside those of the management API, by the names that their constructs ask for. */
const OWN_FUNCTIONS = [
  'product-authorizer',
  'management-authorizer',
  'describe-api',
  'sign-in',
  'sweeper',
] as const;

/** Where those functions are wired: `makeSweeper()` makes the handler of `sweeper`. */
const OWN_FACTORIES = join(ROOT, 'lambdas/functions');

/** Where the functions of the management API are wired: `makeIssueKey()` makes the handler of `issue-key`. */
const MANAGEMENT_FACTORIES = join(ROOT, 'lambdas/management/functions');

/** The entry files of the sample products. A deployment has only one sample, and some bundles hold a whole MCP server. */
const SAMPLES = {
  'sample-any': 'examples/any/handler',
  'sample-any-mcp': 'examples/any/handler-mcp',
  'sample-any-mcp-authorized': 'examples/any/handler-mcp-authorized',
  'sample-collections': 'examples/standard/handler',
  'sample-voices': 'examples/supertone/handler',
  'sample-socialcrm': 'examples/socialcrm/handler',
  'sample-crm': 'examples/supersonic/handler',
  'sample-crm-authorized': 'examples/supersonic/handler-authorized',
  'sample-documents': 'examples/sophic/handler',
  'sample-documents-mcp': 'examples/sophic/handler-mcp',
} as const;

export type EntryName = (typeof OWN_FUNCTIONS)[number] | ManagementHandler | keyof typeof SAMPLES;

/** Files, by the names of their functions. */
type Entries = Readonly<Record<string, string>>;

const bundles = new Map<string, Bundles>();

/** The choices that all functions of one bundling pass share. */
export interface BundleProps {
  /** The file of the profile. The parsed profile replaces `#profile`; samples give its data to their guards. */
  readonly profilePath: string;
  /** What replaces `#verdict-cache`. The client of API Gateway takes 60 kB, and most deployments do not need it. */
  readonly verdictCache: 'none' | 'api-gateway';
}

/**
 * The code of one function. The first call bundles all of Keyward's functions in one pass: starting esbuild takes longer than
 * its work.
 */
export function bundledCode(name: EntryName, props: BundleProps): Code {
  const sample = name in SAMPLES ? (name as keyof typeof SAMPLES) : undefined;
  const pass = [props.verdictCache, props.profilePath, sample ?? 'own'].join(' ');
  const bundle = bundles.get(pass) ?? bundleAll(sample, props);
  bundles.set(pass, bundle);
  const code = bundle.get(name) ?? '';
  return Code.fromAsset(join(ROOT, 'lambdas'), {
    // CDK would otherwise think that two bundles of the same folder are the same.
    assetHash: hash('sha256', code),
    bundling: {
      // CDK wants an image to fall back on. The local bundler below never needs it.
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
): Bundles {
  const { profile } = loadProfile(profilePath);
  const modules = {
    profile: profileModule(profile),
    description: sample === undefined ? descriptionModule(profile) : '',
    productProfile: readFileSync(profilePath, 'utf8'),
    verifiers: `verifiers-${verifiersOf(profile)}`,
    verdictCache: `verdict-cache-${verdictCache}`,
  };
  // This file says how code is bundled.
  const recipe = [hashFile(import.meta.filename), loadEsbuild().version];
  const key = hashSources(['tsconfig.json'], [...recipe, sample ?? 'own', ...Object.values(modules)]);
  return readOrBundle({ directory: BUILD_CACHE, root: ROOT, key }, () => {
    const directory = mkdtempSync(join(tmpdir(), 'keyward-entries-'));
    const write = (name: string, text: string) => {
      writeFileSync(join(directory, name), text);
      return join(directory, name);
    };
    try {
      return bundleWith(sample ? { [sample]: join(ROOT, SAMPLES[sample]) } : writeOwnEntries(directory), {
        '#profile': write('profile.mjs', modules.profile),
        '#api-description': write('api-description.mjs', modules.description),
        '#product-profile': profilePath,
        '#verifiers': join(ROOT, 'lambdas/bundle-choices', modules.verifiers),
        '#verdict-cache': join(ROOT, 'lambdas/bundle-choices', modules.verdictCache),
      });
    } finally {
      rmSync(directory, { recursive: true });
    }
  });
}

/** Writes the entry files of Keyward's own functions into a folder. */
function writeOwnEntries(directory: string): Entries {
  const entries: Record<string, string> = {};
  for (const name of OWN_FUNCTIONS) entries[name] = writeEntry(directory, name, OWN_FACTORIES);
  for (const { handler } of MANAGEMENT_ROUTES)
    entries[handler] = writeEntry(directory, handler, MANAGEMENT_FACTORIES);
  return entries;
}

/** @param factories the module with the factory of the function. @returns the path of the entry file. */
function writeEntry(directory: string, name: string, factories: string): string {
  const factory = `make${pascalCase(name)}`;
  const source = `import { ${factory} } from ${JSON.stringify(factories)};
export const handler = ${factory}();
`;
  const path = join(directory, `${name}.mjs`);
  writeFileSync(path, source);
  return path;
}

/** The verifiers that this profile needs. Only keys from elsewhere can be kept as bcrypt beside tokens. */
function verifiersOf({ apiKey, personalAccessTokens }: Profile): 'every' | 'bcrypt' | 'tokens' | 'digests' {
  const hasTokens = personalAccessTokens !== undefined;
  if (comparesBcrypt(apiKey)) return hasTokens ? 'every' : 'bcrypt';
  return hasTokens ? 'tokens' : 'digests';
}

/** @param modules the files that replace modules, by the names of the modules. */
function bundleWith(entries: Entries, modules: Readonly<Record<string, string>>): MadeBundles {
  const { outputFiles, metafile } = loadEsbuild().buildSync({
    absWorkingDir: ROOT,
    entryPoints: Object.entries(entries).map(([name, entry]) => ({ in: entry, out: name })),
    // esbuild writes nothing there. The folder only gives the outputs their names.
    outdir: ROOT,
    write: false,
    metafile: true,
    alias: {
      ...modules,
      '@aws-sdk/credential-provider-node': join(ROOT, 'lambdas/bundle-choices/sdk-credentials'),
      '@aws-sdk/endpoint-cache': join(ROOT, 'lambdas/bundle-choices/sdk-endpoint-cache'),
      '@smithy/core/event-streams': join(ROOT, 'lambdas/bundle-choices/sdk-event-streams'),
    },
    bundle: true,
    minify: true,
    platform: 'node',
    target: 'node24',
    format: 'esm',
    // Only the ESM builds of packages can be tree-shaken.
    mainFields: ['module', 'main'],
    // The SDK imports `node:http` in its first call, and Node then loads all of fetch to make a module of it. That takes a
    // third of the call. `require` does not.
    supported: { 'dynamic-import': false },
    // Packages that are CommonJS call `require` for Node's own modules.
    banner: { js: "import{createRequire}from'node:module';const require=createRequire(import.meta.url);" },
    legalComments: 'none',
    logLevel: 'error',
  });
  return {
    bundles: new Map(outputFiles.map(({ path, text }) => [basename(path, '.js'), text])),
    sources: Object.keys(metafile.inputs).filter(isSource),
  };
}

/**
 * Files outside were written for this pass, and the key tells what stands in them. Where Keyward is installed, the packages that
 * it needs stand beside it.
 */
function isSource(path: string): boolean {
  return !path.startsWith('..') || join(ROOT, path).split(sep).includes('node_modules');
}

const SCOPES = join(ROOT, 'core/access/scope');

/**
 * The source of the module that replaces `#profile` in a bundle. It holds the profile as synthesis parsed it, so functions
 * neither parse a profile nor carry a parser. A function that does not use it, such as the sweeper, carries nothing of it: the
 * mark `@__PURE__` tells the bundler that it may leave the call out.
 */
export function profileModule({ scopes, ...others }: Profile): string {
  if (scopes === undefined) return `export const profile = ${JSON.stringify(others)};\n`;
  const catalogue = `/* @__PURE__ */ makeCatalogue(${JSON.stringify(scopes.definitions)})`;
  return `import { makeCatalogue } from ${JSON.stringify(SCOPES)};
export const profile = { ...${JSON.stringify(others)}, scopes: ${catalogue} };
`;
}

/** The source of the module that replaces `#api-description`: the document as text, so that the function does not print it. */
function descriptionModule(profile: Profile): string {
  const text = JSON.stringify(describeApi(profile));
  const description = { text, etag: `"${hash('sha256', text, 'base64url')}"` };
  return `export const readApiDescription = () => (${JSON.stringify(description)});\n`;
}
