import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { type Answer, send, startProduct, type TestProduct } from '../product.ts';

/** The profile that the guide to writing one ends with: what it tells readers is what runs here. */
function profileOfGuide(): string {
  const guide = readFileSync(join(import.meta.dirname, '../../docs/profiles/your-own.md'), 'utf8');
  const [, json = ''] = /```json\n(\{\n {2}"name": "orders"[\s\S]*?)```/.exec(guide) ?? [];
  return json;
}

/** So many that no policy could name them all. */
const COLLECTIONS = Array.from({ length: 60 }, (_, index) => `collection-${index}`);

function withCollections(json: string): string {
  const profile = JSON.parse(json);
  const patterns = COLLECTIONS.map((name) => `GET /${name}/**`);
  const scopes = profile.scopes.map((scope: { name: string; grants: string[] }) =>
    scope.name === 'orders.read' ? { ...scope, grants: [...scope.grants, ...patterns] } : scope,
  );
  return JSON.stringify({ ...profile, scopes, routes: [...profile.routes, ...patterns] });
}

const directory = mkdtempSync(join(tmpdir(), 'keyward-profile-'));
let product: TestProduct;
beforeAll(async () => {
  const path = join(directory, 'orders.json');
  writeFileSync(path, withCollections(profileOfGuide()));
  product = await startProduct(path);
});
afterAll(async () => {
  await product.stop();
  rmSync(directory, { recursive: true });
});

const manage = (path: string, body?: object): Promise<Answer> =>
  send(`${product.managementUrl}/v1${path}`, {
    credential: product.managementKey,
    ...(body && { method: 'POST', body }),
  });

/** A workspace that no other test has issued keys in. */
async function newWorkspace(): Promise<string> {
  const slug = `shop-${Math.random().toString(36).slice(2, 10)}`;
  await manage('/workspaces', { slug, name: 'A shop', created_by: 'usr_owner' });
  return `/workspaces/${slug}/keys`;
}

const issue = (keys: string, scopes: readonly string[]): Promise<Answer> => manage(keys, { scopes });

const call = (method: string, path: string, key: string): Promise<Answer> =>
  send(`${product.apiUrl}${path}`, {
    method,
    headers: { 'x-orders-key': key },
    ...(method === 'POST' && { body: { name: 'An order' } }),
  });

test('a profile that is nothing but data has its own key text and its own header', async () => {
  const { secret } = (await issue(await newWorkspace(), ['orders.read'])).body;
  expect(secret).toMatch(/^ord_[0-9A-Za-z]{38}$/);
  expect((await call('GET', '/orders', secret)).status).toBe(200);
  const inTheWrongPlace = await send(`${product.apiUrl}/orders`, { credential: secret });
  expect(inTheWrongPlace.status).toBe(401);
  expect(inTheWrongPlace.headers.get('www-authenticate')).toBe(
    'ApiKey realm="orders", header="x-orders-key"',
  );
});

test('a scope that implies another grants what both grant, and one that does not is named to who lacks it', async () => {
  const keys = await newWorkspace();
  const reader = (await issue(keys, ['orders.read'])).body.secret;
  const writer = (await issue(keys, ['orders.write'])).body.secret;
  expect(await call('POST', '/orders', reader)).toMatchObject({
    status: 403,
    body: { code: 'insufficient_scope', required_scope: 'orders.write' },
  });
  const { status, body } = await call('POST', '/orders', writer);
  expect(status).toBe(201);
  expect((await call('GET', `/orders/${body.id}`, writer)).status).toBe(200);
});

test('a scope may grant any number of routes, and a path may hold what a policy reads as a wildcard', async () => {
  const { secret } = (await issue(await newWorkspace(), ['orders.read'])).body;
  for (const name of COLLECTIONS) expect((await call('GET', `/${name}`, secret)).status).toBe(200);
  // The collection has no such item, and the function says so: whoever refuses the caller answers 403.
  for (const id of ['*', '?', 'a*b', '%3F', '**', '*/', 'a'.repeat(900), `${'a'.repeat(900)}*`])
    expect([id, (await call('GET', `/collection-7/${id}`, secret)).status]).toEqual([
      id,
      id === '?' ? 200 : 404,
    ]);
  const tooMany = await call('GET', `/collection-7/${'*'.repeat(300)}`, secret);
  expect(tooMany).toMatchObject({
    status: 403,
    body: { code: 'forbidden', detail: expect.stringContaining('The path is too long') },
  });
});

test('a third key is refused while two are active, also when many are issued at once, and revoking frees a place', async () => {
  const keys = await newWorkspace();
  const answers = await Promise.all(Array.from({ length: 10 }, () => issue(keys, ['orders.read'])));
  expect(answers.filter(({ status }) => status === 201)).toHaveLength(2);
  expect(answers.filter(({ body }) => body.code === 'key_limit_reached')).toHaveLength(8);
  const { body } = answers.find(({ status }) => status === 201) as Answer;
  await manage(`${keys}/${body.key.id}/revoke`, {});
  expect((await call('GET', '/orders', body.secret)).status).toBe(401);
  expect((await issue(keys, ['orders.read'])).status).toBe(201);
});

test('a key of it is rotated, disabled and looked at as any other', async () => {
  const keys = await newWorkspace();
  const { key, secret } = (await issue(keys, ['orders.write'])).body;
  const rotated = (await manage(`${keys}/${key.id}/rotate`, { overlap_seconds: 0 })).body;
  const statuses = async () =>
    Promise.all([secret, rotated.secret].map(async (each) => (await call('GET', '/orders', each)).status));
  expect(await statuses()).toEqual([401, 200]);
  const update = { method: 'PATCH', credential: product.managementKey, body: { enabled: false } };
  await send(`${product.managementUrl}/v1${keys}/${key.id}`, update);
  expect(await statuses()).toEqual([401, 401]);
  const looked = await manage('/keys/verify', { credential: rotated.secret });
  expect(looked.body).toMatchObject({ valid: false, code: 'disabled' });
});
