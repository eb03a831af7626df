import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { UpdateItemCommand } from '@aws-sdk/client-dynamodb';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import {
  Client as ModernClient,
  StreamableHTTPClientTransport as ModernTransport,
} from '@modelcontextprotocol/client';
import { Client as OlderClient } from '@modelcontextprotocol/sdk/client/index.js';
import { StreamableHTTPClientTransport as OlderTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import { toItem } from '../../stores/dynamodb/key-item.ts';
import { readRecord } from '../../stores/dynamodb/key-read.ts';
import { secretKey } from '../../stores/dynamodb/tables.ts';
import { type Answer, send, startProduct, type TestProduct } from '../product.ts';

const run = promisify(execFile);

let product: TestProduct;
beforeAll(async () => {
  product = await startProduct('socialcrm');
});
afterAll(() => product.stop());

const manage = (path: string, body?: unknown, method?: string): Promise<Answer> =>
  send(`${product.managementUrl}/v1${path}`, {
    credential: product.managementKey,
    ...(body !== undefined && { body }),
    ...(method && { method }),
  });

const keyPath = ({ id }: { id: string }) => `/workspaces/acme/keys/${id}`;
const revoke = (key: { id: string }) => manage(`${keyPath(key)}/revoke`, {});
const shown = async (key: { id: string }) => (await manage(keyPath(key))).body;

async function issue(fields: object = {}, workspace = 'acme'): Promise<Answer['body']> {
  const { status, body } = await manage(`/workspaces/${workspace}/keys`, fields);
  expect(status).toBe(201);
  return body;
}

const LIST = { jsonrpc: '2.0', id: '1', method: 'tools/list' };
const call = (name: string, toolArguments: object = {}) => ({
  jsonrpc: '2.0',
  id: 1,
  method: 'tools/call',
  params: { name, arguments: toolArguments },
});

const endpoint = () => `${product.apiUrl}/api/mcp-app`;
const post = (body: unknown, credential?: string): Promise<Answer> =>
  send(endpoint(), { body, ...(credential !== undefined && { credential }) });

/** An answer to a failed authentication, with its body to the letter. */
async function failure(headers: Record<string, string>, body: unknown = LIST) {
  const response = await fetch(endpoint(), { method: 'POST', headers, body: JSON.stringify(body) });
  return { status: response.status, body: await response.text() };
}
const bearer = (credential: string) => ({ Authorization: `Bearer ${credential}` });
const errorOf = (status: number, message: string) => ({
  status,
  body: `{"jsonrpc":"2.0","id":null,"error":{"code":-32001,"message":"${message}"}}`,
});
const INVALID = errorOf(401, 'Invalid API key.');
const EXPIRED = errorOf(401, 'API key expired.');

async function brandsOf(credential: string): Promise<{ id: string; name: string }[]> {
  return (await post(call('brands.list'), credential)).body.result.structuredContent.brands;
}

/** Waits for what time brings, by asking again; never longer than a test may take. */
async function until<T>(ask: () => Promise<T>, isSo: (answer: T) => boolean): Promise<T> {
  for (;;) {
    const answer = await ask();
    if (isSo(answer)) return answer;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

/** What the sample's function asks of the secrets' table while something is done. */
async function operationsDuring(work: () => Promise<unknown>): Promise<string[]> {
  const before = product.assembly.recordedCalls().length;
  await work();
  const { functions } = product.assembly;
  return product.assembly
    .recordedCalls()
    .slice(before)
    .filter(({ functionId, resource }) => {
      const { constructPath = '' } = Object.values(functions).find(({ id }) => id === functionId) ?? {};
      return constructPath.endsWith('/Sample') && resource.includes('Secrets');
    })
    .map(({ action }) => action.replace('dynamodb:', ''));
}

const COLD = ['Query', 'UpdateItem'];
const WARM = ['UpdateItem'];

describe('Authenticated JSON-RPC methods on the SocialCRM MCP API require a valid API key passed as a Bearer token', () => {
  test('tools/list and tools/call', async () => {
    const { secret } = await issue();
    for (const body of [LIST, call('brands.list'), call('brands.create', { name: 'x' })]) {
      expect(await failure({}, body)).toEqual(errorOf(401, 'Missing Authorization header.'));
      expect((await post(body, secret)).status).toBe(200);
    }
  });

  test('and whatever else is posted, be it no message at all', async () => {
    for (const body of ['', { jsonrpc: '2.0', id: 1, method: 'resources/list' }, [LIST], { id: 1 }]) {
      expect(await failure({}, body)).toEqual(errorOf(401, 'Missing Authorization header.'));
    }
  });
});

describe('Public discovery endpoints (GET /api/mcp-app, GET /mcp.json) and MCP lifecycle methods do not require authentication', () => {
  test.each(['/api/mcp-app', '/mcp.json'])('GET %s', async (path) => {
    for (const credential of [undefined, 'sk_live_nonsense']) {
      const answer = await send(product.apiUrl + path, { ...(credential && { credential }) });
      expect(answer.status).toBe(200);
      expect(JSON.stringify(answer.body)).toContain('/api/mcp-app');
    }
  });

  test('GET /api/mcp-app is no stream: a client that asks for one is told 405, as the protocol has it', async () => {
    const headers = { Accept: 'text/event-stream' };
    const answer = await send(endpoint(), { headers });
    expect([answer.status, answer.headers.get('allow')]).toEqual([405, 'POST']);
    expect((await send(`${product.apiUrl}/mcp.json`, { headers })).status).toBe(200);
  });

  const initialize = {
    ...{ jsonrpc: '2.0', id: 1, method: 'initialize' },
    params: { protocolVersion: '2025-11-25', capabilities: {}, clientInfo: { name: 'raw', version: '1' } },
  };

  test('initialize, notifications/initialized, ping', async () => {
    expect((await post(initialize)).body.result.serverInfo.name).toBe('socialcrm');
    expect(await post({ jsonrpc: '2.0', method: 'notifications/initialized' })).toMatchObject({
      status: 202,
      body: null,
    });
    expect((await post({ jsonrpc: '2.0', id: 'p', method: 'ping' })).body).toEqual({
      ...{ jsonrpc: '2.0', id: 'p' },
      result: {},
    });
  });

  test('and cost no operation, also with a key that is none', async () => {
    const operations = await operationsDuring(async () => {
      await post(initialize);
      expect((await post(initialize, `sk_live_${'a'.repeat(32)}`)).status).toBe(200);
      await send(`${product.apiUrl}/mcp.json`);
    });
    expect(operations).toEqual([]);
  });
});

describe('API Key Format', () => {
  test('Keys are 40 characters long and always start with the sk_live_ prefix', async () => {
    for (let count = 0; count < 3; count += 1) {
      const { key, secret } = await issue();
      expect(secret).toMatch(/^sk_live_[0-9A-Za-z]{32}$/);
      expect(key.start).toBe(secret.slice(0, 16));
    }
  });

  test('what has another shape costs no operation', async () => {
    const operations = await operationsDuring(async () => {
      const wrong = ['sk_live_', `sk_test_${'a'.repeat(32)}`, `sk_live_${'a'.repeat(31)}`];
      for (const credential of [...wrong, `sk_live_${'a'.repeat(31)}-`, product.managementKey])
        expect(await failure(bearer(credential))).toEqual(INVALID);
    });
    expect(operations).toEqual([]);
  });
});

describe('Generating a Key', () => {
  test('Optionally provide a description and expiration date', async () => {
    expect((await issue()).key).toMatchObject({ name: null, description: null, expires_at: null });
    const optional = { description: 'My integration', expires_at: '2099-01-01T00:00:00.000Z' };
    expect((await issue(optional)).key).toMatchObject(optional);
  });

  test('Copy the key immediately — it is only shown once', async () => {
    const { key, secret } = await issue();
    const answers = [await shown(key), (await manage('/workspaces/acme/keys?limit=100')).body];
    expect(JSON.stringify(answers)).toContain(key.id);
    expect(JSON.stringify(answers)).not.toContain(secret.slice(16));
  });
});

describe('Using Your Key', () => {
  test("the page's curl, unchanged but for the host and the key", async () => {
    const { secret } = await issue();
    const example = `curl -X POST ${endpoint()} \\
-H "Authorization: Bearer $KEY" \\
-H "Content-Type: application/json" \\
-d '{"jsonrpc":"2.0","id":"1","method":"tools/list"}'`;
    const { stdout } = await run('bash', ['-c', example], { env: { ...process.env, KEY: secret } });
    const answer = JSON.parse(stdout);
    expect(answer).toMatchObject({ jsonrpc: '2.0', id: '1' });
    const names = answer.result.tools.map(({ name }: { name: string }) => name);
    expect(names).toEqual(['brands.list', 'brands.create', 'contacts.list']);
  });

  const options = (secret: string) => ({ requestInit: { headers: bearer(secret) } });
  async function modernClient(secret: string) {
    const client = new ModernClient(
      { name: 'test', version: '1' },
      { versionNegotiation: { mode: { pin: '2026-07-28' } } },
    );
    await client.connect(new ModernTransport(new URL(endpoint()), options(secret)));
    return client;
  }
  async function olderClient(secret: string) {
    const client = new OlderClient({ name: 'test', version: '1' });
    await client.connect(new OlderTransport(new URL(endpoint()), options(secret)));
    return client;
  }

  test.each([
    ['of 2026-07-28', modernClient],
    ['of 2025-11-25 and before', olderClient],
  ])('the official client %s lists, calls, and is refused once its key is revoked', async (_, connect) => {
    const { key, secret } = await issue();
    const client = await connect(secret);
    expect((await client.listTools()).tools.map(({ name }) => name)).toContain('brands.list');
    const listed = await client.callTool({ name: 'brands.list', arguments: {} });
    expect(listed.structuredContent).toMatchObject({
      brands: expect.arrayContaining([{ id: 'brand_globex', name: 'Globex' }]),
    });
    await revoke(key);
    await expect(client.callTool({ name: 'brands.list', arguments: {} })).rejects.toThrow(
      /401|Unauthorized|Invalid API key/,
    );
    await client.close();
  });

  test.each([
    ['of 2026-07-28', modernClient],
    ['of 2025-11-25 and before', olderClient],
  ])(
    'the official client %s connects without a valid key, and neither lists nor calls',
    async (_, connect) => {
      const client = await connect(`sk_live_${'a'.repeat(32)}`);
      const refused = /401|Unauthorized|Invalid API key/;
      await expect(client.listTools()).rejects.toThrow(refused);
      await expect(client.callTool({ name: 'brands.list', arguments: {} })).rejects.toThrow(refused);
      await client.close();
    },
  );
});

describe('Scope: Company-wide. A key grants access to all brands under the company account', () => {
  test('also to those that came later and with another key, and to no other company’s', async () => {
    await manage('/workspaces', { slug: 'other', name: 'Other', created_by: 'usr_other' });
    const [one, another] = [await issue(), await issue()];
    const stranger = await issue({}, 'other');
    const created = await post(call('brands.create', { name: 'Ours alone' }), one.secret);
    const { brand } = created.body.result.structuredContent;
    expect(await brandsOf(another.secret)).toContainEqual(brand);
    expect(await brandsOf(stranger.secret)).not.toContainEqual(brand);
    const contacts = await post(call('contacts.list', { brand_id: 'brand_globex' }), another.secret);
    expect(contacts.body.result.structuredContent.contacts).toHaveLength(1);
  });
});

describe('Status: Keys can be active or revoked. Revoked keys reject all requests immediately', () => {
  test('the very next call is refused, though the instance has just proven the key', async () => {
    const { key, secret } = await issue();
    expect(await operationsDuring(() => post(LIST, secret))).toEqual(COLD);
    expect(await operationsDuring(() => post(LIST, secret))).toEqual(WARM);
    expect((await revoke(key)).body.status).toBe('revoked');
    for (const body of [LIST, call('brands.list')])
      expect(await failure(bearer(secret), body)).toEqual(INVALID);
    expect((await manage('/workspaces/acme/keys?status=revoked&limit=100')).body.keys).toContainEqual(
      await shown(key),
    );
  });

  test('Revocation is immediate and permanent — the key cannot be reactivated', async () => {
    const { key, secret } = await issue();
    await revoke(key);
    expect(await manage(keyPath(key), { enabled: true }, 'PATCH')).toMatchObject({
      status: 409,
      body: { code: 'key_revoked' },
    });
    expect((await manage(`${keyPath(key)}/rotate`, { overlap_seconds: 0 })).status).toBe(409);
    expect((await revoke(key)).status).toBe(200);
    expect(await failure(bearer(secret))).toEqual(INVALID);
  });

  test('Use a separate key per integration so you can revoke individually', async () => {
    const [one, another] = [await issue(), await issue()];
    await revoke(one.key);
    expect(await failure(bearer(one.secret))).toEqual(INVALID);
    expect((await post(LIST, another.secret)).status).toBe(200);
  });

  test('Rotate keys periodically by creating a new key, updating your integration, then revoking the old one; or in one step', async () => {
    const { key, secret } = await issue();
    await post(LIST, secret);
    const { body } = await manage(`${keyPath(key)}/rotate`, { overlap_seconds: 60 });
    expect(body.secret).toMatch(/^sk_live_[0-9A-Za-z]{32}$/);
    expect(body.key.start).toBe(body.secret.slice(0, 16));
    for (const credential of [secret, body.secret]) expect((await post(LIST, credential)).status).toBe(200);
    await revoke(key);
    for (const credential of [secret, body.secret])
      expect(await failure(bearer(credential))).toEqual(INVALID);
  });

  test('whoever holds a key may end it, though it was disabled', async () => {
    const { key, secret } = await issue();
    await manage(keyPath(key), { enabled: false }, 'PATCH');
    expect(await failure(bearer(secret))).toEqual(INVALID);
    const self = `${product.managementUrl}/v1/keys/self/revoke`;
    expect((await send(self, { credential: `${secret.slice(0, -1)}-`, body: {} })).status).toBe(401);
    expect(await send(self, { credential: secret, body: {} })).toMatchObject({
      status: 200,
      body: { id: key.id, status: 'revoked' },
    });
  });
});

describe('Expiry: Keys can optionally have an expiration date. Expired keys return an error', () => {
  test('which says so to whoever holds the secret, and to nobody else', async () => {
    const expires_at = new Date(Date.now() + 4_000).toISOString();
    const { key, secret } = await issue({ expires_at });
    const ended = await until(
      () => failure(bearer(secret)),
      ({ status }) => status !== 200,
    );
    expect(ended).toEqual(EXPIRED);
    expect(await failure(bearer(secret))).toEqual(EXPIRED);
    const guess = secret.slice(0, 16) + [...secret.slice(16)].reverse().join('');
    expect(await failure(bearer(guess))).toEqual(INVALID);
    expect((await shown(key)).status).toBe('expired');
    await revoke(key);
    expect(await failure(bearer(secret))).toEqual(INVALID);
  });

  test('Set an expiration date for keys used in temporary or test environments: also later on', async () => {
    const { key, secret } = await issue();
    await post(LIST, secret);
    const expires_at = new Date(Date.now() + 3_000).toISOString();
    expect((await manage(keyPath(key), { expires_at }, 'PATCH')).status).toBe(200);
    const ended = await until(
      () => failure(bearer(secret)),
      ({ status }) => status !== 200,
    );
    expect(ended).toEqual(EXPIRED);
  });
});

describe('Last used: The last_used_at timestamp is updated on every successful authentication', () => {
  test('and moves with every call of a warm instance, from one second to the next', async () => {
    const { key, secret } = await issue();
    expect((await shown(key)).last_used_at).toBeNull();
    const times: string[] = [];
    for (let moves = 0; moves < 3; moves += 1) {
      const moved = await until(
        async () => {
          await post(LIST, secret);
          return (await shown(key)).last_used_at;
        },
        (at) => at !== times.at(-1),
      );
      expect(Math.abs(Date.parse(moved) - Date.now())).toBeLessThan(30_000);
      times.push(moved);
    }
    expect([...times].sort()).toEqual(times);
  });

  test('and by no failed one: a wrong secret behind a right prefix stamps nothing', async () => {
    const { key, secret } = await issue();
    const wrong = secret.slice(0, 16) + 'x'.repeat(24);
    expect(await operationsDuring(() => failure(bearer(wrong)))).toEqual(['Query']);
    expect((await shown(key)).last_used_at).toBeNull();
    await post(LIST, secret);
    expect(await operationsDuring(() => failure(bearer(wrong)))).toEqual(['Query']);
  });
});

describe('When authentication fails, the API returns a JSON-RPC error with code -32001', () => {
  test('Missing Authorization header. — No Authorization header provided', async () => {
    expect(await failure({})).toEqual(errorOf(401, 'Missing Authorization header.'));
    const answer = await post(LIST);
    expect(answer.headers.get('x-amzn-remapped-www-authenticate')).toBe('Bearer realm="socialcrm"');
    expect(answer.headers.get('x-request-id')).toMatch(/^[0-9a-f-]{36}$/);
  });

  test('Invalid API key. — Key not found or does not match any active key', async () => {
    const { key, secret } = await issue({ allowed_cidrs: ['192.0.2.0/24'] });
    expect(await failure(bearer(secret))).toEqual(INVALID);
    await manage(keyPath(key), { allowed_cidrs: [] }, 'PATCH');
    expect((await post(LIST, secret)).status).toBe(200);
    await manage(keyPath(key), { enabled: false }, 'PATCH');
    for (const headers of [
      bearer(secret),
      bearer(`sk_live_${'a'.repeat(32)}`),
      bearer(''),
      { Authorization: 'Bearer' },
      { Authorization: secret },
      { Authorization: `Basic ${Buffer.from(`${secret}:`).toString('base64')}` },
      { Authorization: `Token ${secret}` },
    ])
      expect(await failure(headers)).toEqual(INVALID);
    const good = `Authorization: Bearer ${(await issue()).secret}`;
    const twice = ['-s', '-d', JSON.stringify(LIST), '-H', good, '-H', good, endpoint()];
    expect((await run('curl', twice)).stdout).toBe(INVALID.body);
  });

  test('Failed to validate API key. — Internal error during key validation', async () => {
    const { key, secret } = await issue();
    const [reference] = (await readRecord(product.tables, { workspace: 'acme', id: key.id }))?.secrets ?? [];
    await product.tables.client.send(
      new UpdateItemCommand({
        TableName: product.tables.secrets,
        Key: toItem(secretKey(reference?.locator ?? '')),
        UpdateExpression: 'REMOVE scopes',
      }),
    );
    expect(await failure(bearer(secret))).toEqual(errorOf(500, 'Failed to validate API key.'));
  });
});

test('POST /v1/keys/verify tells an operator what is the matter with a key', async () => {
  const verify = async (credential: string) => (await manage('/keys/verify', { credential })).body;
  const { key, secret } = await issue();
  for (const _ of ['cold', 'warm'])
    expect(await verify(secret)).toMatchObject({ valid: true, principal: { credential_id: key.id } });
  expect((await shown(key)).last_used_at).toBeNull();
  expect((await verify(`${secret.slice(0, -1)}_`)).code).toBe('malformed');
  expect((await verify(secret.slice(0, 16) + 'x'.repeat(24))).code).toBe('unknown');
  await manage(keyPath(key), { enabled: false }, 'PATCH');
  expect((await verify(secret)).code).toBe('disabled');
  await revoke(key);
  expect((await verify(secret)).code).toBe('revoked');
});

test('a key finds out who it is, and administers nothing', async () => {
  const { key, secret } = await issue();
  const me = await send(`${product.managementUrl}/v1/me`, { credential: secret });
  expect(me).toMatchObject({ status: 200, body: { kind: 'api_key', credential_id: key.id } });
  const keys = await send(`${product.managementUrl}/v1/workspaces/acme/keys`, { credential: secret });
  expect(keys.status).toBe(403);
});
