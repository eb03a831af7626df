import { describe, expect, test } from '@jest/globals';
import middy from '@middy/core';
import type { APIGatewayProxyResult, Context } from 'aws-lambda';
import fc from 'fast-check';
import type { GuardedMcpEvent } from 'keyward/middleware';
import { digestOf } from '../../../core/digest.ts';
import type { Scopes } from '../../../core/scope.ts';
import type { StoredSecret } from '../../../core/stored-secret.ts';
import type { Tracking } from '../../../core/verification.ts';
import type { VerificationStore } from '../../../core/verification-store.ts';
import { createGuardMcp } from '../../../lambdas/guard/guard-mcp.ts';
import { type VerdictSource, verifying } from '../../../lambdas/guard/verifier.ts';
import { loadProfile } from '../../../lib/profile-file.ts';
import { encodedName, nearHeaders, nearMessages } from '../../core/near-messages.ts';
import { apiKeyOf } from '../../core/stored-secrets.ts';
import { capturedLog } from '../captured-log.ts';

const { profile } = loadProfile('supersonic');
const lines = capturedLog();
const KEY = `supersonic_live_${'a'.repeat(36)}`;

function secretWith(scopes: Scopes): StoredSecret {
  return {
    principal: {
      kind: 'api_key',
      credentialId: 'key_1',
      workspace: 'acme',
      user: 'usr_1',
      role: 'owner',
      scopes,
      constraints: { expiresAt: null, allowedCidrs: [] },
    },
    state: 'active',
    expiresAt: null,
    rateLimit: null,
    window: null,
    lastUsedAt: null,
  };
}

const storeOf = (scopes: Scopes): VerificationStore => ({
  find: async (digest) => (digest === digestOf(KEY) ? secretWith(scopes) : undefined),
  count: async () => ({ kind: 'not_counted', secret: undefined }),
  stamp: async () => {},
});

const LISTED = ['records.list', 'lists.create', 'contacts.classify', 'unheard.of'];

/** A guarded server whose tools all exist, and what it was asked to run. */
function server(
  scopes: Scopes,
  { publicMethods = [] as string[], store = storeOf(scopes), tracking = 'stamp' as Tracking } = {},
) {
  const ran: GuardedMcpEvent[] = [];
  const handler = middy()
    .use(
      createGuardMcp(
        { ...profile, mcp: { path: '/', unauthorizedCode: 401, verifiedBy: 'guard', publicMethods } },
        verifying({
          profile,
          verification: {
            credentials: [apiKeyOf({ prefix: 'supersonic_live_', randomLength: 36, hasChecksum: false })],
            store,
            tracking,
          },
          now: () => 1000,
        }),
      ),
    )
    .handler(async (event: GuardedMcpEvent): Promise<APIGatewayProxyResult> => {
      ran.push(event);
      const { id, method } = event.message;
      const result = method === 'tools/list' ? { tools: LISTED.map((name) => ({ name })) } : {};
      return { statusCode: 200, body: JSON.stringify({ jsonrpc: '2.0', id, result }) };
    });
  const post = (body: unknown, fields: object = {}) =>
    handler(
      {
        httpMethod: 'POST',
        resource: '/',
        multiValueHeaders: { authorization: [`Bearer ${KEY}`] },
        requestContext: { requestId: 'request-1', identity: { sourceIp: '192.0.2.1' } },
        body: typeof body === 'string' ? body : JSON.stringify(body),
        isBase64Encoded: false,
        ...fields,
      } as unknown as GuardedMcpEvent,
      {} as Context,
    );
  return { ran, post };
}

const anonymous = { multiValueHeaders: {} };
const call = (name: string, id: unknown = 1) => ({
  jsonrpc: '2.0',
  id,
  method: 'tools/call',
  params: { name },
});
/** A request as clients of 2026-07-28 send it: what is posted, and the headers that repeat it. */
const modern = (method: string, params: { name?: string } = {}, id = 1) => {
  const _meta = { 'io.modelcontextprotocol/protocolVersion': '2026-07-28' };
  return [
    { jsonrpc: '2.0', id, method, params: { ...params, _meta } },
    {
      multiValueHeaders: {
        authorization: [`Bearer ${KEY}`],
        'mcp-protocol-version': ['2026-07-28'],
        'mcp-method': [method],
        ...(params.name !== undefined && { 'mcp-name': [encodedName(params.name)] }),
      },
    },
  ] as const;
};

/** Messages of every outcome, which chance may not bring: both tools that the scope grants among them. */
const ONE_OF_EACH = [
  call('records.list'),
  call('records.update'),
  call('lists.create'),
  call('*'),
  { jsonrpc: '2.0', id: 1, method: 'resources/list' },
  { jsonrpc: '2.0', method: 'notifications/initialized' },
]
  .map((message): [object, object] => [message, {}])
  .concat(
    [modern('tools/call', { name: 'lists.create' }), modern('resources/list')].map(
      ([message, { multiValueHeaders }]) => [message, multiValueHeaders],
    ),
  );

describe('whatever is posted', () => {
  test('nothing runs without a credential', async () => {
    const { ran, post } = server('all');
    await fc.assert(
      fc.asyncProperty(fc.oneof(nearMessages, fc.jsonValue(), fc.string()), async (body) => {
        const answer = await post(body, anonymous);
        expect(answer.statusCode).toBe(401);
        expect(JSON.parse(answer.body)).toMatchObject({ id: null, error: { code: 401 } });
      }),
      { numRuns: 500 },
    );
    expect(ran).toEqual([]);
  });

  test('no tool runs that the scopes do not grant', async () => {
    const { ran, post } = server(['records']);
    const statuses = new Set<number>();
    await fc.assert(
      fc.asyncProperty(nearMessages, nearHeaders, async (body, headers) => {
        const multiValueHeaders = { ...headers, authorization: [`Bearer ${KEY}`] };
        statuses.add((await post(body, { multiValueHeaders })).statusCode);
      }),
      { numRuns: 10_000, examples: ONE_OF_EACH },
    );
    const called = ran.flatMap(({ message }) =>
      message.method === 'tools/call' ? [message.params.name] : [],
    );
    expect(new Set(called)).toEqual(new Set(['records.list', 'records.update']));
    expect(statuses).toEqual(new Set([200, 202, 400, 403, 404]));
  });
});

describe('a call of a tool', () => {
  test('reaches the product as the message that was checked, whatever the encoding, and without another body', async () => {
    const { ran, post } = server('all');
    const body = Buffer.from(JSON.stringify(call('records.list'))).toString('base64');
    expect((await post(body, { isBase64Encoded: true })).statusCode).toBe(200);
    expect(ran[0]).toMatchObject({ message: call('records.list'), body: null, principal: { role: 'owner' } });
  });

  test('is refused by a JSON-RPC error of code 403 with the id and the scope it needs: HTTP 200 before 2026-07-28, 403 since', async () => {
    const { ran, post } = server(['records']);
    const error = { code: 403, data: { required_scope: 'graph', code: 'insufficient_scope' } };
    const older = await post(call('contacts.classify', 'call-7'));
    expect(older.statusCode).toBe(200);
    expect(JSON.parse(older.body)).toMatchObject({ jsonrpc: '2.0', id: 'call-7', error });
    const newer = await post(...modern('tools/call', { name: 'contacts.classify' }, 7));
    expect(newer.statusCode).toBe(403);
    expect(JSON.parse(newer.body)).toMatchObject({ jsonrpc: '2.0', id: 7, error });
    expect(ran).toEqual([]);
  });

  test.each([
    ['nobody.knows', 'Tool nobody.knows not found'],
    ['records.*', 'Tool not found'],
    ['GET /users', 'Tool not found'],
    ['récords.list', 'Tool not found'],
    ['', 'Tool not found'],
    ['a'.repeat(129), 'Tool not found'],
  ])(
    'of a tool that no scope grants, or whose name no tool can have, is answered as one of an unknown tool: %j',
    async (name, text) => {
      for (const scopes of ['all', ['records']] as const) {
        const { ran, post } = server(scopes);
        const older = await post(call(name, 'call-7'));
        expect(older.statusCode).toBe(200);
        const content = [{ type: 'text', text: `MCP error -32602: ${text}` }];
        expect(JSON.parse(older.body)).toEqual({
          ...{ jsonrpc: '2.0', id: 'call-7' },
          result: { content, isError: true },
        });
        const newer = await post(...modern('tools/call', { name }, 7));
        expect(newer.statusCode).toBe(200);
        expect(JSON.parse(newer.body)).toMatchObject({ id: 7, error: { code: -32602, message: text } });
        expect((await post(call(name), anonymous)).statusCode).toBe(401);
        expect(ran).toEqual([]);
      }
    },
  );

  test('is 503 while the store is down', async () => {
    const store = {
      ...storeOf('all'),
      find: async () => {
        throw new Error('the store is down');
      },
    };
    const { ran, post } = server('all', { store });
    const answer = await post(call('records.list', 5));
    expect(answer).toMatchObject({ statusCode: 503, headers: { 'Retry-After': '1' } });
    expect(JSON.parse(answer.body)).toMatchObject({ id: 5, error: { code: 503 } });
    expect(ran).toEqual([]);
    expect(lines.join()).toContain('"AuthorizationFault":1');
  });
});

describe('tools/list', () => {
  const list = { jsonrpc: '2.0', id: 1, method: 'tools/list' };
  const namesFor = async (scopes: Scopes) =>
    JSON.parse((await server(scopes).post(list)).body).result.tools.map(({ name }: { name: string }) => name);

  test('shows what the caller may call, and nothing that nobody may', async () => {
    expect(await namesFor('all')).toEqual(['records.list', 'lists.create', 'contacts.classify']);
    expect(await namesFor(['graph'])).toEqual(['contacts.classify']);
  });
});

describe('methods and messages', () => {
  test('that are public need no key, and are handed over without a principal', async () => {
    const publicMethods = ['initialize', 'notifications/initialized'];
    const { ran, post } = server('all', { publicMethods });
    expect((await post({ jsonrpc: '2.0', id: 1, method: 'initialize' }, anonymous)).statusCode).toBe(200);
    expect(ran[0]?.principal).toBeNull();
    const notification = { jsonrpc: '2.0', method: 'notifications/initialized' };
    expect(await post(notification, anonymous)).toMatchObject({ statusCode: 202, body: '' });
    expect((await post({ jsonrpc: '2.0', id: 1, method: 'ping' }, anonymous)).statusCode).toBe(401);
    expect((await post({ jsonrpc: '2.0', id: 1, method: 'tools/list' }, anonymous)).statusCode).toBe(401);
  });

  test.each([
    [400, -32700, '{'],
    [400, -32600, [call('records.list')]],
    [400, -32600, { ...call('records.list'), id: undefined }],
    [400, -32602, { ...call('records.list'), params: {} }],
  ])('that are not known are refused: %i, %i, %j', async (status, code, body) => {
    const { ran, post } = server('all');
    const answer = await post(body);
    expect(answer.statusCode).toBe(status);
    expect(JSON.parse(answer.body).error.code).toBe(code);
    expect(ran).toEqual([]);
  });

  test.each([
    ...['prompts/list', 'resources/list', 'resources/templates/list', 'logging/setLevel'],
    ...['completion/complete', 'tasks/list', 'subscriptions/listen', 'tools/Call', 'anything'],
  ])(
    'that are unknown are -32601 to a caller who is known: HTTP 200 before 2026-07-28, 404 since: %s',
    async (method) => {
      const { ran, post } = server('all');
      const older = await post({ jsonrpc: '2.0', id: 3, method });
      expect(older.statusCode).toBe(200);
      const expected = { id: 3, error: { code: -32601, message: 'Method not found' } };
      expect(JSON.parse(older.body)).toMatchObject(expected);
      const newer = await post(...modern(method, {}, 3));
      expect(newer.statusCode).toBe(404);
      expect(JSON.parse(newer.body)).toMatchObject(expected);
      expect((await post({ jsonrpc: '2.0', id: 3, method }, anonymous)).statusCode).toBe(401);
      expect(ran).toEqual([]);
    },
  );

  test('that are public are told what is wrong with their headers, without a key', async () => {
    const { post } = server('all', { publicMethods: ['initialize'] });
    const multiValueHeaders = { 'MCP-Protocol-Version': ['banana'] };
    const answer = await post({ jsonrpc: '2.0', id: 1, method: 'initialize' }, { multiValueHeaders });
    expect(answer.statusCode).toBe(400);
    expect(JSON.parse(answer.body).error.message).toContain('MCP-Protocol-Version must name a version');
    expect((await post(call('records.list'), { multiValueHeaders })).statusCode).toBe(401);
  });

  test('begin with a byte order mark, or do not: the bytes are UTF-8 in any case', async () => {
    const { ran, post } = server('all');
    const text = JSON.stringify({ ...call('records.list'), params: { name: 'records.list', arguments: {} } });
    const marked = Buffer.concat([Buffer.from([0xef, 0xbb, 0xbf]), Buffer.from(text)]);
    for (const fields of [
      { body: `\uFEFF${text}` },
      { body: marked.toString('base64'), isBase64Encoded: true },
    ]) {
      expect((await post('', fields)).statusCode).toBe(200);
    }
    const latin1 = Buffer.from(text.replace('{}', '{"q":"é"}'), 'latin1').toString('base64');
    expect((await post(latin1, { isBase64Encoded: true })).statusCode).toBe(400);
    expect(ran).toHaveLength(2);
  });

  test('whose headers differ are 400 with -32020', async () => {
    const { ran, post } = server('all');
    const multiValueHeaders = { authorization: [`Bearer ${KEY}`], 'Mcp-Name': ['lists.create'] };
    const answer = await post(call('records.list', 9), { multiValueHeaders });
    expect(answer.statusCode).toBe(400);
    expect(JSON.parse(answer.body)).toMatchObject({ id: 9, error: { code: -32020 } });
    expect(ran).toEqual([]);
  });

  test('that are not posted are 405, and on another path 404', async () => {
    const { ran, post } = server('all');
    expect(await post('', { httpMethod: 'GET' })).toMatchObject({
      statusCode: 405,
      headers: { Allow: 'POST' },
    });
    expect((await post('', { httpMethod: 'GET', ...anonymous })).statusCode).toBe(401);
    expect((await post(call('records.list'), { resource: '/other' })).statusCode).toBe(404);
    expect(ran).toEqual([]);
  });
});

describe('beyond the rate limit', () => {
  const window = { endsAt: 1010, used: 60 };
  const secret = { ...secretWith('all'), rateLimit: { limit: 60, windowSeconds: 30 }, window };
  const count: VerificationStore['count'] = async () => ({ kind: 'not_counted', secret });
  const limited = () => server('all', { store: { ...storeOf('all'), count }, tracking: 'count' });
  const refused = { 'Retry-After': '10' };

  test('a call does not run, and is a JSON-RPC error of code 429 with the id and Retry-After: HTTP 200 before 2026-07-28, 429 since', async () => {
    const { ran, post } = limited();
    const older = await post(call('records.list', 4));
    expect(older).toMatchObject({ statusCode: 200, headers: refused });
    expect(JSON.parse(older.body)).toMatchObject({ id: 4, error: { code: 429 } });
    const newer = await post(...modern('tools/call', { name: 'records.list' }, 4));
    expect(newer).toMatchObject({ statusCode: 429, headers: refused });
    expect(JSON.parse(newer.body)).toMatchObject({ id: 4, error: { code: 429 } });
    expect(ran).toEqual([]);
  });

  test('whatever else a session of the older versions sends does not end it', async () => {
    const { ran, post } = limited();
    for (const method of ['initialize', 'ping', 'tools/list', 'prompts/list']) {
      const answer = await post({ jsonrpc: '2.0', id: 5, method });
      expect(answer).toMatchObject({ statusCode: 200, headers: refused });
      expect(JSON.parse(answer.body)).toMatchObject({ id: 5, error: { code: 429 } });
    }
    const notified = await post({ jsonrpc: '2.0', method: 'notifications/initialized' });
    expect(notified).toMatchObject({ statusCode: 202, headers: refused, body: '' });
    expect((await post('{')).statusCode).toBe(429);
    expect(ran).toEqual([]);
  });
});

test('a profile that says nothing about MCP has no guard for it', () => {
  const { profile: standard } = loadProfile('standard');
  const nobody: VerdictSource = async () => ({ kind: 'refuse', code: 'missing' });
  expect(() => createGuardMcp(standard, nobody)).toThrow('nothing about MCP');
});
