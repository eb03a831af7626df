import { describe, expect, test } from '@jest/globals';
import type { VerificationStore } from '../../../core/verification/verification-store.ts';
import { capturedLog } from '../captured-log.ts';
import { anonymous, call, KEY, modern, secretWith, server, storeOf } from './mcp-server.ts';

capturedLog();

describe('MCP methods and messages', () => {
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

  test('that are public are answered with what is wrong in their headers, without a key', async () => {
    const { post } = server('all', { publicMethods: ['initialize'] });
    const multiValueHeaders = { 'MCP-Protocol-Version': ['banana'] };
    const answer = await post({ jsonrpc: '2.0', id: 1, method: 'initialize' }, { multiValueHeaders });
    expect(answer.statusCode).toBe(400);
    expect(JSON.parse(answer.body).error.message).toContain('MCP-Protocol-Version must name a version');
    expect((await post(call('records.list'), { multiValueHeaders })).statusCode).toBe(401);
  });

  test('are read as UTF-8, with or without a byte order mark', async () => {
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

  test('get 405 if they are not posted, and 404 on another path', async () => {
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

describe('a key beyond its rate limit', () => {
  const window = { endsAt: 1010, used: 60 };
  const secret = { ...secretWith('all'), rateLimit: { limit: 60, windowSeconds: 30 }, window };
  const count: VerificationStore['count'] = async () => ({ kind: 'not_counted', secret });
  const limited = () => server('all', { store: { ...storeOf('all'), count }, tracking: 'count' });
  const refused = { 'Retry-After': '10' };

  test('cannot run a tool, and gets a JSON-RPC error of code 429 with the id and Retry-After: HTTP 200 before 2026-07-28, 429 since', async () => {
    const { ran, post } = limited();
    const older = await post(call('records.list', 4));
    expect(older).toMatchObject({ statusCode: 200, headers: refused });
    expect(JSON.parse(older.body)).toMatchObject({ id: 4, error: { code: 429 } });
    const newer = await post(...modern('tools/call', { name: 'records.list' }, 4));
    expect(newer).toMatchObject({ statusCode: 429, headers: refused });
    expect(JSON.parse(newer.body)).toMatchObject({ id: 4, error: { code: 429 } });
    expect(ran).toEqual([]);
  });

  test('does not end a session of the older versions by what it sends', async () => {
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
