import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import {
  Client as ModernClient,
  StreamableHTTPClientTransport as ModernTransport,
} from '@modelcontextprotocol/client';
import { Client as OlderClient } from '@modelcontextprotocol/sdk/client/index.js';
import { StreamableHTTPClientTransport as OlderTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import { type Answer, send, startProduct, type TestProduct } from '../product.ts';

const run = promisify(execFile);

let product: TestProduct;
beforeAll(async () => {
  product = await startProduct('supersonic');
});
afterAll(() => product.stop());

type Role = 'owner' | 'admin' | 'member';

async function issue(fields: object = {}, role: Role = 'owner'): Promise<Answer['body']> {
  const { body, status } = await issueAnswer({ name: 'test', created_by: product.users[role], ...fields });
  expect(status).toBe(201);
  return body;
}

const issueAnswer = (body: object): Promise<Answer> =>
  send(`${product.managementUrl}/v1/workspaces/acme/keys`, { credential: product.managementKey, body });

const call = (name: string, toolArguments: object = {}, id: unknown = 1) => ({
  jsonrpc: '2.0',
  id,
  method: 'tools/call',
  params: { name, arguments: toolArguments },
});

const post = (credential: string, body: unknown, headers: Record<string, string> = {}): Promise<Answer> =>
  send(`${product.apiUrl}/`, { credential, body, headers });

async function toolsOf(credential: string) {
  const { body } = await post(credential, { jsonrpc: '2.0', id: 1, method: 'tools/list' });
  return body.result.tools as { name: string; annotations: { readOnlyHint: boolean } }[];
}

const namesOf = async (credential: string) => (await toolsOf(credential)).map(({ name }) => name);

const SCOPES = [
  ...['objects', 'records', 'lists', 'views', 'notes', 'tasks', 'analytics', 'reports'],
  ...['timeline', 'graph', 'integrations', 'email', 'messages', 'meetings', 'billing', 'support'],
];

describe("the page's examples run unchanged but for the host and the key", () => {
  interface Listed {
    readonly result: { readonly structuredContent: { readonly records: readonly object[] } };
  }
  const expectRecords = (answer: Listed) =>
    expect(answer.result.structuredContent.records[0]).toMatchObject({ id: expect.any(String) });

  test('Python, with what httpx.Client(base_url, headers).post("/", json=…) sends', async () => {
    const script = `
import json, os
payload = {
    "jsonrpc": "2.0",
    "method": "tools/call",
    "params": {
        "name": "records.list",
        "arguments": {"object_type_slug": "companies"}
    },
    "id": 1
}
headers = {"Authorization": "Bearer " + os.environ["KEY"]}
try:
    import httpx
    client = httpx.Client(base_url=os.environ["URL"], headers=headers)
    print(client.post("/", json=payload).text)
except ImportError:
    import urllib.request
    headers["Content-Type"] = "application/json"
    request = urllib.request.Request(os.environ["URL"] + "/", json.dumps(payload).encode(), headers)
    print(urllib.request.urlopen(request).read().decode())
`;
    const { secret } = await issue();
    const env = { ...process.env, URL: product.apiUrl, KEY: secret };
    expectRecords(JSON.parse((await run('python3', ['-c', script], { env })).stdout));
  });

  test('TypeScript', async () => {
    const { secret } = await issue();
    const response = await fetch(`${product.apiUrl}/`, {
      method: 'POST',
      headers: {
        Authorization: `Bearer ${secret}`,
        'Content-Type': 'application/json',
      },
      body: JSON.stringify({
        jsonrpc: '2.0',
        method: 'tools/call',
        params: {
          name: 'records.list',
          arguments: { object_type_slug: 'companies' },
        },
        id: 1,
      }),
    });
    expect(response.headers.get('content-type')).toContain('application/json');
    expectRecords((await response.json()) as Listed);
  });

  test('curl', async () => {
    const { secret } = await issue();
    const example = `curl -s -X POST ${product.apiUrl}/ \\
    -H "Authorization: Bearer $KEY" \\
    -H "Content-Type: application/json" \\
    -d '{
      "jsonrpc": "2.0",
      "method": "tools/call",
      "params": {
        "name": "records.list",
        "arguments": {"object_type_slug": "companies"}
      },
      "id": 1
    }'`;
    const { stdout } = await run('bash', ['-c', example], { env: { ...process.env, KEY: secret } });
    expectRecords(JSON.parse(stdout));
  });
});

describe('All requests to the Supersonic MCP server require a valid API key', () => {
  const messages = [
    call('records.list'),
    { jsonrpc: '2.0', id: 1, method: 'initialize', params: {} },
    { jsonrpc: '2.0', id: 1, method: 'ping' },
    { jsonrpc: '2.0', id: 1, method: 'server/discover' },
    { jsonrpc: '2.0', method: 'notifications/initialized' },
    '{ no JSON',
  ];

  test('without one, each of them is 401 with a challenge and a JSON-RPC error', async () => {
    for (const body of messages) {
      const answer = await send(`${product.apiUrl}/`, { body });
      expect(answer).toMatchObject({ status: 401, body: { jsonrpc: '2.0', id: null, error: { code: 401 } } });
      expect(answer.headers.get('x-amzn-remapped-www-authenticate')).toBe('Bearer realm="supersonic"');
    }
    expect((await send(`${product.apiUrl}/`, { method: 'GET' })).status).toBe(401);
  });

  test('a revoked, mangled, foreign or twice sent one is answered the same', async () => {
    const { key, secret } = await issue();
    expect((await post(secret, call('records.list'))).status).toBe(200);
    const revoke = `${product.managementUrl}/v1/workspaces/acme/keys/${key.id}/revoke`;
    await send(revoke, { method: 'POST', credential: product.managementKey });
    const bodies = [];
    for (const credential of [secret, `${secret}a`, product.managementKey, 'supersonic_live_']) {
      const { status, body } = await post(credential, call('records.list'));
      expect(status).toBe(401);
      bodies.push({ ...body, error: { ...body.error, data: null } });
    }
    expect(new Set(bodies.map((body) => JSON.stringify(body))).size).toBe(1);
    const good = `Authorization: Bearer ${(await issue()).secret}`;
    const twice = ['-s', '-w', '%{http_code}', '-o', '/dev/null', '-d', '{}', '-H', good, '-H', good];
    expect((await run('curl', [...twice, `${product.apiUrl}/`])).stdout).toBe('401');
  });
});

describe('Creating keys', () => {
  test('Choose a name and select scopes: a key without a name is refused, one without scopes is not', async () => {
    const created_by = product.users.owner;
    expect((await issueAnswer({ created_by })).status).toBe(400);
    expect((await issueAnswer({ created_by, name: 'ci', scopes: ['nothing'] })).status).toBe(400);
    expect((await issueAnswer({ name: 'ci' })).body).toMatchObject({ field: 'created_by' });
    const { key, secret } = await issue({ name: 'ci', scopes: ['records', 'graph'] });
    expect(key).toMatchObject({ name: 'ci', scopes: ['records', 'graph'], role: 'owner' });
    expect(secret).toMatch(/^supersonic_live_[0-9A-Za-z]{36}$/);
  });

  test('API keys are per workspace: another workspace has records of its own', async () => {
    const workspace = { slug: 'other', name: 'Other', created_by: 'usr_other' };
    await send(`${product.managementUrl}/v1/workspaces`, {
      credential: product.managementKey,
      body: workspace,
    });
    const other = await send(`${product.managementUrl}/v1/workspaces/other/keys`, {
      credential: product.managementKey,
      body: { name: 'test', created_by: 'usr_other' },
    });
    const { secret } = await issue();
    const created = await post(secret, call('records.create', { name: 'Only ours' }));
    expect(created.body.result.structuredContent.record.name).toBe('Only ours');
    const listed = JSON.stringify((await post(other.body.secret, call('records.list'))).body);
    expect(listed).not.toContain('Only ours');
    expect(listed).toContain('Globex');
  });
});

describe('Restrict what a key can access by selecting tool categories', () => {
  test.each(SCOPES)('%s grants its own tools and no others, for reading and for writing', async (scope) => {
    const { secret } = await issue({ scopes: [scope] });
    const tools = await toolsOf(secret);
    const owned = tools.filter(({ name }) => name.startsWith(`${scope}.`));
    const others = tools.filter((tool) => !owned.includes(tool)).map(({ name }) => name);
    expect(others).toEqual(scope === 'graph' ? ['contacts.classify'] : []);
    expect(new Set(owned.map(({ annotations }) => annotations.readOnlyHint))).toEqual(new Set([true, false]));
    for (const { name } of tools) expect((await post(secret, call(name))).status).toBe(200);
  });

  test('a tool of another category is 403, with the id of the request and the scope it requires', async () => {
    const { secret } = await issue({ scopes: ['records'] });
    const refused = await post(secret, call('contacts.classify', {}, 'call-9'));
    expect(refused).toMatchObject({
      status: 403,
      body: { jsonrpc: '2.0', id: 'call-9', error: { code: 403, data: { required_scope: 'graph' } } },
    });
  });

  test('Leave scopes empty to grant access to all tools', async () => {
    for (const fields of [{}, { scopes: [] }]) {
      const { secret } = await issue(fields);
      const names = await namesOf(secret);
      expect(new Set(names.map((name) => name.split('.')[0]))).toEqual(new Set([...SCOPES, 'contacts']));
      for (const name of names) expect((await post(secret, call(name))).status).toBe(200);
    }
  });
});

describe('API keys inherit the role of their creator', () => {
  const update = (id: string) => call('records.update', { record_id: id, name: 'Changed' }, 5);

  test.each(['owner', 'admin'] as const)('%s: full access to all tools', async (role) => {
    const { key, secret } = await issue({}, role);
    expect(key.role).toBe(role);
    expect((await post(secret, update('rec_initech'))).body.result.structuredContent.record.name).toBe(
      'Changed',
    );
    expect((await post(secret, call('billing.change_plan', { plan: 'pro' }))).status).toBe(200);
  });

  test('member: read access to all data, write access scoped to assigned records', async () => {
    const { key, secret } = await issue({}, 'member');
    expect(key.role).toBe('member');
    const { records } = (await post(secret, call('records.list'))).body.result.structuredContent;
    expect(records.length).toBeGreaterThan(1);
    const own = records.filter(
      (record: { assigned_to: string }) => record.assigned_to === product.users.member,
    );
    expect(own).toHaveLength(1);
    expect((await post(secret, update(own[0].id))).body.result.structuredContent.record.name).toBe('Changed');
    for (const body of [update('rec_hank'), update('rec_nowhere'), call('records.update', {}, 5)]) {
      const refused = await post(secret, body);
      expect(refused).toMatchObject({ status: 403, body: { id: 5, error: { code: 403 } } });
      expect(refused.body.error.data.reason).toMatch(/^[A-Z].*\.$/);
    }
    expect((await post(secret, call('records.create', { name: 'New' }))).status).toBe(403);
    expect(
      (await post(secret, call('contacts.classify', { record_id: 'rec_hank', class: 'x' }))).status,
    ).toBe(403);
    expect((await post(secret, call('billing.show'))).status).toBe(200);
  });

  test('a member sees no tool that they may never call, and a scope they were not given stays closed', async () => {
    const { secret } = await issue({ scopes: ['records'] }, 'member');
    expect(await namesOf(secret)).toEqual(['records.list', 'records.get', 'records.update']);
    expect((await post(secret, call('notes.list'))).body.error.data.required_scope).toBe('notes');
  });

  describe('of this moment', () => {
    const members = () => `${product.managementUrl}/v1/workspaces/acme/members`;
    const asOperator = (method: string, user: string, body?: object) =>
      send(`${members()}/${user}`, { method, credential: product.managementKey, ...(body && { body }) });
    const writes = async (secret: string) => (await post(secret, update('rec_hank'))).status;

    test('one who is demoted has lesser keys on the very next request, and better ones when promoted', async () => {
      expect((await asOperator('PUT', 'usr_riser', { role: 'owner' })).status).toBe(201);
      const { key, secret } = await issue({ created_by: 'usr_riser' });
      const keyUrl = `${product.managementUrl}/v1/workspaces/acme/keys/${key.id}`;
      const credential = product.managementKey;
      const rotated = await send(`${keyUrl}/rotate`, { credential, body: { overlap_seconds: 600 } });
      const secrets = [secret, rotated.body.secret];
      for (const each of secrets) expect(await writes(each)).toBe(200);
      for (const role of ['member', 'admin', 'member', 'owner']) {
        expect(await asOperator('PUT', 'usr_riser', { role })).toMatchObject({ status: 200, body: { role } });
        for (const each of secrets) expect(await writes(each)).toBe(role === 'member' ? 403 : 200);
        expect((await send(keyUrl, { credential })).body.role).toBe(role);
      }
    });

    test('one who is removed has no keys any more, and the answer says which those were', async () => {
      await asOperator('PUT', 'usr_leaver', { role: 'admin' });
      const issued = [await issue({ created_by: 'usr_leaver' }), await issue({ created_by: 'usr_leaver' })];
      const others = await issue();
      const removed = await asOperator('DELETE', 'usr_leaver');
      const revoked = issued.map(({ key }) => key.id).reverse();
      expect(removed).toMatchObject({ status: 200, body: { user_id: 'usr_leaver', revoked, kept: [] } });
      for (const { secret } of issued) expect((await post(secret, call('records.list'))).status).toBe(401);
      expect((await post(others.secret, call('records.list'))).status).toBe(200);
      expect((await issueAnswer({ name: 'test', created_by: 'usr_leaver' })).status).toBe(404);
      await asOperator('PUT', 'usr_leaver', { role: 'owner' });
      for (const { secret } of issued) expect((await post(secret, call('records.list'))).status).toBe(401);
      const plan = { plan: 'pro' };
      const patched = await send(`${product.managementUrl}/v1/workspaces/acme`, {
        ...{ method: 'PATCH', credential: product.managementKey, body: plan },
      });
      expect(patched).toMatchObject({ status: 400, body: { field: 'plan' } });
      await asOperator('DELETE', 'usr_leaver');
    });
  });

  test('a key keeps its role when it is changed and rotated', async () => {
    const { key } = await issue({}, 'member');
    const keys = `${product.managementUrl}/v1/workspaces/acme/keys/${key.id}`;
    const credential = product.managementKey;
    await send(keys, { method: 'PATCH', credential, body: { name: 'renamed' } });
    const rotated = await send(`${keys}/rotate`, { credential, body: { overlap_seconds: 60 } });
    expect(rotated.body.key).toMatchObject({ name: 'renamed', role: 'member' });
    expect((await post(rotated.body.secret, update('rec_hank'))).status).toBe(403);
    expect((await post(rotated.body.secret, call('records.list'))).status).toBe(200);
    const verified = await send(`${product.managementUrl}/v1/keys/verify`, {
      credential,
      body: { credential: rotated.body.secret, action: 'contacts.classify' },
    });
    expect(verified.body).toMatchObject({ valid: true, principal: { role: 'member' } });
  });
});

describe('the official clients', () => {
  const options = (secret: string) => ({ requestInit: { headers: { Authorization: `Bearer ${secret}` } } });
  const endpoint = () => new URL(`${product.apiUrl}/`);

  async function modernClient(secret: string) {
    const client = new ModernClient(
      { name: 'test', version: '1' },
      { versionNegotiation: { mode: { pin: '2026-07-28' } } },
    );
    await client.connect(new ModernTransport(endpoint(), options(secret)));
    return client;
  }

  async function olderClient(secret: string) {
    const client = new OlderClient({ name: 'test', version: '1' });
    await client.connect(new OlderTransport(endpoint(), options(secret)));
    return client;
  }

  test.each([
    ['of 2026-07-28', modernClient],
    ['of 2025-11-25 and before', olderClient],
  ])('%s list, call, and are refused', async (_, connect) => {
    const { secret } = await issue({ scopes: ['records'] }, 'member');
    const client = await connect(secret);
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

  test.each([
    ['of 2026-07-28', modernClient],
    ['of 2025-11-25 and before', olderClient],
  ])('%s do not connect with a key that is none', async (_, connect) => {
    await expect(connect(`supersonic_live_${'a'.repeat(36)}`)).rejects.toThrow();
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
    const { secret } = await issue();
    expect((await post(secret, modern('records.list'), all)).body.result.resultType).toBe('complete');
    const { 'Mcp-Name': _, ...nameless } = all;
    for (const headers of [
      {},
      nameless,
      { ...all, 'Mcp-Name': 'notes.list' },
      { ...all, 'Mcp-Method': 'ping' },
    ]) {
      const { status, body } = await post(secret, modern('records.list'), headers as Record<string, string>);
      expect([status, body.error.code]).toEqual([400, -32020]);
    }
    const older = await post(secret, call('records.list'), { 'Mcp-Name': 'notes.list' });
    expect([older.status, older.body.error.code]).toEqual([400, -32020]);
  });

  test('discover the server, shake hands and ping as their version does', async () => {
    const { secret } = await issue();
    const discover = { jsonrpc: '2.0', id: 1, method: 'server/discover', params: { _meta: meta } };
    const headers = { 'MCP-Protocol-Version': VERSION, 'Mcp-Method': 'server/discover' };
    const discovered = (await post(secret, discover, headers)).body.result;
    expect(discovered.supportedVersions).toContain(VERSION);
    const initialize = {
      ...{ jsonrpc: '2.0', id: 1, method: 'initialize' },
      params: { protocolVersion: '2025-11-25', capabilities: {}, clientInfo: { name: 'raw', version: '1' } },
    };
    expect((await post(secret, initialize)).body.result.protocolVersion).toBe('2025-11-25');
    expect((await post(secret, { jsonrpc: '2.0', id: 'p', method: 'ping' })).body).toEqual({
      jsonrpc: '2.0',
      id: 'p',
      result: {},
    });
  });

  test('that are notifications are 202 without a body', async () => {
    const { secret } = await issue();
    const answer = await post(secret, { jsonrpc: '2.0', method: 'notifications/initialized' });
    expect([answer.status, answer.body]).toEqual([202, null]);
  });

  test.each([
    [400, -32700, '{'],
    [400, -32600, [call('records.list')]],
    [400, -32600, { jsonrpc: '2.0', method: 'tools/call', params: { name: 'records.list' } }],
    [404, -32601, { jsonrpc: '2.0', id: 1, method: 'resources/list' }],
  ])('that the guard does not know are refused: %i, %i, %j', async (status, code, body) => {
    const { secret } = await issue();
    const answer = await post(secret, body);
    expect([answer.status, answer.body.error.code]).toEqual([status, code]);
  });

  test('that are not posted are 405', async () => {
    const { secret } = await issue();
    const answer = await send(`${product.apiUrl}/`, { method: 'GET', credential: secret });
    expect([answer.status, answer.headers.get('allow')]).toEqual([405, 'POST']);
  });
});

test("a record's assignment decides live: once it is assigned to the member, the member writes to it", async () => {
  const owner = await issue();
  const member = await issue({}, 'member');
  const created = await post(owner.secret, call('records.create', { name: 'Moving' }));
  const { id } = created.body.result.structuredContent.record;
  const write = () => post(member.secret, call('notes.create', { record_id: id, text: 'Hello' }));
  expect((await write()).status).toBe(403);
  const assign = { record_id: id, assigned_to: product.users.member };
  expect((await post(owner.secret, call('records.update', assign))).status).toBe(200);
  expect((await write()).status).toBe(200);
});
