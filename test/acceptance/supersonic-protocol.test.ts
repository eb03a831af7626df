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

  test.each(OFFICIAL_CLIENTS)('%s list, call, and are refused', async (_, connect) => {
    const { secret } = await supersonic.issue({ scopes: ['records'] }, 'member');
    const client = await connect(...asked(secret));
    const { tools } = await client.listTools();
    expect(tools.map(({ name }) => name)).toEqual(['records.list', 'records.get', 'records.update']);
    const listed = await client.callTool({ name: 'records.list', arguments: {} });
    const own = { id: expect.any(String), assigned_to: product.users.member };
    expect(listed.structuredContent).toMatchObject({
      records: expect.arrayContaining([expect.objectContaining(own)]),
    });
    const refused = client.callTool({ name: 'lists.list', arguments: {} });
    await expect(refused).rejects.toThrow(/403|scope/);
    await client.close();
  });

  test.each(OFFICIAL_CLIENTS)('%s do not connect with a key that is none', async (_, connect) => {
    await expect(connect(...asked(`supersonic_live_${'a'.repeat(36)}`))).rejects.toThrow();
  });
});

describe('raw messages', () => {
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
    const { secret } = await supersonic.issue();
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
    const { secret } = await supersonic.issue();
    const discover = { jsonrpc: '2.0', id: 1, method: 'server/discover', params: { _meta: meta } };
    const headers = { 'MCP-Protocol-Version': VERSION, 'Mcp-Method': 'server/discover' };
    const discovered = (await supersonic.post(secret, discover, headers)).body.result;
    expect(discovered.supportedVersions).toContain(VERSION);
    const initialize = {
      ...{ jsonrpc: '2.0', id: 1, method: 'initialize' },
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
    const { secret } = await supersonic.issue();
    const answer = await supersonic.post(secret, { jsonrpc: '2.0', method: 'notifications/initialized' });
    expect([answer.status, answer.body]).toEqual([202, null]);
  });

  test.each([
    [400, -32700, '{'],
    [400, -32600, [call('records.list')]],
    [400, -32600, { jsonrpc: '2.0', method: 'tools/call', params: { name: 'records.list' } }],
    [404, -32601, { jsonrpc: '2.0', id: 1, method: 'resources/list' }],
  ])('that the guard does not know are refused: %i, %i, %j', async (status, code, body) => {
    const { secret } = await supersonic.issue();
    const answer = await supersonic.post(secret, body);
    expect([answer.status, answer.body.error.code]).toEqual([status, code]);
  });

  test('that are not posted are 405', async () => {
    const { secret } = await supersonic.issue();
    const answer = await send(`${product.apiUrl}/`, { method: 'GET', credential: secret });
    expect([answer.status, answer.headers.get('allow')]).toEqual([405, 'POST']);
  });
});
