import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { Scopes } from '../../../core/access/scope.ts';
import { Unavailable } from '../../../core/errors/fault.ts';
import { createGuardMcp } from '../../../lambdas/guard/guard-mcp.ts';
import type { VerdictSource } from '../../../lambdas/guard/verdict-source.ts';
import { loadProfile } from '../../../lib/files/profile-file.ts';
import { nearHeaders, nearMessages } from '../../core/mcp/near-messages.ts';
import { capturedLog } from '../captured-log.ts';
import { anonymous, call, KEY, modern, server, storeOf } from './mcp-server.ts';

const lines = capturedLog();

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
      { numRuns: 2_000, examples: ONE_OF_EACH },
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
          jsonrpc: '2.0',
          id: 'call-7',
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
        throw new Unavailable('the store is down');
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

test('a profile that says nothing about MCP has no guard for it', () => {
  const { profile: standard } = loadProfile('standard');
  const nobody: VerdictSource = async () => ({ kind: 'refuse', code: 'missing' });
  expect(() => createGuardMcp(standard, nobody)).toThrow('nothing about MCP');
});
