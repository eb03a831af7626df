import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { type Answer, send, startProduct, type TestProduct } from '../product.ts';

const GUIDE = readFileSync(join(import.meta.dirname, '../../docs/profiles/your-own.md'), 'utf8');

/** A profile of the guide to writing one: what it tells readers is what runs here. */
function profileOfGuide(name: string): string {
  const [, json = ''] = new RegExp(`\`\`\`json file=${name}\\.json\\n([\\s\\S]*?)\`\`\``).exec(GUIDE) ?? [];
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

/** The guide's product with many routes more, a limit, the guide's errors, and tools that no list names, behind an authorizer. */
function withMore(json: string): string {
  const profile = JSON.parse(json);
  const patterns = COLLECTIONS.map((name) => `GET /${name}/**`);
  const grants: Record<string, string[]> = {
    'orders.read': [...patterns, 'orders.list'],
    'orders.write': ['orders.**'],
  };
  const scopes = profile.scopes.map((scope: { name: string; grants: string[] }) => ({
    ...scope,
    grants: [...scope.grants, ...(grants[scope.name] ?? [])],
  }));
  const mcp = { path: '/mcp', public_methods: [], unauthorized_code: 401, verified_by: 'authorizer' };
  const { fields } = errorsOfGuide();
  const routes = [...profile.routes, ...patterns];
  return JSON.stringify({ ...profile, ...fields, scopes, mcp, rate_limits: LIMITS, routes });
}

const directory = mkdtempSync(join(tmpdir(), 'keyward-profile-'));
const started: TestProduct[] = [];
let product: TestProduct;
let tickets: TestProduct;
beforeAll(async () => {
  const start = async (name: string, json: string) => {
    const path = join(directory, `${name}.json`);
    writeFileSync(path, json);
    const running = await startProduct(path);
    started.push(running);
    return running;
  };
  [product, tickets] = await Promise.all([
    start('orders', withMore(profileOfGuide('orders'))),
    start('tickets', profileOfGuide('tickets')),
  ]);
});
afterAll(async () => {
  for (const running of started) await running.stop();
  rmSync(directory, { recursive: true });
});

const manage = (path: string, body?: object): Promise<Answer> =>
  send(`${product.managementUrl}/v1${path}`, {
    credential: product.managementKey,
    ...(body && { method: 'POST', body }),
  });

const REQUEST_ID = expect.stringMatching(/^[\w-]{15}=$/);

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

test('a scope that implies another grants what both grant, and a key that lacks the scope is told its name', async () => {
  const keys = await newWorkspace();
  const reader = (await issue(keys, ['orders.read'])).body.secret;
  const writer = (await issue(keys, ['orders.write'])).body.secret;
  expect(await call('POST', '/orders', reader)).toMatchObject({
    status: 403,
    body: { ...errorsOfGuide().body, request: REQUEST_ID },
  });
  for (const [method, path] of [
    ['POST', '/orders'],
    ['GET', '/orders/17'],
    ['DELETE', '/orders/17'],
  ] as const)
    expect((await call(method, path, writer)).status).toBe(200);
});

test('a scope may grant any number of routes, and a path may hold what a policy reads as a wildcard', async () => {
  const { secret } = (await issue(await newWorkspace(), ['orders.read'])).body;
  for (const index of [0, 1, 29, 58, 59])
    expect((await call('GET', `/${COLLECTIONS[index]}`, secret)).status).toBe(200);
  for (const id of ['*', '?', 'a*b', '%3F', '**', '*/', 'a'.repeat(900), `${'a'.repeat(900)}*`])
    expect([id, (await call('GET', `/collection-7/${id}`, secret)).status]).toEqual([id, 200]);
  const tooMany = await call('GET', `/collection-7/${'*'.repeat(300)}`, secret);
  expect(tooMany).toMatchObject({
    status: 403,
    body: { error: { type: 'forbidden', message: expect.stringContaining('The path is too long') } },
  });
});

test('errors of API Gateway, authorizer and guard have the body that the profile says, and the management API its own', async () => {
  const keys = await newWorkspace();
  const { secret } = (await issue(keys, ['orders.write'])).body;
  const own = (status: number, type: string, message: string | RegExp) => ({
    error: { type, message: expect.stringMatching(message), needs: null },
    http_status: status,
    request: REQUEST_ID,
  });
  const missing = { missing: true, request: REQUEST_ID };
  const unauthorized = own(401, 'unauthorized', /^Who is there\?: Send your key as x-orders-key\.$/);
  const keyless = await send(`${product.apiUrl}/orders`);
  expect(keyless.body).toEqual(unauthorized);
  expect(keyless.headers.get('content-type')).toBe('application/json');
  expect((await call('GET', '/orders', 'ord_nobody')).body).toEqual(unauthorized);
  expect((await call('GET', '/nothing', secret)).body).toEqual(missing);
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
  const answers = await Promise.all(Array.from({ length: 5 }, () => issue(keys, ['orders.read'])));
  expect(answers.filter(({ status }) => status === 201)).toHaveLength(2);
  expect(answers.filter(({ body }) => body.code === 'key_limit_reached')).toHaveLength(3);
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

test('a product without a sample of its own answers each route with what the guard has let through, and no secret', async () => {
  const keys = await newWorkspace();
  const { key, secret } = (await issue(keys, ['orders.read'])).body;
  const { status, body } = await call('GET', '/orders/17', secret);
  expect({ status, body }).toEqual({
    status: 200,
    body: {
      route: 'GET /orders/{id}',
      path: '/orders/17',
      caller: {
        kind: 'api_key',
        credential_id: key.id,
        workspace: key.workspace,
        user: null,
        role: null,
        scopes: ['orders.read'],
      },
    },
  });
  expect(JSON.stringify(body)).not.toContain(secret);
});

describe('one JSON file is a running MCP product', () => {
  const keyFor = async (scope: string) => {
    const { managementUrl, managementKey } = tickets;
    const body = { name: 'assistant', scopes: [scope] };
    return (await send(`${managementUrl}/v1/workspaces/acme/keys`, { credential: managementKey, body })).body;
  };
  const post = (credential: string, method: string, params: object = {}) =>
    send(`${tickets.apiUrl}/mcp`, { credential, body: { jsonrpc: '2.0', id: 1, method, params } });

  test('whose tools are listed from the profile, each to callers who may call it', async () => {
    const namesFor = async (scope: string) => {
      const { body } = await post((await keyFor(scope)).secret, 'tools/list');
      return body.result.tools.map(({ name }: { name: string }) => name);
    };
    expect(await namesFor('read')).toEqual(['tickets.list', 'tickets.show']);
    expect(await namesFor('write')).toEqual(['tickets.list', 'tickets.show', 'tickets.close']);
  });

  test('whose tools answer with text, and are refused to callers who lack the scope', async () => {
    const { key, secret } = await keyFor('read');
    const { body } = await post(secret, 'tools/call', { name: 'tickets.list', arguments: { state: 'open' } });
    const [{ type, text }] = body.result.content;
    expect([type, JSON.parse(text)]).toEqual([
      'text',
      {
        tool: 'tickets.list',
        arguments: { state: 'open' },
        caller: expect.objectContaining({ credential_id: key.id, scopes: ['read'] }),
      },
    ]);
    const refused = await post(secret, 'tools/call', { name: 'tickets.close', arguments: {} });
    expect(refused.body.error).toMatchObject({ code: 403, data: { required_scope: 'write' } });
  });

  test('which has routes and public routes beside', async () => {
    const { secret } = await keyFor('read');
    const { apiUrl } = tickets;
    const answer = await send(`${apiUrl}/tickets/7`, { credential: secret });
    expect(answer).toMatchObject({
      status: 200,
      body: { route: 'GET /tickets/{ticket_id}', path: '/tickets/7' },
    });
    expect((await send(`${apiUrl}/tickets/7`)).status).toBe(401);
    expect((await send(`${apiUrl}/mcp`, { body: {} })).status).toBe(401);
    const open = await send(`${apiUrl}/status`);
    expect(open.body).toEqual({ route: 'GET /status', path: '/status', caller: null });
  });

  test('whose callers are told that a tool is unknown if the profile does not list it, even where a pattern grants it', async () => {
    const { secret } = await keyFor('write');
    const { body } = await post(secret, 'tools/call', { name: 'tickets.delete', arguments: {} });
    expect(body.result).toMatchObject({ isError: true });
    expect(body.result.content[0].text).toContain('not found');
  });
});

test('a profile without a list of tools has the tools that its scopes grant, and lists those that a scope names in full', async () => {
  const { secret } = (await issue(await newWorkspace(), ['orders.write'])).body;
  const post = (method: string, params: object = {}) =>
    send(`${product.apiUrl}/mcp`, {
      headers: { 'x-orders-key': secret },
      body: { jsonrpc: '2.0', id: 1, method, params },
    });
  const { body } = await post('tools/list');
  expect(body.result.tools.map(({ name }: { name: string }) => name)).toEqual(['orders.list']);
  const called = await post('tools/call', { name: 'orders.archive', arguments: {} });
  expect(called.body.result.structuredContent).toMatchObject({ tool: 'orders.archive', arguments: {} });
});
