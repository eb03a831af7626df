import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { TestProduct } from '../product.ts';
import { OFFICIAL_CLIENTS } from './mcp-clients.ts';
import { SECOND, type sophicOf, startSophic } from './sophic.ts';

let product: TestProduct;
let sophic: ReturnType<typeof sophicOf>;
beforeAll(async () => {
  ({ product, sophic } = await startSophic());
});
afterAll(() => product.stop());

describe('MCP: a key has the read tools, a token with the capture scope has capture as well', () => {
  const READ_TOOLS = ['documents.list', 'documents.search', 'documents.grep'];
  const asked = (secret: string, workspace?: string) => {
    const named = workspace !== undefined && { 'x-sophic-workspace': workspace };
    return [`${product.apiUrl}/api/mcp`, { Authorization: `Bearer ${secret}`, ...named }] as const;
  };
  const namesOf = ({ tools }: { tools: { name: string }[] }) => tools.map(({ name }) => name);
  const capture = { name: 'capture', arguments: { title: 'By MCP', content: 'Hello' } };

  test.each(OFFICIAL_CLIENTS)('official clients %s', async (_, connect) => {
    const key = await connect(...asked((await sophic.issueKey(['read', 'capture'])).secret));
    expect(namesOf(await key.listTools())).toEqual(READ_TOOLS);
    const listed = await key.callTool({ name: 'documents.search', arguments: { q: 'laptop' } });
    expect(listed.structuredContent).toMatchObject({ documents: [{ title: 'Onboarding' }] });
    await expect(key.callTool(capture)).rejects.toThrow(/403|API key/);
    const token = await connect(...asked((await sophic.issueToken({}, product.users.member)).secret, SECOND));
    expect(namesOf(await token.listTools())).toEqual([...READ_TOOLS, 'capture']);
    const captured = await token.callTool(capture);
    expect(captured.structuredContent).toMatchObject({ document: { created_by: product.users.member } });
    const reader = await connect(...asked((await sophic.issueToken({ scopes: ['read'] })).secret, 'acme'));
    expect(namesOf(await reader.listTools())).toEqual(READ_TOOLS);
    await expect(reader.callTool(capture)).rejects.toThrow(/403|scope/);
    await Promise.all([key, token, reader].map((client) => client.close()));
  });

  test('every request needs a credential, and a refused capture says why', async () => {
    for (const method of ['initialize', 'ping', 'tools/list', 'server/discover'])
      expect((await sophic.post({ method }, '')).status).toBe(401);
    const message = { method: 'tools/call', params: capture, id: 7 };
    const byKey = await sophic.post(message, (await sophic.issueKey(['capture'])).secret);
    expect(byKey).toMatchObject({
      status: 200,
      body: { id: 7, error: { code: 403, data: { code: 'forbidden', reason: expect.any(String) } } },
    });
    const { secret } = await sophic.issueToken({ scopes: ['read'] });
    const byReader = await sophic.post(message, secret, 'acme');
    expect(byReader).toMatchObject({ status: 200, body: { error: { data: { required_scope: 'capture' } } } });
    const nowhere = await sophic.post(message, secret);
    expect(nowhere).toMatchObject({ status: 200, body: { id: 7, error: { code: 403 } } });
    expect(nowhere.body.error.data.reason).toContain('workspace');
    // There is no session yet, so none is lost.
    expect((await sophic.post({ method: 'initialize' }, secret)).status).toBe(403);
  });
});

test('every call that a function made was allowed by its role', () => {
  expect(product.assembly.recordedCalls().filter(({ allowed }) => !allowed)).toEqual([]);
});
