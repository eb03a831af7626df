import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { send, startProduct, type TestProduct } from '../product.ts';
import { OFFICIAL_CLIENTS } from './mcp-clients.ts';
import { call, supersonicOf } from './supersonic.ts';

let product: TestProduct;
let supersonic: ReturnType<typeof supersonicOf>;
beforeAll(async () => {
  product = await startProduct('supersonic');
  supersonic = supersonicOf(product);
});
afterAll(() => product.stop());

describe('the official clients', () => {
  const asked = (secret: string) => [`${product.apiUrl}/`, { Authorization: `Bearer ${secret}` }] as const;

  test.each(OFFICIAL_CLIENTS)(
    '%s list and call, and go on with their session after a tool that is refused or unknown, and an unknown method, until their key is revoked',
    async (_, connect) => {
      const { key, secret } = await supersonic.issue({ scopes: ['records'] }, 'member');
      const client = await connect(...asked(secret));
      const { tools } = await client.listTools();
      expect(tools.map(({ name }) => name)).toEqual(['records.list', 'records.get', 'records.update']);
      const list = { name: 'records.list', arguments: {} };
      const own = { id: expect.any(String), assigned_to: product.users.member };
      expect((await client.callTool(list)).structuredContent).toMatchObject({
        records: expect.arrayContaining([expect.objectContaining(own)]),
      });
      const notTheirs = { name: 'records.update', arguments: { record_id: 'rec_hank' } };
      for (const refused of [{ name: 'lists.list', arguments: {} }, notTheirs]) {
        await expect(client.callTool(refused)).rejects.toThrow(/API key/);
        expect((await client.callTool(list)).isError).not.toBe(true);
      }
      const unknown = client.callTool({ name: 'record.list', arguments: {} });
      expect(JSON.stringify(await unknown.catch(({ message }) => message))).toContain(
        'Tool record.list not found',
      );
      const setLevel = client.setLoggingLevel('info');
      await expect(setLevel).rejects.toThrow(/Method not found|not support/);
      expect((await client.callTool(list)).isError).not.toBe(true);
      const credential = product.managementKey;
      const keys = `${product.managementUrl}/v1/workspaces/acme/keys`;
      await send(`${keys}/${key.id}/revoke`, { method: 'POST', credential });
      await expect(client.callTool(list)).rejects.toThrow(/401|Unauthorized|valid API key/);
      await client.close();
    },
  );

  test.each(OFFICIAL_CLIENTS)('%s do not connect with a made-up key', async (_, connect) => {
    await expect(connect(...asked(`supersonic_live_${'a'.repeat(36)}`))).rejects.toThrow();
  });
});

describe('raw messages', () => {
  let secret: string;
  beforeAll(async () => {
    secret = (await supersonic.issue()).secret;
  });
  const VERSION = '2026-07-28';
  const meta = {
    'io.modelcontextprotocol/protocolVersion': VERSION,
    'io.modelcontextprotocol/clientInfo': { name: 'raw', version: '1' },
    'io.modelcontextprotocol/clientCapabilities': {},
  };
  const modern = (name: string) => ({
    ...call(name),
    params: { name, arguments: {}, _meta: meta },
  });
  const all = { 'MCP-Protocol-Version': VERSION, 'Mcp-Method': 'tools/call', 'Mcp-Name': 'records.list' };

  test('of the new version are answered when their headers agree with them, and are 400 with -32020 otherwise', async () => {
    expect((await supersonic.post(secret, modern('records.list'), all)).body.result.resultType).toBe(
      'complete',
    );
    const { 'Mcp-Name': _, ...nameless } = all;
    for (const headers of [
      {},
      nameless,
      { ...all, 'Mcp-Name': 'notes.list' },
      { ...all, 'Mcp-Method': 'ping' },
    ]) {
      const { status, body } = await supersonic.post(
        secret,
        modern('records.list'),
        headers as Record<string, string>,
      );
      expect([status, body.error.code]).toEqual([400, -32020]);
    }
    const older = await supersonic.post(secret, call('records.list'), { 'Mcp-Name': 'notes.list' });
    expect([older.status, older.body.error.code]).toEqual([400, -32020]);
  });

  test('discover the server, shake hands and ping as their version does', async () => {
    const discover = { jsonrpc: '2.0', id: 1, method: 'server/discover', params: { _meta: meta } };
    const headers = { 'MCP-Protocol-Version': VERSION, 'Mcp-Method': 'server/discover' };
    const discovered = (await supersonic.post(secret, discover, headers)).body.result;
    expect(discovered.supportedVersions).toContain(VERSION);
    const initialize = {
      jsonrpc: '2.0',
      id: 1,
      method: 'initialize',
      params: { protocolVersion: '2025-11-25', capabilities: {}, clientInfo: { name: 'raw', version: '1' } },
    };
    expect((await supersonic.post(secret, initialize)).body.result.protocolVersion).toBe('2025-11-25');
    expect((await supersonic.post(secret, { jsonrpc: '2.0', id: 'p', method: 'ping' })).body).toEqual({
      jsonrpc: '2.0',
      id: 'p',
      result: {},
    });
  });

  test('that are notifications are 202 without a body', async () => {
    const answer = await supersonic.post(secret, { jsonrpc: '2.0', method: 'notifications/initialized' });
    expect([answer.status, answer.body]).toEqual([202, null]);
  });

  test.each([
    [400, -32700, '{'],
    [400, -32600, [call('records.list')]],
    [400, -32600, { jsonrpc: '2.0', method: 'tools/call', params: { name: 'records.list' } }],
    [200, -32601, { jsonrpc: '2.0', id: 1, method: 'resources/list' }],
  ])('that the guard does not know are refused: %i, %i, %j', async (status, code, body) => {
    const answer = await supersonic.post(secret, body);
    expect([answer.status, answer.body.error.code]).toEqual([status, code]);
  });

  test('of the new version whose method is unknown are 404, and whose tool is unknown -32602 by the guard and by the product alike', async () => {
    const prompts = { jsonrpc: '2.0', id: 1, method: 'prompts/list', params: { _meta: meta } };
    const unknown = await supersonic.post(secret, prompts, { ...all, 'Mcp-Method': 'prompts/list' });
    expect([unknown.status, unknown.body.error.code]).toEqual([404, -32601]);
    for (const name of ['nobody.knows', 'records.nope', 'récords.list']) {
      const encoded = `=?base64?${Buffer.from(name).toString('base64')}?=`;
      const answer = await supersonic.post(secret, modern(name), { ...all, 'Mcp-Name': encoded });
      expect([answer.status, answer.body.error.code]).toEqual([200, -32602]);
    }
  });

  test.each(['owner', 'member'] as const)(
    'that call an unknown tool are answered alike by the guard and by the product: a key of the %s',
    async (role) => {
      const { secret } = await supersonic.issue({}, role);
      for (const name of ['nobody.knows', 'records.nope']) {
        const { status, body } = await supersonic.post(secret, call(name));
        const content = [{ type: 'text', text: `MCP error -32602: Tool ${name} not found` }];
        expect([status, body.result]).toEqual([200, { content, isError: true }]);
      }
    },
  );

  test('have a name that is encoded in its header', async () => {
    const { secret } = await supersonic.issue({ scopes: ['records'] });
    const posted = (value: string) =>
      supersonic.post(secret, modern('records.list'), { ...all, 'Mcp-Name': value });
    expect((await posted('=?base64?cmVjb3Jkcy5saXN0?=')).body.result.isError).toBeUndefined();
    for (const broken of ['=?base64?cmVjb3Jkcy5saXN0', '=?base64?%?=', '=?base64?bm90ZXMubGlzdA==?=']) {
      const { status, body } = await posted(broken);
      expect([status, body.error.code]).toEqual([400, -32020]);
      expect(body.error.message).toContain('Mcp-Name');
    }
  });

  test('are read without the byte order mark and the null that some clients send, and a bad version is named', async () => {
    for (const body of [
      `\uFEFF${JSON.stringify(call('records.list'))}\r\n`,
      { jsonrpc: '2.0', id: 1, method: 'tools/list', params: null },
    ]) {
      const answer = await supersonic.post(secret, body);
      expect([answer.status, answer.body.error]).toEqual([200, undefined]);
    }
    const odd = await supersonic.post(secret, call('records.list'), { 'MCP-Protocol-Version': 'banana' });
    expect(odd.status).toBe(400);
    expect(odd.body.error.message).toMatch(/^The header MCP-Protocol-Version must name .+2025-11-25/);
  });

  test.each([
    ['GET', 'text/event-stream'],
    ['GET', 'application/json'],
    ['DELETE', '*/*'],
  ])('that are not posted are 405: %s with Accept: %s', async (method, accept) => {
    const headers = { Accept: accept, 'Mcp-Session-Id': 'a' };
    const answer = await send(`${product.apiUrl}/`, { method, credential: secret, headers });
    expect([answer.status, answer.headers.get('allow')]).toEqual([405, 'POST']);
  });

  test('are answered in JSON whatever Accept says', async () => {
    for (const Accept of ['application/json', 'text/event-stream', '*/*', 'text/html']) {
      const answer = await supersonic.post(secret, call('records.list'), { Accept });
      expect([answer.status, answer.headers.get('content-type')]).toEqual([200, 'application/json']);
    }
  });
});
