import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { send, startProduct, type TestProduct } from '../product.ts';
import { call, SCOPES, supersonicOf } from './supersonic.ts';

const run = promisify(execFile);

let product: TestProduct;
let supersonic: ReturnType<typeof supersonicOf>;
beforeAll(async () => {
  product = await startProduct('supersonic');
  supersonic = supersonicOf(product);
});
afterAll(() => product.stop());

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
    const { secret } = await supersonic.issue();
    const env = { ...process.env, URL: product.apiUrl, KEY: secret };
    expectRecords(JSON.parse((await run('python3', ['-c', script], { env })).stdout));
  });

  test('TypeScript', async () => {
    const { secret } = await supersonic.issue();
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
    const { secret } = await supersonic.issue();
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
    const { key, secret } = await supersonic.issue();
    expect((await supersonic.post(secret, call('records.list'))).status).toBe(200);
    const revoke = `${product.managementUrl}/v1/workspaces/acme/keys/${key.id}/revoke`;
    await send(revoke, { method: 'POST', credential: product.managementKey });
    const bodies = [];
    for (const credential of [secret, `${secret}a`, product.managementKey, 'supersonic_live_']) {
      const { status, body } = await supersonic.post(credential, call('records.list'));
      expect(status).toBe(401);
      bodies.push({ ...body, error: { ...body.error, data: null } });
    }
    expect(new Set(bodies.map((body) => JSON.stringify(body))).size).toBe(1);
    const good = `Authorization: Bearer ${(await supersonic.issue()).secret}`;
    const twice = ['-s', '-w', '%{http_code}', '-o', '/dev/null', '-d', '{}', '-H', good, '-H', good];
    expect((await run('curl', [...twice, `${product.apiUrl}/`])).stdout).toBe('401');
  });
});

describe('Creating keys', () => {
  test('Choose a name and select scopes: a key without a name is refused, one without scopes is not', async () => {
    const created_by = product.users.owner;
    expect((await supersonic.issueAnswer({ created_by })).status).toBe(400);
    expect((await supersonic.issueAnswer({ created_by, name: 'ci', scopes: ['nothing'] })).status).toBe(400);
    expect((await supersonic.issueAnswer({ name: 'ci' })).body).toMatchObject({ field: 'created_by' });
    const { key, secret } = await supersonic.issue({ name: 'ci', scopes: ['records', 'graph'] });
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
    const { secret } = await supersonic.issue();
    const created = await supersonic.post(secret, call('records.create', { name: 'Only ours' }));
    expect(created.body.result.structuredContent.record.name).toBe('Only ours');
    const recordsOf = async (credential: string): Promise<{ id: string; assigned_to: string | null }[]> =>
      (await supersonic.post(credential, call('records.list'))).body.result.structuredContent.records;
    const [ours, theirs] = [await recordsOf(secret), await recordsOf(other.body.secret)];
    expect(theirs).toHaveLength(3);
    for (const record of theirs) expect(record).toMatchObject({ assigned_to: null });
    const ids = theirs.map(({ id }) => id);
    expect(ours.filter(({ id }) => ids.includes(id))).toEqual([]);
    for (const { id } of ours)
      expect(
        (await supersonic.post(other.body.secret, call('records.get', { record_id: id }))).body.result,
      ).toMatchObject({ isError: true });
  });
});

describe('Restrict what a key can access by selecting tool categories', () => {
  test.each(SCOPES)('%s grants its own tools and no others, for reading and for writing', async (scope) => {
    const { secret } = await supersonic.issue({ scopes: [scope] });
    const tools = await supersonic.toolsOf(secret);
    const owned = tools.filter(({ name }) => name.startsWith(`${scope}.`));
    const others = tools.filter((tool) => !owned.includes(tool)).map(({ name }) => name);
    expect(others).toEqual(scope === 'graph' ? ['contacts.classify'] : []);
    expect(new Set(owned.map(({ annotations }) => annotations.readOnlyHint))).toEqual(new Set([true, false]));
    for (const { name } of tools) expect((await supersonic.post(secret, call(name))).status).toBe(200);
  });

  test('a tool of another category is refused with code 403, the id of the request and the scope it requires', async () => {
    const { secret } = await supersonic.issue({ scopes: ['records'] });
    const refused = await supersonic.post(secret, call('contacts.classify', {}, 'call-9'));
    expect(refused).toMatchObject({
      status: 200,
      body: { jsonrpc: '2.0', id: 'call-9', error: { code: 403, data: { required_scope: 'graph' } } },
    });
  });

  test('Leave scopes empty to grant access to all tools', async () => {
    const { secret } = await supersonic.issue();
    const names = await supersonic.namesOf(secret);
    expect(new Set(names.map((name) => name.split('.')[0]))).toEqual(new Set([...SCOPES, 'contacts']));
    for (const name of names) expect((await supersonic.post(secret, call(name))).status).toBe(200);
    const empty = await supersonic.issue({ scopes: [] });
    expect(await supersonic.namesOf(empty.secret)).toEqual(names);
  });
});
