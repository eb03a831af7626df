import { describe, expect, jest, test } from '@jest/globals';
import middy from '@middy/core';
import type { Context } from 'aws-lambda';
import { refuseToolCall } from 'keyward/middleware';
import { createGuardMcp } from '../../../lambdas/guard/guard-mcp.ts';
import { verdictsByVerifying } from '../../../lambdas/guard/verdict-source.ts';
import type { HttpEvent } from '../../../lambdas/http/http-event.ts';
import { loadProfile } from '../../../lib/files/profile-file.ts';
import { apiKeyOf } from '../../core/verification/stored-secrets.ts';
import { capturedLog } from '../captured-log.ts';
import type { Any } from './guarded-function.ts';
import { EVENT_KINDS, type SentRequest } from './http-events.ts';
import { KEY, storeOf } from './mcp-server.ts';

capturedLog();
const { profile: supersonic } = loadProfile('supersonic');
const PATH = '/api/mcp';
const profile = {
  ...supersonic,
  mcp: { ...supersonic.mcp, path: PATH } as NonNullable<typeof supersonic.mcp>,
};
const verification = {
  credentials: [apiKeyOf({ prefix: 'supersonic_live_', randomLength: 36, hasChecksum: false })],
  store: storeOf(['records']),
  tracking: 'stamp',
} as const;

const product = jest.fn(async (event: Any): Promise<Any> => {
  const { id, method, params } = event.message;
  if (params?.name === 'records.update') return refuseToolCall(event, 'The record is of somebody else.');
  const tools = ['records.list', 'lists.create'].map((name) => ({ name }));
  const body = JSON.stringify({ jsonrpc: '2.0', id, result: method === 'tools/list' ? { tools } : {} });
  return { statusCode: 200, headers: {}, body };
});
const handler = middy()
  .use(createGuardMcp<HttpEvent>(profile, verdictsByVerifying({ profile, verification, now: () => 1000 })))
  .handler(product as Any);

const call = (name: string) => ({ method: 'tools/call', params: { name } });

describe.each(EVENT_KINDS)('behind $name, the guard of an MCP server', (kind) => {
  const send = async (
    message: object,
    request: Partial<SentRequest> = {},
    fields: object = {},
  ): Promise<Any> => {
    product.mockClear();
    const body = JSON.stringify({ jsonrpc: '2.0', id: 1, ...message });
    const headers = [['Authorization', `Bearer ${KEY}`]] as const;
    const sent = { method: 'POST', path: PATH, route: request.path ?? PATH, headers, body, ...request };
    return handler({ ...kind.toEvent(sent), ...fields } as Any, {} as Context);
  };

  test('lets a key call the tools of its scopes, and shows no others', async () => {
    expect((await send(call('records.list'))).statusCode).toBe(200);
    expect(product).toHaveBeenCalledTimes(1);
    const { result } = JSON.parse((await send({ method: 'tools/list' })).body);
    expect(result).toEqual({ tools: [{ name: 'records.list' }] });
    expect(JSON.parse((await send(call('lists.create'))).body).error).toMatchObject({
      code: 403,
      data: { required_scope: 'lists', request_id: kind.requestId },
    });
    expect(product).not.toHaveBeenCalled();
  });

  test('decodes a body in base64', async () => {
    const body = Buffer.from(JSON.stringify({ jsonrpc: '2.0', id: 7, ...call('records.list') })).toString(
      'base64',
    );
    const answer = await send({}, { body }, { isBase64Encoded: true });
    expect(JSON.parse(answer.body)).toMatchObject({ id: 7, result: {} });
  });

  test('serves its own path by POST, and no other spelling of the path', async () => {
    expect((await send(call('records.list'), { method: 'GET' })).statusCode).toBe(405);
    for (const path of ['/api/mcp/', '/API/mcp', '/api/%6dcp', '//api/mcp', '/'])
      expect((await send(call('records.list'), { path })).statusCode).toBe(404);
  });

  test('answers 401 to a bad key, and the product never runs', async () => {
    const headers = [
      ['Authorization', 'Bearer x'],
      ['Mcp-Method', 'tools/call'],
    ] as const;
    const answer = await send(call('records.list'), { headers });
    expect(answer.statusCode).toBe(401);
    expect(JSON.parse(answer.body)).toMatchObject({ id: null, error: { code: 401 } });
    expect(product).not.toHaveBeenCalled();
  });

  test('words a refusal of the product in the same way', async () => {
    const { error } = JSON.parse((await send(call('records.update'))).body);
    expect(error.data).toMatchObject({
      reason: 'The record is of somebody else.',
      request_id: kind.requestId,
    });
  });
});
