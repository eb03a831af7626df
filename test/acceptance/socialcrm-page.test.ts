import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { send, startProduct, type TestProduct } from '../product.ts';
import { OFFICIAL_CLIENTS } from './mcp-clients.ts';
import { bearer, call, errorOf, INVALID, LIST, socialcrmOf } from './socialcrm.ts';

const run = promisify(execFile);

let product: TestProduct;
let socialcrm: ReturnType<typeof socialcrmOf>;
/** Hashing is slow on purpose, so tests that end no key share this one. */
let issued: { key: { id: string; start: string }; secret: string };
beforeAll(async () => {
  product = await startProduct('socialcrm');
  socialcrm = socialcrmOf(product);
  issued = await socialcrm.issue();
});
afterAll(() => product.stop());

async function brandsOf(credential: string): Promise<{ id: string; name: string }[]> {
  return (await socialcrm.post(call('brands.list'), credential)).body.result.structuredContent.brands;
}

describe('Authenticated JSON-RPC methods on the SocialCRM MCP API require a valid API key passed as a Bearer token', () => {
  test('tools/list and tools/call', async () => {
    const { secret } = issued;
    for (const body of [LIST, call('brands.list'), call('brands.create', { name: 'x' })]) {
      expect(await socialcrm.failure({}, body)).toEqual(errorOf(401, 'Missing Authorization header.'));
      expect((await socialcrm.post(body, secret)).status).toBe(200);
    }
  });

  test('and whatever else is posted, be it no message at all', async () => {
    for (const body of ['', { jsonrpc: '2.0', id: 1, method: 'resources/list' }, [LIST], { id: 1 }]) {
      expect(await socialcrm.failure({}, body)).toEqual(errorOf(401, 'Missing Authorization header.'));
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
    const answer = await send(socialcrm.endpoint, { headers });
    expect([answer.status, answer.headers.get('allow')]).toEqual([405, 'POST']);
    expect((await send(`${product.apiUrl}/mcp.json`, { headers })).status).toBe(200);
  });

  const initialize = {
    jsonrpc: '2.0',
    id: 1,
    method: 'initialize',
    params: { protocolVersion: '2025-11-25', capabilities: {}, clientInfo: { name: 'raw', version: '1' } },
  };

  test('initialize, notifications/initialized, ping', async () => {
    expect((await socialcrm.post(initialize)).body.result.serverInfo.name).toBe('socialcrm');
    expect(await socialcrm.post({ jsonrpc: '2.0', method: 'notifications/initialized' })).toMatchObject({
      status: 202,
      body: null,
    });
    expect((await socialcrm.post({ jsonrpc: '2.0', id: 'p', method: 'ping' })).body).toEqual({
      jsonrpc: '2.0',
      id: 'p',
      result: {},
    });
  });

  test('and cost no operation, even with a made-up key', async () => {
    const operations = await socialcrm.operationsDuring(async () => {
      await socialcrm.post(initialize);
      expect((await socialcrm.post(initialize, `sk_live_${'a'.repeat(32)}`)).status).toBe(200);
      await send(`${product.apiUrl}/mcp.json`);
    });
    expect(operations).toEqual([]);
  });
});

describe('API Key Format', () => {
  test('Keys are 40 characters long and always start with the sk_live_ prefix', async () => {
    for (const { key, secret } of [issued, await socialcrm.issue()]) {
      expect(secret).toMatch(/^sk_live_[0-9A-Za-z]{32}$/);
      expect(key.start).toBe(secret.slice(0, 16));
    }
  });

  test('what has another shape costs no operation', async () => {
    const operations = await socialcrm.operationsDuring(async () => {
      const wrong = ['sk_live_', `sk_test_${'a'.repeat(32)}`, `sk_live_${'a'.repeat(31)}`];
      for (const credential of [...wrong, `sk_live_${'a'.repeat(31)}-`, product.managementKey])
        expect(await socialcrm.failure(bearer(credential))).toEqual(INVALID);
    });
    expect(operations).toEqual([]);
  });
});

describe('Generating a Key', () => {
  test('Optionally provide a description and expiration date', async () => {
    expect(issued.key).toMatchObject({ name: null, description: null, expires_at: null });
    const optional = { description: 'My integration', expires_at: '2099-01-01T00:00:00.000Z' };
    expect((await socialcrm.issue(optional)).key).toMatchObject(optional);
  });

  test('Copy the key immediately — it is only shown once', async () => {
    const { key, secret } = issued;
    const answers = [
      await socialcrm.shown(key),
      (await socialcrm.manage('/workspaces/acme/keys?limit=100')).body,
    ];
    expect(JSON.stringify(answers)).toContain(key.id);
    expect(JSON.stringify(answers)).not.toContain(secret.slice(16));
  });
});

describe('Using Your Key', () => {
  test("the page's curl, unchanged but for the host and the key", async () => {
    const { secret } = issued;
    const example = `curl -X POST ${socialcrm.endpoint} \\
-H "Authorization: Bearer $KEY" \\
-H "Content-Type: application/json" \\
-d '{"jsonrpc":"2.0","id":"1","method":"tools/list"}'`;
    const { stdout } = await run('bash', ['-c', example], { env: { ...process.env, KEY: secret } });
    const answer = JSON.parse(stdout);
    expect(answer).toMatchObject({ jsonrpc: '2.0', id: '1' });
    const names = answer.result.tools.map(({ name }: { name: string }) => name);
    expect(names).toEqual(['brands.list', 'brands.create', 'contacts.list']);
  });

  test.each(OFFICIAL_CLIENTS)(
    'the official client %s lists, calls, and is refused once its key is revoked',
    async (_, connect) => {
      const { key, secret } = await socialcrm.issue();
      const client = await connect(socialcrm.endpoint, bearer(secret));
      expect((await client.listTools()).tools.map(({ name }) => name)).toContain('brands.list');
      const listed = await client.callTool({ name: 'brands.list', arguments: {} });
      expect(listed.structuredContent).toMatchObject({
        brands: expect.arrayContaining([{ id: 'brand_globex', name: 'Globex' }]),
      });
      await socialcrm.revoke(key);
      await expect(client.callTool({ name: 'brands.list', arguments: {} })).rejects.toThrow(
        /401|Unauthorized|Invalid API key/,
      );
      await client.close();
    },
  );

  test.each(OFFICIAL_CLIENTS)(
    'the official client %s connects without a valid key, and neither lists nor calls',
    async (_, connect) => {
      const client = await connect(socialcrm.endpoint, bearer(`sk_live_${'a'.repeat(32)}`));
      const refused = /401|Unauthorized|Invalid API key/;
      await expect(client.listTools()).rejects.toThrow(refused);
      await expect(client.callTool({ name: 'brands.list', arguments: {} })).rejects.toThrow(refused);
      await client.close();
    },
  );
});

describe('Scope: Company-wide. A key grants access to all brands under the company account', () => {
  test('also to those that came later and with another key, and to no other company’s', async () => {
    await socialcrm.manage('/workspaces', { slug: 'other', name: 'Other', created_by: 'usr_other' });
    const [one, another] = [issued, await socialcrm.issue()];
    const stranger = await socialcrm.issue({}, 'other');
    const created = await socialcrm.post(call('brands.create', { name: 'Ours alone' }), one.secret);
    const { brand } = created.body.result.structuredContent;
    expect(await brandsOf(another.secret)).toContainEqual(brand);
    const theirs = await brandsOf(stranger.secret);
    const ids = (await brandsOf(one.secret)).map(({ id }) => id);
    expect(ids).toContain('brand_globex');
    expect(theirs).toHaveLength(2);
    expect(theirs.filter(({ id }) => ids.includes(id))).toEqual([]);
    const contactsOf = async (brand_id = '', credential: string) =>
      (await socialcrm.post(call('contacts.list', { brand_id }), credential)).body.result;
    const [ours, own] = [
      await contactsOf('brand_globex', another.secret),
      await contactsOf(theirs[0]?.id, stranger.secret),
    ].map(({ structuredContent }) => structuredContent.contacts);
    expect([ours.length, own.length]).toEqual([1, 1]);
    expect(own[0].id).not.toBe(ours[0].id);
    expect(await contactsOf('brand_globex', stranger.secret)).toMatchObject({ isError: true });
  });
});

test('a key finds out who it is, and administers nothing', async () => {
  const { key, secret } = issued;
  const me = await send(`${product.managementUrl}/v1/me`, { credential: secret });
  expect(me).toMatchObject({ status: 200, body: { kind: 'api_key', credential_id: key.id } });
  const keys = await send(`${product.managementUrl}/v1/workspaces/acme/keys`, { credential: secret });
  expect(keys.status).toBe(403);
});
