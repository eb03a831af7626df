import { UpdateItemCommand } from '@aws-sdk/client-dynamodb';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { checksum } from '../../core/credential/key-text.ts';
import { digestOf } from '../../core/credential/secret.ts';
import { secretKey } from '../../stores/dynamodb/secrets/secret-key.ts';
import { type Answer, manager, send, startProduct, type TestProduct } from '../product.ts';
import { toItem } from '../stores/dynamodb/items.ts';

/** What every line says, in this order, before what is its own. */
const FIELDS = ['level', 'message', 'timestamp', 'service', 'stack', 'function', 'cold_start', 'request_id'];

let product: TestProduct;
let alone: TestProduct;
beforeAll(async () => {
  [product, alone] = await Promise.all([startProduct(), startProduct('supersonic')]);
});
afterAll(() => Promise.all([product.stop(), alone.stop()]));

/** The lines that functions have written themselves; what a handler throws, Lambda's runtime writes. */
function written({ lines }: TestProduct) {
  return lines
    .filter(({ source, text }) => source.startsWith('function:') && text.startsWith('{'))
    .map(({ text }) => JSON.parse(text));
}

/** The lines about one call, found by the id that its caller was given. */
function linesOf(answer: Answer, running = product) {
  const requestId = answer.headers.get('x-amz-apigw-id');
  expect(requestId).toMatch(/^[\w-]{15}=$/);
  if (answer.body?.request_id !== undefined) expect(answer.body.request_id).toBe(requestId);
  return written(running).filter(({ request_id }) => request_id === requestId);
}

const users = (credential?: string) =>
  send(`${product.apiUrl}/users`, credential === undefined ? {} : { credential });

async function issued(fields: object = {}) {
  const { body } = await manager(product).issue(fields);
  return { id: body.key.id as string, secret: body.secret as string };
}

describe('the request id of an answer leads to the log line with the reason', () => {
  test('of a 401: no key, a malformed key, an unknown key or a revoked key', async () => {
    const { id, secret } = await issued();
    await manager(product).revoke(id);
    const guessed = `kw_live_${'a'.repeat(30)}`;
    const unknown = guessed + checksum(guessed);
    for (const [credential, code] of [
      [undefined, 'missing'],
      ['kw_live_nonsense', 'malformed'],
      [unknown, 'unknown'],
      [secret, 'revoked'],
    ] as const) {
      const answer = await users(credential);
      expect(answer).toMatchObject({ status: 401, body: { request_id: expect.any(String) } });
      const known = code === 'revoked' ? { credential_id: id, workspace: 'acme' } : {};
      expect(linesOf(answer)).toEqual([
        expect.objectContaining({ message: 'refused', code, Refused: 1, ...known }),
      ]);
    }
  });

  test('of a 403: the scope that is missing', async () => {
    const { id, secret } = await issued();
    const answer = await send(`${product.apiUrl}/users`, { credential: secret, body: { name: 'x' } });
    expect(answer.status).toBe(403);
    expect(linesOf(answer)).toEqual([
      expect.objectContaining({ code: 'insufficient_scope', credential_id: id, Refused: 1 }),
    ]);
  });

  test('of a 429: the limit that is used up', async () => {
    const { secret } = await issued({ rate_limit: { limit: 1, window_seconds: 86_400 } });
    expect(linesOf(await users(secret))).toEqual([]);
    const answer = await users(secret);
    expect(answer.status).toBe(429);
    expect(linesOf(answer)).toEqual([expect.objectContaining({ code: 'rate_limited', Refused: 1 })]);
  });

  test('of a 503: the names and messages of the fault', async () => {
    const { secret } = await issued();
    const { client, secrets } = product.tables;
    const Key = toItem(secretKey(digestOf(secret)));
    await client.send(new UpdateItemCommand({ TableName: secrets, Key, UpdateExpression: 'REMOVE scopes' }));
    const answer = await users(secret);
    expect(answer.status).toBe(503);
    expect(linesOf(answer)).toEqual([
      expect.objectContaining({ level: 'ERROR', causes: [expect.any(Object)], AuthorizationFault: 1 }),
    ]);
  });

  test('of every management call: what was asked and how it was answered', async () => {
    const { managementUrl, managementKey: credential } = product;
    const missing = await send(`${managementUrl}/v1/workspaces/nowhere/keys`, { credential });
    expect(missing.status).toBe(404);
    expect(linesOf(missing)).toEqual([
      expect.objectContaining({
        message: 'answered',
        method: 'GET',
        route: '/v1/workspaces/{workspace}/keys',
        status: 404,
        outcome: 'refused',
        code: 'not_found',
        ManagementCall: 1,
      }),
    ]);
    const done = await manager(product).list();
    expect(linesOf(done)).toEqual([expect.objectContaining({ status: 200, outcome: 'done' })]);
    const bad = await manager(product).issue({ scopes: [] });
    expect(linesOf(bad)).toEqual([expect.objectContaining({ status: 400, code: 'invalid_request' })]);
  });

  test('also if a function verifies by itself', async () => {
    const body = { jsonrpc: '2.0', id: 1, method: 'tools/list' };
    const unauthorized = await send(`${alone.apiUrl}/`, { body });
    expect(unauthorized.status).toBe(401);
    expect(linesOf(unauthorized, alone)).toEqual([expect.objectContaining({ code: 'missing', Refused: 1 })]);
    const { body: key } = await manager(alone).issue({ scopes: ['graph'] });
    const call = { ...body, method: 'tools/call', params: { name: 'records.list', arguments: {} } };
    const forbidden = await send(`${alone.apiUrl}/`, { credential: key.secret, body: call });
    // An older client learns it from JSON-RPC alone.
    expect(forbidden).toMatchObject({ status: 200, body: { error: { code: 403 } } });
    expect(linesOf(forbidden, alone)).toEqual([
      expect.objectContaining({ code: 'insufficient_scope', credential_id: key.key.id }),
    ]);
  });
});

test('a header x-amzn-RequestId that a caller sends appears in no body and in no log line', async () => {
  const chosen = 'chosen-by-the-caller","code":"mine';
  const headers = { 'x-amzn-RequestId': chosen };
  const { secret } = await issued({ rate_limit: { limit: 1, window_seconds: 86_400 } });
  const { managementUrl, managementKey } = product;
  const tools = { jsonrpc: '2.0', id: 1, method: 'tools/list' };
  const statuses = [
    [200, await send(`${product.apiUrl}/users`, { credential: secret, headers })],
    [429, await send(`${product.apiUrl}/users`, { credential: secret, headers })],
    [401, await send(`${product.apiUrl}/users`, { headers })],
    [403, await send(`${product.apiUrl}/users`, { credential: secret, headers, body: { name: 'x' } })],
    [404, await send(`${product.apiUrl}/nowhere`, { headers })],
    [404, await send(`${managementUrl}/v1/workspaces/nowhere/keys`, { credential: managementKey, headers })],
    [401, await send(`${managementUrl}/v1/me`, { headers })],
    [401, await send(`${alone.apiUrl}/`, { headers, body: tools })],
  ] as const;
  const ids = new Set<unknown>();
  for (const [status, answer] of statuses) {
    expect(answer.status).toBe(status);
    // API Gateway lets a caller choose this header's value, and no other.
    expect(answer.headers.get('x-amzn-requestid')).toBe(chosen);
    const others = [...answer.headers].filter(([name]) => name !== 'x-amzn-requestid');
    expect(JSON.stringify([answer.body, others])).not.toContain('chosen-by');
    ids.add(answer.headers.get('x-amz-apigw-id'));
  }
  expect(ids.size).toBe(statuses.length);
  const lines = [...product.lines, ...alone.lines];
  expect(lines.filter(({ text }) => text.includes('chosen-by'))).toEqual([]);
});

test('an allowed call writes no log line, because API Gateway counts it', async () => {
  const { secret } = await issued();
  const before = written(product).length;
  expect((await users(secret)).status).toBe(200);
  expect(written(product)).toHaveLength(before);
});

test('every run of the sweeper logs how old the oldest pending change is', async () => {
  const sweeper = Object.values(product.assembly.functions).find(({ constructPath }) =>
    constructPath.endsWith('/Sweeper'),
  );
  await product.assembly.invoke(sweeper?.id ?? '', {});
  const swept = written(product).filter(({ message }) => message === 'swept');
  expect(swept.at(-1)).toMatchObject({ finished: 0, OldestPendingSeconds: 0, stack: 'Keyward-Standard-Api' });
});

test('every log line of every function has one shape, and names its stack and service', async () => {
  const lines = [...written(product), ...written(alone)];
  expect(new Set(lines.map(({ message }) => message)).size).toBeGreaterThan(3);
  for (const line of lines) {
    expect(Object.keys(line).slice(0, FIELDS.length)).toEqual(FIELDS);
    expect(line.stack).toMatch(/^Keyward-(Standard|Supersonic)-(Api|Sample|Data)$/);
    expect(line).toMatchObject({ service: 'keyward', timestamp: expect.stringMatching(/^\d{4}-.*Z$/) });
    for (const { Dimensions } of line._aws?.CloudWatchMetrics ?? [])
      for (const name of Dimensions.flat()) expect(line).toHaveProperty(name);
  }
});
