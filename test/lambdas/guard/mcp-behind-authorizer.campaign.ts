import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client';
import { encodedName } from '../../core/mcp/near-messages.ts';
import { send, startProduct, type TestProduct } from '../../product.ts';
import { sharedAssembly } from '../../shared-assembly.ts';

/** The product `supersonic` with an authorizer in front of its MCP route, which its profile asks for in one field. */
const PROFILE = 'supersonic-authorized';
let product: TestProduct;
beforeAll(async () => {
  product = await startProduct(PROFILE);
});
afterAll(() => product.stop());

async function issue(scopes: string[]): Promise<string> {
  const { body } = await send(`${product.managementUrl}/v1/workspaces/acme/keys`, {
    credential: product.managementKey,
    body: { name: 'test', created_by: product.users.owner, scopes },
  });
  return body.secret;
}

const call = (name: string) => ({
  jsonrpc: '2.0',
  id: 1,
  method: 'tools/call',
  params: { name, arguments: {} },
});
const naming = (name: string, version = '2026-07-28') => ({
  'MCP-Protocol-Version': version,
  'Mcp-Method': 'tools/call',
  'Mcp-Name': name,
});
const modern = (name: string) => {
  const _meta = {
    'io.modelcontextprotocol/protocolVersion': '2026-07-28',
    'io.modelcontextprotocol/clientInfo': { name: 'raw', version: '1' },
    'io.modelcontextprotocol/clientCapabilities': {},
  };
  return { ...call(name), params: { name, arguments: {}, _meta } };
};
const post = (credential: string, body: unknown, headers: Record<string, string> = {}) =>
  send(`${product.apiUrl}/`, { credential, body, headers });

test('a tool that the headers name is refused by the authorizer, before the function sees the body', async () => {
  const secret = await issue(['records']);
  for (const name of ['lists.list', encodedName('lists.list')]) {
    const refused = await post(secret, modern('lists.list'), naming(name));
    // Problem details, as API Gateway prints them: no JSON-RPC error, which the function would have answered.
    expect(refused).toMatchObject({
      status: 403,
      body: {
        type: '/docs/problems.md#insufficient_scope',
        code: 'insufficient_scope',
        required_scope: 'lists',
      },
    });
  }
  for (const name of ['records.list', encodedName('records.list')])
    expect((await post(secret, modern('records.list'), naming(name))).status).toBe(200);
});

test('an unknown tool and a broken name are answered by the guard', async () => {
  const secret = await issue(['records']);
  const unknown = await post(secret, modern('nobody.knows'), naming('nobody.knows'));
  expect(unknown).toMatchObject({ status: 200, body: { error: { code: -32602 } } });
  const broken = await post(secret, modern('lists.list'), naming('=?base64?%%%?='));
  expect(broken).toMatchObject({ status: 400, body: { error: { code: -32020 } } });
});

test('requests of older versions are refused by JSON-RPC alone, with any headers', async () => {
  const secret = await issue(['records']);
  const { 'MCP-Protocol-Version': _, ...unversioned } = naming('lists.list');
  for (const headers of [unversioned, naming('lists.list', '2025-11-25')]) {
    const refused = await post(secret, call('lists.list'), headers);
    expect(refused).toMatchObject({ status: 200, body: { id: 1, error: { code: 403 } } });
  }
});

test('headers that name another tool than the body pass the authorizer and are refused by the guard', async () => {
  const secret = await issue(['records']);
  const lied = await post(secret, modern('lists.list'), naming('records.list'));
  expect(lied).toMatchObject({ status: 400, body: { error: { code: -32020 } } });
});

test('without the headers, the guard behind the authorizer refuses the same tool', async () => {
  const secret = await issue(['records']);
  const refused = await post(secret, call('lists.list'));
  expect(refused).toMatchObject({
    status: 200,
    body: { id: 1, error: { code: 403, data: { required_scope: 'lists' } } },
  });
  expect((await post(secret, call('records.list'))).status).toBe(200);
  const list = await post(secret, { jsonrpc: '2.0', id: 2, method: 'tools/list' });
  expect(list.body.result.tools.length).toBe(4);
});

test('the authorizer answers 401 to a bad credential, with any body', async () => {
  for (const body of [call('records.list'), '{', { jsonrpc: '2.0', id: 1, method: 'ping' }]) {
    const answer = await send(`${product.apiUrl}/`, { body });
    expect(answer).toMatchObject({ status: 401, body: { code: 'unauthorized' } });
    expect(answer.headers.get('www-authenticate')).toBe('Bearer realm="supersonic"');
  }
});

test('an official client of the new era lists and calls through the authorizer', async () => {
  const secret = await issue(['records']);
  const client = new Client({ name: 'test', version: '1' }, { versionNegotiation: { mode: 'auto' } });
  const requestInit = { headers: { Authorization: `Bearer ${secret}` } };
  await client.connect(new StreamableHTTPClientTransport(new URL(`${product.apiUrl}/`), { requestInit }));
  expect((await client.listTools()).tools).toHaveLength(4);
  expect((await client.callTool({ name: 'records.list', arguments: {} })).isError).not.toBe(true);
  await client.close();
});

test('the guard behind an authorizer accepts the decisions of its own product only', async () => {
  const secret = await issue(['records']);
  const { functions, invoke } = product.assembly;
  const named = (name: string) =>
    Object.values(functions).find(({ constructPath }) => constructPath.endsWith(`/${name}`))?.id ?? '';
  const request = {
    httpMethod: 'POST',
    resource: '/',
    path: '/',
    headers: {},
    multiValueHeaders: { Authorization: [`Bearer ${secret}`] },
    body: JSON.stringify(call('records.list')),
  };
  const requestContext = { requestId: 'request-1', identity: { sourceIp: '203.0.113.7' } };
  const methodArn = 'arn:aws:execute-api:us-east-1:123456789012:api/live/POST/';
  const decided = await invoke(named('ProductAuthorizer'), {
    ...request,
    type: 'REQUEST',
    methodArn,
    requestContext,
  });
  if (decided.kind !== 'returned') throw new Error('The authorizer has not answered.');
  const { context } = decided.payload as { context: Record<string, string> };
  expect(context.product).toBe(PROFILE);
  const statusUnder = async (authorizer: object) => {
    const event = { ...request, requestContext: { ...requestContext, authorizer } };
    const answer = await invoke(named('Sample'), event);
    return answer.kind === 'returned' && (answer.payload as { statusCode: number }).statusCode;
  };
  expect(await statusUnder(context)).toBe(200);
  // It does not pass by itself: somebody has to deploy the one or the other again.
  expect(await statusUnder({ ...context, product: 'supersonic' })).toBe(500);
  const [fault] = product.lines.filter(({ text }) => text.includes('"AuthorizationFault":1'));
  expect(fault?.text).toContain('The authorizer in front is of the product supersonic');
  expect(fault?.text).toContain('"kind":"defect"');
  expect(fault?.text).toContain('["stack","kind"]');
  // One that was deployed before authorizers said so is replaced within the same deployment.
  const { product: _, ...silent } = context;
  expect(await statusUnder(silent)).toBe(200);
});

test('the function behind the authorizer has no access to Keyward’s tables', async () => {
  const assemblyDirectory = await sharedAssembly(PROFILE);
  const template = JSON.parse(
    readFileSync(join(assemblyDirectory, 'Keyward-SupersonicAuthorized-Sample.template.json'), 'utf8'),
  );
  // biome-ignore lint/suspicious/noExplicitAny: properties of every resource type.
  const policies = Object.entries<any>(template.Resources).filter(
    ([, { Type }]) => Type === 'AWS::IAM::Policy',
  );
  const [, sample] = policies.find(([name]) => name.startsWith('SampleRole')) ?? [];
  expect(sample).toBeDefined();
  expect(JSON.stringify(sample)).not.toContain('Keyward-SupersonicAuthorized-Data');
});
