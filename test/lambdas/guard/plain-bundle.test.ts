import { randomBytes } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { PutItemCommand } from '@aws-sdk/client-dynamodb';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { APIGatewayProxyResult } from 'aws-lambda';
import { build } from 'esbuild';
import type { Scopes } from '../../../core/access/scope.ts';
import { makeSecret } from '../../../core/credential/secret.ts';
import { parseProfile } from '../../../core/profile/parse-profile.ts';
import { credentialTypesOf, type Profile } from '../../../core/profile/profile.ts';
import { bcrypt } from '../../../lambdas/bundle-choices/verifiers-bcrypt.ts';
import { loadProfile } from '../../../lib/files/profile-file.ts';
import { writeSecret } from '../../../stores/dynamodb/secrets/secret-item.ts';
import { writeTokenSecret, writeTokenWorkspace } from '../../../stores/dynamodb/tokens/token-source.ts';
import { createTables, type TestTables } from '../../stores/dynamodb/tables.ts';
import { capturedLog } from '../captured-log.ts';

/**
 * A customer's function, as CDK's `NodejsFunction` bundles it without any options. Keyward's own bundler has no part in it and
 * exchanges no modules.
 */

capturedLog();
const ROOT = join(import.meta.dirname, '../../..');

/** Keys of the same shape as those of `standard`, for other routes and scopes. */
const SHOP = {
  name: 'shop',
  realm: 'shop',
  presentation: { kind: 'bearer' },
  api_key: { prefix: 'kw_live_', random_length: 30, checksum: true },
  issuing: { requires_name: false, requires_scopes: true },
  scopes: [
    { name: 'orders.read', description: 'See orders', grants: ['GET /orders/**'] },
    { name: 'orders.write', description: 'Place orders', implies: ['orders.read'], grants: ['POST /orders'] },
  ],
  routes: ['GET /orders/**', 'POST /orders'],
};

const HANDLERS = `
import middy from '@middy/core';
import { guardAlone, guardMcp } from 'keyward/middleware';
import socialcrm from ${JSON.stringify(loadProfile('socialcrm').path)} with { type: 'json' };
import sophic from ${JSON.stringify(loadProfile('sophic').path)} with { type: 'json' };
import shop from './shop.json' with { type: 'json' };

const answer = async ({ principal, message }) =>
  ({ statusCode: 200, body: JSON.stringify({ jsonrpc: '2.0', id: message?.id, result: principal }) });
const handlers = {
  shop: middy().use(guardAlone({ profile: shop })).handler(answer),
  socialcrm: middy().use(guardMcp({ profile: socialcrm })).handler(answer),
  sophic: middy().use(guardMcp({ profile: sophic })).handler(answer),
};
export const handler = ({ product, ...event }, context) => handlers[product](event, context);
`;

const folder = mkdtempSync(join(tmpdir(), 'keyward-plain-'));
let tables: TestTables;
let bundled: readonly string[];
let handler: (event: object, context: object) => Promise<APIGatewayProxyResult>;
beforeAll(async () => {
  tables = await createTables();
  mkdirSync(join(folder, 'node_modules'));
  symlinkSync(join(ROOT, 'node_modules/@middy'), join(folder, 'node_modules/@middy'));
  symlinkSync(ROOT, join(folder, 'node_modules', 'keyward'));
  writeFileSync(join(folder, 'shop.json'), JSON.stringify(SHOP));
  writeFileSync(join(folder, 'handler.mjs'), HANDLERS);
  const { metafile } = await build({
    entryPoints: [join(folder, 'handler.mjs')],
    outfile: join(folder, 'index.js'),
    bundle: true,
    platform: 'node',
    target: 'node24',
    metafile: true,
    logLevel: 'error',
  });
  bundled = Object.keys(metafile.inputs).map((file) => relative(ROOT, join(process.cwd(), file)));
  const { accessKeyId, secretAccessKey } = await tables.client.config.credentials();
  Object.assign(process.env, {
    AWS_REGION: 'us-east-1',
    AWS_ACCESS_KEY_ID: accessKeyId,
    AWS_SECRET_ACCESS_KEY: secretAccessKey,
    AWS_ENDPOINT_URL_DYNAMODB: process.env.KEYWARD_TEST_DYNAMODB,
    KEYWARD_SECRETS_TABLE: tables.secrets,
  });
  ({ handler } = createRequire(import.meta.url)(join(folder, 'index.js')));
});
afterAll(async () => {
  await tables.release();
  rmSync(folder, { recursive: true });
});

/** One after the other: on a busy machine, two comparisons by bcrypt at once would take longer than a verification may. */
async function answersOf(...events: object[]): Promise<APIGatewayProxyResult[]> {
  const answers = [];
  for (const event of events) answers.push(await handler(event, {}));
  return answers;
}

/** Puts a key of the product into the one table. @returns its secret. */
async function issue({ apiKey }: Profile, scopes: Scopes): Promise<string> {
  const { text, secret } = await makeSecret(apiKey, { draw: randomBytes, bcrypt });
  const Item = writeSecret(
    secret,
    { kind: 'api_key', credentialId: 'key_1', workspace: 'acme', user: null, role: null },
    { scopes, enabled: true, expiresAt: null, allowedCidrs: [], rateLimit: null, limitFrom: 'plan' },
    1,
  );
  await tables.client.send(new PutItemCommand({ TableName: tables.secrets, Item }));
  return text;
}

async function issueToken(profile: Profile): Promise<string> {
  const [, type] = credentialTypesOf(profile);
  if (type === undefined) throw new Error('The product has no tokens.');
  const { text, secret } = await makeSecret(type, { draw: randomBytes, bcrypt });
  const locator = secret.locator;
  const token = {
    id: 'pat_1',
    userId: 'usr_1',
    name: 'ci',
    start: secret.start,
    scopes: ['read'] as const,
    ceiling: 'owner' as const,
    createdAt: 0,
    expiresAt: null,
    lastUsedAt: null,
    revokedAt: null,
    workspaces: null,
  };
  for (const Item of [
    writeTokenSecret(locator, token),
    writeTokenWorkspace(locator, { slug: 'acme', role: 'member', version: 1 }, null),
  ])
    await tables.client.send(new PutItemCommand({ TableName: tables.secrets, Item }));
  return text;
}

const requestContext = { requestId: 'request-1', identity: { sourceIp: '192.0.2.1' } };
const get = (route: string, credential: string) => {
  const [httpMethod, resource] = route.split(' ');
  const multiValueHeaders = { Authorization: [`Bearer ${credential}`] };
  return { product: 'shop', httpMethod, resource, multiValueHeaders, requestContext };
};
const post = (product: string, tool: string, credential: string, headers: object = {}) => ({
  product,
  httpMethod: 'POST',
  resource: loadProfile(product).profile.mcp?.path,
  requestContext,
  multiValueHeaders: {
    Authorization: [`Bearer ${credential}`],
    'Content-Type': ['application/json'],
    ...headers,
  },
  body: JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'tools/call', params: { name: tool } }),
});

test('a function that is bundled plainly enforces exactly the profile that it passes, and knows no other', async () => {
  const key = await issue(parseProfile(SHOP), ['orders.read']);
  // Scopes of another product, on a key of the same shape in the same table, grant nothing here.
  const other = await issue(parseProfile(SHOP), ['read:all', 'write:all', 'admin']);
  const answers = await answersOf(
    get('GET /orders/{id}', key),
    get('POST /orders', key),
    get('GET /users', key),
    ...['GET /orders', 'POST /orders', 'GET /users', 'DELETE /users/{id}'].map((route) => get(route, other)),
  );
  const seen = answers.map(({ statusCode, body }) => {
    const { required_scope } = JSON.parse(body);
    return [statusCode, required_scope];
  });
  expect(seen).toEqual([
    [200, undefined],
    [403, 'orders.write'],
    [403, undefined],
    [403, 'orders.read'],
    [403, 'orders.write'],
    [403, undefined],
    [403, undefined],
  ]);
  const profiles = bundled.filter((file) => /profiles\/|\/profile\.(ts|json)$/.test(file));
  expect(profiles.sort()).toEqual([
    'core/profile/profile.ts',
    'profiles/socialcrm.json',
    'profiles/sophic.json',
  ]);
});

test('it verifies keys that are kept as bcrypt, and personal access tokens', async () => {
  const [crm, documents] = [loadProfile('socialcrm').profile, loadProfile('sophic').profile];
  const key = await issue(crm, 'all');
  const token = await issueToken(documents);
  const inWorkspace = { 'x-sophic-workspace': ['acme'] };
  const answers = await answersOf(
    post('socialcrm', 'brands.list', key),
    post('socialcrm', 'brands.list', `${key.slice(0, -1)}${key.endsWith('x') ? 'y' : 'x'}`),
    post('sophic', 'documents.list', token, inWorkspace),
    post('sophic', 'capture', token, inWorkspace),
    post('sophic', 'documents.list', token),
  );
  expect(answers.map(({ statusCode }) => statusCode)).toEqual([200, 401, 200, 200, 200]);
  // Clients of this era learn from JSON-RPC alone that a tool is refused.
  const errors = answers.map(({ body }) => JSON.parse(body).error?.code);
  expect([errors[0], ...errors.slice(2)]).toEqual([undefined, undefined, 403, 403]);
  expect(JSON.parse(answers[2]?.body ?? '').result).toMatchObject({
    user: 'usr_1',
    workspace: 'acme',
    role: 'member',
  });
});
