import { beforeAll, describe, expect, jest, test } from '@jest/globals';
import middy from '@middy/core';
import { McpServer as OlderServer } from '@modelcontextprotocol/sdk/server/mcp.js';
import { WebStandardStreamableHTTPServerTransport } from '@modelcontextprotocol/sdk/server/webStandardStreamableHttp.js';
import { createMcpHandler, McpServer } from '@modelcontextprotocol/server';
import type { APIGatewayProxyResult, Context } from 'aws-lambda';
import type { GuardedMcpEvent } from 'keyward/middleware';
import { judgeScopes } from '../../../core/verification/verdict.ts';
import { createGuardMcp } from '../../../lambdas/guard/guard-mcp.ts';
import { loadProfile } from '../../../lib/files/profile-file.ts';
import { encodedName } from '../../core/mcp/near-messages.ts';
import { PRINCIPAL } from '../../core/verification/stored-secrets.ts';

/**
 * What the guard answers instead of the product must be what an official server of the client's era answers: clients are
 * written against those servers.
 */
const { profile } = loadProfile('supersonic');
const TOOL = 'records.list';

/** One request: what is posted, and with which headers. */
type Sent = readonly [body: string | Uint8Array, headers?: Readonly<Record<string, string>>];
interface Answer {
  readonly status: number;
  // biome-ignore lint/suspicious/noExplicitAny: tests look into bodies of every shape.
  readonly body: any;
}

const guarded = middy<GuardedMcpEvent, APIGatewayProxyResult>()
  .use(
    createGuardMcp(profile, async (_, requirement) =>
      judgeScopes({ ...PRINCIPAL, scopes: 'all' }, requirement),
    ),
  )
  .handler(async ({ message: { id } }) => {
    return { statusCode: 200, body: JSON.stringify({ jsonrpc: '2.0', id, result: {} }) };
  });

async function guardsAnswer([body, headers = {}]: Sent): Promise<Answer> {
  const event = {
    httpMethod: 'POST',
    resource: '/',
    requestContext: { requestId: 'r' },
    multiValueHeaders: Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, [value]])),
    body: Buffer.from(body).toString('base64'),
    isBase64Encoded: true,
  };
  const answer = await guarded(event as unknown as GuardedMcpEvent, {} as Context);
  return { status: answer.statusCode, body: answer.body === '' ? null : JSON.parse(answer.body) };
}

async function olderAnswer(sent: Sent): Promise<Answer> {
  const transport = new WebStandardStreamableHTTPServerTransport({ enableJsonResponse: true });
  const server = new OlderServer({ name: 'official', version: '1' });
  server.registerTool(TOOL, {}, async () => ({ content: [] }));
  await server.connect(transport as never);
  return read(await transport.handleRequest(requestOf(sent)));
}

async function newerAnswer(sent: Sent): Promise<Answer> {
  const handler = createMcpHandler(
    () => {
      const server = new McpServer({ name: 'official', version: '1' });
      server.registerTool(TOOL, {}, async () => ({ content: [] }));
      return server;
    },
    { responseMode: 'json' },
  );
  return read(await handler.fetch(requestOf(sent)));
}

function requestOf([body, headers]: Sent): Request {
  const own = { accept: 'application/json, text/event-stream', 'content-type': 'application/json' };
  return new Request('https://mcp.invalid/', { method: 'POST', headers: { ...own, ...headers }, body });
}

async function read(response: Response): Promise<Answer> {
  const text = await response.text();
  return { status: response.status, body: text === '' ? null : JSON.parse(text) };
}

beforeAll(() => {
  jest.spyOn(console, 'warn').mockImplementation(() => {});
});

const older = (method: string, params?: object | null): Sent => [
  JSON.stringify({ jsonrpc: '2.0', id: 'a', method, params }),
  { 'mcp-protocol-version': '2025-11-25' },
];
const oldCall = (name: string) => older('tools/call', { name, arguments: {} });
const ping = JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'ping' });

describe('as the official server of 2025-11-25 answers', () => {
  test.each([
    ...['prompts/list', 'prompts/get', 'resources/list', 'resources/templates/list', 'resources/read'],
    ...['logging/setLevel', 'completion/complete', 'tasks/list', 'roots/list', 'anything', 'toString'],
  ])('an unknown method: %s', async (method) => {
    const { status, body } = await olderAnswer(older(method));
    const { data: _, ...error } = (await guardsAnswer(older(method))).body.error;
    expect(await guardsAnswer(older(method))).toMatchObject({ status, body });
    expect([status, error]).toEqual([200, body.error]);
  });

  test.each(['nobody.knows', 'record.list', 'Records.List'])('an unknown tool: %s', async (name) => {
    const official = await olderAnswer(oldCall(name));
    expect(await guardsAnswer(oldCall(name))).toEqual(official);
    expect(official.body.result.isError).toBe(true);
  });

  test.each(['récords.list', '', 'records.*', 'GET /', 'a b', '..', '工具'])(
    'a name that no tool can have, except that it is not repeated: %j',
    async (name) => {
      const official = await olderAnswer(oldCall(name));
      const answer = await guardsAnswer(oldCall(name));
      expect(answer).toEqual({
        ...official,
        body: { ...official.body, result: { ...official.body.result, content: expect.any(Array) } },
      });
      expect(answer.body.result.content[0].text).toBe('MCP error -32602: Tool not found');
    },
  );

  test.each<[string, Sent]>([
    ['a byte order mark', [new TextEncoder().encode(`\uFEFF${ping}`)]],
    ['line breaks at the end', [`${ping}\r\n\n`]],
    ['no version at all', [ping]],
    ['the oldest version', [ping, { 'mcp-protocol-version': '2024-10-07' }]],
    ['a session’s id', [ping, { 'mcp-session-id': 'a' }]],
    ['a notification', ['{"jsonrpc":"2.0","method":"notifications/initialized"}']],
    ['a notification nobody knows', ['{"jsonrpc":"2.0","method":"notifications/anything","params":{}}']],
    ['an empty id', [ping.replace('1', '""')]],
    ['an id that is null', [ping.replace('1', 'null')]],
    ['an id with a fraction', [ping.replace('1', '1.5')]],
    ['an id beyond whole numbers', [ping.replace('1', '12345678901234567890')]],
    ['no jsonrpc', [ping.replace('"jsonrpc":"2.0",', '')]],
    ['another jsonrpc', [ping.replace('2.0', '1.0')]],
    ['params in an array', [ping.replace('}', ',"params":[]}')]],
    ['a bad version', [ping, { 'mcp-protocol-version': 'banana' }]],
    ['a version that never was', [ping, { 'mcp-protocol-version': '2024-01-01' }]],
    ['an empty body', ['']],
  ])('%s, with the same HTTP status', async (_, sent) => {
    const official = await olderAnswer(sent);
    const answer = await guardsAnswer(sent);
    expect(answer.status).toBe(official.status);
    expect(answer.body === null).toBe(official.body === null);
  });
});

describe('as the official server of 2026-07-28 answers', () => {
  const newer = (method: string, params: object = {}, headers: object = {}): Sent => {
    const _meta = {
      'io.modelcontextprotocol/protocolVersion': '2026-07-28',
      'io.modelcontextprotocol/clientInfo': { name: 'raw', version: '1' },
      'io.modelcontextprotocol/clientCapabilities': {},
    };
    const body = { jsonrpc: '2.0', id: 7, method, params: { ...params, _meta } };
    const own = { 'mcp-protocol-version': '2026-07-28', 'mcp-method': method };
    return [JSON.stringify(body), { ...own, ...headers }];
  };
  const newCall = (name: string, header = encodedName(name)) =>
    newer('tools/call', { name, arguments: {} }, { 'mcp-name': header });

  test.each([
    ...['prompts/list', 'resources/list', 'resources/templates/list', 'logging/setLevel', 'tasks/get'],
    ...['completion/complete', 'anything'],
  ])('an unknown method: %s', async (method) => {
    const official = await newerAnswer(newer(method));
    expect(await guardsAnswer(newer(method))).toMatchObject(official);
    expect(official.status).toBe(404);
  });

  test.each([
    ['resources/read', { uri: 'file:///a' }, 'file:///a'],
    ['prompts/get', { name: 'a b' }, 'a b'],
  ])('an unknown method, with the name that its header has: %s', async (method, params, name) => {
    const sent = newer(method, params, { 'mcp-name': name });
    expect(await guardsAnswer(sent)).toMatchObject(await newerAnswer(sent));
  });

  test('an unknown tool', async () => {
    const official = await newerAnswer(newCall('nobody.knows'));
    expect(await guardsAnswer(newCall('nobody.knows'))).toMatchObject(official);
    expect([official.status, official.body.error.code]).toEqual([200, -32602]);
  });

  test.each(['récords.list', '', 'records.*', '工具'])(
    'a name that no tool can have, except that it is not repeated: %j',
    async (name) => {
      const { status, body } = await newerAnswer(newCall(name));
      const error = { code: body.error.code, message: 'Tool not found' };
      expect(await guardsAnswer(newCall(name))).toMatchObject({ status, body: { ...body, error } });
    },
  );

  test.each([
    ['plain', TOOL],
    ['encoded', encodedName(TOOL)],
    ['with white space around it', `  ${TOOL}\t`],
    ['of another tool', 'records.get'],
    ['of another tool, encoded', encodedName('records.get')],
    ['that is no base64', '=?base64?%%%?='],
    ['without padding', '=?base64?cmVjb3Jkcy5saXN0Cg?='],
    ['in the other alphabet', '=?base64?YT8_Yg==?='],
    ['that is no UTF-8', '=?base64?/w==?='],
    ['with markers in capitals', encodedName(TOOL).replace('base64', 'BASE64')],
  ])('a header Mcp-Name %s, with the same status and code', async (_, header) => {
    const official = await newerAnswer(newCall(TOOL, header));
    const answer = await guardsAnswer(newCall(TOOL, header));
    expect(answer.status).toBe(official.status);
    expect(answer.body.error?.code).toBe(official.body.error?.code);
  });

  test('a header Mcp-Method that is encoded, which this header never is', async () => {
    const sent = newer('tools/list', {}, { 'mcp-method': encodedName('tools/list') });
    const [official, answer] = [await newerAnswer(sent), await guardsAnswer(sent)];
    expect([answer.status, answer.body.error.code]).toEqual([400, -32020]);
    expect([official.status, official.body.error.code]).toEqual([400, -32020]);
  });
});
