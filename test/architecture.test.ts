import { globSync, readFileSync } from 'node:fs';
import { join, relative, resolve } from 'node:path';
import { describe, expect, test } from '@jest/globals';

const ROOT = resolve(import.meta.dirname, '..');

/** What each folder may import: folders of this repository, and packages. */
const ALLOWED: Record<string, readonly string[]> = {
  core: ['core', 'node:crypto', 'node:net', 'node:zlib', 'valibot'],
  stores: [
    'core',
    'stores',
    '@aws-sdk/client-api-gateway',
    '@aws-sdk/client-dynamodb',
    '@aws-sdk/lib-dynamodb',
    '@aws-sdk/util-dynamodb',
    'valibot',
  ],
  lambdas: [
    'core',
    'lambdas',
    'stores',
    '#api-description',
    '#profile',
    '#verdict-cache',
    '#verifiers',
    '@aws-lambda-powertools/logger',
    '@aws-sdk/credential-provider-env',
    '@middy/core',
    'aws-jwt-verify',
    'aws-lambda',
    'bcryptjs',
    'node:async_hooks',
    'node:crypto',
    'valibot',
  ],
  client: ['client'],
  console: [
    'client',
    'console',
    '@tanstack/react-query',
    'react',
    'react-aria-components',
    'react-dom',
    // The build alone, which is no part of the page.
    'esbuild',
    'node:fs',
    'node:path',
  ],
  openapi: ['core', 'lambdas/management', 'openapi', '@valibot/to-json-schema', 'valibot'],
  lib: [
    'console',
    'core',
    'lib',
    'openapi',
    'aws-cdk-lib',
    'constructs',
    'jsonc-parser',
    'node:crypto',
    'node:fs',
    'node:module',
    'node:os',
    'node:path',
    'node:zlib',
    'valibot',
  ],
  examples: [
    'examples',
    'keyward/element',
    'keyward/middleware',
    '#product-profile',
    // Bundles the front end of the settings, as a product would.
    'esbuild',
    '@middy/core',
    'aws-lambda',
    '@aws-sdk/client-dynamodb',
    '@aws-sdk/util-dynamodb',
    '@modelcontextprotocol/server',
    'node:http',
  ],
};

/** Where functions are put together; everything else in `lambdas` knows the ports in `core` only. */
const WIRING = [
  'lambdas/bundle-choices/verdict-cache-api-gateway.ts',
  'lambdas/bundle-choices/verifiers-bcrypt.ts',
  'lambdas/bundle-choices/verifiers-every.ts',
  'lambdas/bundle-choices/verifiers-tokens.ts',
  'lambdas/functions.ts',
  'lambdas/management/function-options.ts',
  'lambdas/management/functions.ts',
  'lambdas/product-verification.ts',
  'lambdas/tables.ts',
];

/**
 * The rooms inside a folder, lowest first; those of one line do not know each other. An import, of types too, goes to the same
 * room or to a lower line.
 */
const ROOMS: Record<string, readonly (readonly string[])[]> = {
  core: [
    ['text'],
    ['errors'],
    ['access'],
    ['credential', 'mcp'],
    ['profile'],
    ['verification', 'audit'],
    ['management'],
  ],
  lambdas: [
    ['environment', 'time-limit', 'log', 'http'],
    ['tables'],
    ['api-description', 'sign-in-address'],
    ['bundle-choices', 'product-verification', 'refusal-log', 'verdict-flush'],
    ['authorizer'],
    ['guard', 'management'],
    ['sign-in', 'sweeper'],
    ['functions'],
  ],
  'lambdas/management': [
    ['answers'],
    ['http'],
    ['workspaces', 'tokens', 'sessions'],
    ['keys', 'members', 'invitations', 'events'],
    ['function-options'],
    ['functions'],
  ],
  lib: [
    ['parts'],
    ['sign-in'],
    ['files'],
    ['functions', 'tables'],
    ['monitoring'],
    ['apis'],
    ['management', 'console'],
    ['dashboard', 'keyward-data', 'samples'],
    ['keyward', 'data-stack', 'management-stack', 'console-stack', 'sample-stack'],
    ['keyward-app'],
    ['index'],
  ],
  'stores/dynamodb': [
    ['table'],
    ['secrets', 'audit'],
    ['keys'],
    ['tokens'],
    ['workspaces'],
    ['sessions', 'restore', 'sweeper'],
  ],
};

interface Import {
  readonly file: string;
  readonly target: string;
}

function importsOf(folder: string): Import[] {
  return globSync(`${folder}/**/*.{ts,tsx}`, { cwd: ROOT }).flatMap((file) => {
    const source = readFileSync(join(ROOT, file), 'utf8');
    const specifiers = [...source.matchAll(/^(?:(?:import|export|\}).* from|import) '([^']+)'/gm)].map(
      ([, specifier = '']) => specifier,
    );
    return specifiers.map((specifier) => ({ file, target: targetOf(file, specifier) }));
  });
}

function targetOf(file: string, specifier: string): string {
  return specifier.startsWith('.') ? relative(ROOT, resolve(ROOT, file, '..', specifier)) : specifier;
}

/** Each circle as the files that it runs through; found by going down from every file, and never twice into the same. */
function circlesIn(imports: readonly Import[]): string[] {
  const targetsOf = Map.groupBy(imports, ({ file }) => file);
  const circles: string[] = [];
  const finished = new Set<string>();
  const follow = (file: string, path: readonly string[]): void => {
    if (path.includes(file)) circles.push([...path.slice(path.indexOf(file)), file].join(' → '));
    if (path.includes(file) || finished.has(file)) return;
    for (const { target } of targetsOf.get(file) ?? []) follow(target, [...path, file]);
    finished.add(file);
  };
  for (const file of targetsOf.keys()) follow(file, []);
  return circles;
}

function isAllowed(target: string, allowed: readonly string[]): boolean {
  return allowed.some((each) => target === each || target.startsWith(`${each}/`));
}

describe('imports go one way', () => {
  test.each(Object.keys(ALLOWED))('%s imports nothing but what it may', (folder) => {
    const imports = importsOf(folder);
    expect(imports.length).toBeGreaterThan(0);
    expect(imports.filter(({ target }) => !isAllowed(target, ALLOWED[folder] ?? []))).toEqual([]);
  });

  test.each(Object.entries(ROOMS))('inside %s arrows run downwards only, types included', (folder, lines) => {
    const roomOf = (file: string) => file.slice(folder.length + 1).split(/[/.]/)[0] ?? '';
    const lineOf = (file: string) => lines.findIndex((rooms) => rooms.includes(roomOf(file)));
    const imports = importsOf(folder).filter(({ target }) => target.startsWith(`${folder}/`));
    expect(globSync(`${folder}/**/*.ts`, { cwd: ROOT }).filter((file) => lineOf(file) === -1)).toEqual([]);
    const upward = imports.filter(
      ({ file, target }) => roomOf(file) !== roomOf(target) && lineOf(target) >= lineOf(file),
    );
    expect(upward).toEqual([]);
  });

  test.each(['client', 'console', 'core', 'stores', 'lambdas', 'openapi', 'lib', 'local'])(
    'no import in %s runs in a circle, types included',
    (folder) => {
      expect(circlesIn(importsOf(folder))).toEqual([]);
    },
  );

  test('only the files that wire functions import a store', () => {
    const wiring = importsOf('lambdas').filter(({ target }) => target.startsWith('stores/'));
    expect([...new Set(wiring.map(({ file }) => file))].sort()).toEqual(WIRING);
  });

  test('the local runner knows the cloud assembly and nothing of the product, and only its issuer a package', () => {
    const imports = importsOf('local').filter(
      ({ target }) => !target.startsWith('local/') && !target.startsWith('node:'),
    );
    expect(
      imports.filter(({ file, target }) => !file.startsWith('local/sign-in/') || target !== 'oidc-provider'),
    ).toEqual([]);
  });

  test('only the build of the console imports what a browser does not have', () => {
    const foreign = importsOf('console').filter(({ target }) => /^(?:node:|esbuild)/.test(target));
    expect([...new Set(foreign.map(({ file }) => file))]).toEqual(['console/build.ts']);
  });

  test('core reads no clock, environment or randomness', () => {
    const impure =
      /\bDate\.now\b|\bnew Date\(\)|\bprocess\.|\bMath\.random\b|\bcrypto\.random|\brandomBytes\(/;
    const readers = globSync('core/**/*.ts', { cwd: ROOT }).filter((file) => {
      const code = readFileSync(join(ROOT, file), 'utf8').replaceAll(/\/\*[\s\S]*?\*\/|\/\/.*/g, '');
      return impure.test(code.replaceAll('randomBytes(length - text.length)', ''));
    });
    expect(readers).toEqual([]);
  });
});
