import { hash } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { DockerImage } from 'aws-cdk-lib';
import { Code } from 'aws-cdk-lib/aws-lambda';
import { buildSync } from 'esbuild';
import type { Profile } from '../core/profile/profile.ts';
import { loadProfile } from './profile-file.ts';

const ROOT = join(import.meta.dirname, '..');

/** Every Lambda function's entry file, by the name that its construct asks for. */
const ENTRIES = {
  'product-authorizer': 'lambdas/authorizer/product.ts',
  'management-authorizer': 'lambdas/authorizer/management.ts',
  'issue-key': 'lambdas/management/keys/issue-key.ts',
  'read-keys': 'lambdas/management/keys/read-keys.ts',
  'update-key': 'lambdas/management/keys/update-key.ts',
  'revoke-key': 'lambdas/management/keys/revoke-key.ts',
  'rotate-key': 'lambdas/management/keys/rotate-key.ts',
  'verify-key': 'lambdas/management/keys/verify-key.ts',
  'create-invitation': 'lambdas/management/invitations/create-invitation.ts',
  'read-invitations': 'lambdas/management/invitations/read-invitations.ts',
  'revoke-invitation': 'lambdas/management/invitations/revoke-invitation.ts',
  'read-events': 'lambdas/management/events/read-events.ts',
  'describe-scopes': 'lambdas/management/members/describe-scopes.ts',
  'describe-caller': 'lambdas/management/members/describe-caller.ts',
  'create-workspace': 'lambdas/management/workspaces/create-workspace.ts',
  'read-workspace': 'lambdas/management/workspaces/read-workspace.ts',
  'issue-token': 'lambdas/management/tokens/issue-token.ts',
  'read-tokens': 'lambdas/management/tokens/read-tokens.ts',
  'revoke-token': 'lambdas/management/tokens/revoke-token.ts',
  'update-workspace': 'lambdas/management/workspaces/update-workspace.ts',
  'read-members': 'lambdas/management/members/read-members.ts',
  'put-member': 'lambdas/management/members/put-member.ts',
  'remove-member': 'lambdas/management/members/remove-member.ts',
  'sign-in': 'lambdas/sign-in/sign-in.ts',
  sweeper: 'lambdas/sweeper/sweeper.ts',
} as const;

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

export type EntryName = keyof typeof ENTRIES | keyof typeof SAMPLES;

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
  const entries = entriesWith(name);
  const pass = [props.verdictCache, props.profilePath, ...Object.keys(entries)].join(' ');
  const bundle = bundles.get(pass) ?? bundleAll(entries, props);
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

/** What is bundled together with a function, which takes no longer than it alone. */
function entriesWith(name: EntryName): Entries {
  return name in SAMPLES ? { [name]: SAMPLES[name as keyof typeof SAMPLES] } : ENTRIES;
}

function bundleAll(entries: Entries, { profilePath, verdictCache }: BundleProps): Map<string, Uint8Array> {
  const directory = mkdtempSync(join(tmpdir(), 'keyward-profile-'));
  try {
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
