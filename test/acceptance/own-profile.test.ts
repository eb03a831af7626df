import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { type Answer, send, startProduct, type TestProduct } from '../product.ts';

const GUIDE = readFileSync(join(import.meta.dirname, '../../docs/profiles/your-own.md'), 'utf8');

/** The profile that the guide to writing one ends with: what it tells readers is what runs here. */
function profileOfGuide(): string {
  const [, json = ''] = /```json\n(\{\n {2}"name": "orders"[\s\S]*?)```/.exec(GUIDE) ?? [];
  return json;
}

/** What the guide says of errors: the fields of the profile, and the body that they come to. */
function errorsOfGuide(): { fields: object; body: Record<string, unknown> } {
  const [, fields = '', body = ''] =
    /```json\n(\{\n {2}"errors"[\s\S]*?)```[\s\S]*?```json\n([\s\S]*?)```/.exec(GUIDE) ?? [];
  return { fields: JSON.parse(fields), body: JSON.parse(body) };
}

/** So many that no policy could name them all. */
const COLLECTIONS = Array.from({ length: 60 }, (_, index) => `collection-${index}`);

/** Calls are counted, so that there is a limit to pass. */
const LIMITS = { default_plan: 'free', plans: { free: { limit: 1_000, window_seconds: 60 } } };

function withMore(json: string): string {
  const profile = JSON.parse(json);
  const patterns = COLLECTIONS.map((name) => `GET /${name}/**`);
  const scopes = profile.scopes.map((scope: { name: string; grants: string[] }) =>
    scope.name === 'orders.read' ? { ...scope, grants: [...scope.grants, ...patterns] } : scope,
  );
  const { fields } = errorsOfGuide();
  const more = { scopes, rate_limits: LIMITS, routes: [...profile.routes, ...patterns] };
  return JSON.stringify({ ...profile, ...fields, ...more });
}

const directory = mkdtempSync(join(tmpdir(), 'keyward-profile-'));
let product: TestProduct;
beforeAll(async () => {
  const path = join(directory, 'orders.json');
  writeFileSync(path, withMore(profileOfGuide()));
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

const REQUEST_ID = expect.stringMatching(/^[0-9a-f-]{36}$/);

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
    body: { ...errorsOfGuide().body, request: REQUEST_ID },
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
    body: { error: { type: 'forbidden', message: expect.stringContaining('The path is too long') } },
  });
});

test('errors have the body that the profile says, whoever answers them, and the management API its own', async () => {
  const keys = await newWorkspace();
  const { secret } = (await issue(keys, ['orders.write'])).body;
  const own = (status: number, type: string, message: string | RegExp) => ({
    error: { type, message: expect.stringMatching(message), needs: null },
    http_status: status,
    request: REQUEST_ID,
  });
  const missing = { missing: true, request: REQUEST_ID };
  const unauthorized = own(401, 'unauthorized', /^Who is there\?: Send your key as x-orders-key\.$/);
  expect((await send(`${product.apiUrl}/orders`)).body).toEqual(unauthorized);
  expect((await call('GET', '/orders', 'ord_nobody')).body).toEqual(unauthorized);
  expect((await call('GET', '/nothing', secret)).body).toEqual(missing);
  expect(await call('GET', '/orders/nothing', secret)).toMatchObject({ status: 404, body: missing });
  const bodiless = await send(`${product.apiUrl}/orders`, { headers: { 'x-orders-key': secret }, body: [] });
  expect(bodiless.body).toEqual(own(400, 'invalid_request', /^Bad Request: The body must be/));
  expect(bodiless.headers.get('content-type')).toBe('application/json');
  const limited = await manage(keys, {
    scopes: ['orders.read'],
    rate_limit: { limit: 1, window_seconds: 86_400 },
  });
  expect((await call('GET', '/orders', limited.body.secret)).status).toBe(200);
  const { status, body, headers } = await call('GET', '/orders', limited.body.secret);
  expect([status, body]).toEqual([429, own(429, 'rate_limited', /^Too Many Requests: .+\.$/)]);
  expect(headers.get('retry-after')).toMatch(/^\d+$/);
  expect((await manage('/nothing')).body).toMatchObject({
    title: 'Not Found',
    status: 404,
    code: 'not_found',
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
