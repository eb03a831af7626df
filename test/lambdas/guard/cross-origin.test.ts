import { describe, expect, test } from '@jest/globals';
import httpCors from '@middy/http-cors';
import { guard, withCrossOriginHeaders } from 'keyward/middleware';
import { EXPOSED_HEADERS } from '../../../core/access/allowed-origins.ts';
import { answerPublic } from '../../../examples/any/product.ts';
import { PRINCIPAL } from '../../core/verification/stored-secrets.ts';
import { capturedLog } from '../captured-log.ts';
import {
  type AnyMiddleware,
  aloneGuard,
  authorized,
  type Case,
  call,
  chain,
  down,
  EARLY,
  eventOf,
  inHeader,
  mcpGuard,
  PAGE,
  product,
  RATE,
  tool,
} from './early-answers.ts';
import { secretWith } from './mcp-server.ts';

capturedLog();

const OTHER_PAGE = 'http://localhost:5173';
const FOREIGN = 'https://evil.example';
const ALLOW = 'Access-Control-Allow-Origin';

describe('an answer of the guard instead of the handler’s', () => {
  const OPTIONS: readonly (readonly [string, Parameters<typeof httpCors>[0], string])[] = [
    ['one origin', { origin: PAGE }, PAGE],
    ['several', { origins: [PAGE, OTHER_PAGE] }, PAGE],
    ['a pattern', { origins: ['https://*.example.com'] }, PAGE],
    ['any', { origin: '*' }, '*'],
    ['any, with credentials', { origin: '*', credentials: true }, PAGE],
    ['a function', { getOrigin: (origin: string) => origin }, PAGE],
  ];

  test.each(EARLY)(
    'has the headers of http-cors, whichever of the two comes first, and is otherwise as without: %s',
    async (_, status, makeGuard, fields) => {
      const alone = await chain(makeGuard())(eventOf(fields));
      expect(alone.statusCode).toBe(status);
      for (const [, options, allowed] of OPTIONS) {
        const cors = httpCors({ ...options, exposeHeaders: 'Retry-After' });
        for (const middlewares of [
          [cors, makeGuard()],
          [makeGuard(), cors],
        ]) {
          const answer = await chain(...middlewares)(eventOf(fields));
          expect(answer).toMatchObject(alone);
          expect(answer.headers).toMatchObject({
            [ALLOW]: allowed,
            'Access-Control-Expose-Headers': 'Retry-After',
          });
          expect(product).not.toHaveBeenCalled();
        }
      }
    },
  );

  test.each(EARLY)(
    'names the page that asks if the API allows it, and varies with it, without http-cors: %s',
    async (_, __, makeGuard, fields) => {
      const ask = (origin: string, origins = `${PAGE},${OTHER_PAGE}`) =>
        chain(makeGuard())(eventOf(fields, origin, origins));
      for (const origin of [PAGE, OTHER_PAGE])
        expect((await ask(origin)).headers).toMatchObject({
          [ALLOW]: origin,
          Vary: 'Origin',
          'Access-Control-Expose-Headers': EXPOSED_HEADERS,
        });
      for (const origin of [FOREIGN, `${PAGE}.evil.example`, PAGE.toUpperCase(), 'null', '']) {
        const { headers } = await ask(origin);
        expect(headers).toMatchObject({ Vary: 'Origin' });
        expect(headers).not.toHaveProperty(ALLOW);
      }
      expect((await ask(PAGE, undefined)).headers).toMatchObject({ [ALLOW]: PAGE });
      const closed = await chain(makeGuard())(eventOf(fields));
      expect(JSON.stringify(closed.headers)).not.toMatch(/Access-Control|Vary/);
    },
  );

  test.each(EARLY)(
    'can gain only further headers from the product’s own error middleware: %s',
    async (_, status, makeGuard, fields) => {
      const own = {
        statusCode: 200,
        headers: { 'X-Own': 'yes', 'Cache-Control': 'public' },
        body: 'all is well',
      };
      const alone = await chain(makeGuard())(eventOf(fields));
      for (const onError of [
        (request: { response: unknown }) => {
          request.response = own;
        },
        ({ response }: { response: object }) =>
          void Object.assign(response, own, { headers: { ...own.headers } }),
        () => own,
        () => {},
      ] as never[]) {
        for (const middlewares of [
          [{ onError }, makeGuard()],
          [makeGuard(), { onError }],
        ]) {
          const { statusCode, headers, body } = await chain(...middlewares)(eventOf(fields));
          expect({ statusCode, body }).toEqual({ statusCode: status, body: alone.body });
          expect(headers).toMatchObject(alone.headers ?? {});
          expect(product).not.toHaveBeenCalled();
        }
      }
    },
  );

  test('reaches middleware that logs errors as an error without anything of the request', async () => {
    const errors: unknown[] = [];
    const logger = { onError: ({ error }: { error: unknown }) => void errors.push(error) } as AnyMiddleware;
    await chain(logger, aloneGuard(down)())(eventOf(inHeader));
    expect(errors).toEqual([
      expect.objectContaining({
        name: 'AnsweredByGuard',
        statusCode: 500,
        message: 'The guard answered 500, so the handler was not called.',
      }),
    ]);
  });
});

describe('an answer of the handler', () => {
  const allowed = authorized({ kind: 'allow', principal: PRINCIPAL, rate: { ...RATE, remaining: 1 } });
  const guards: readonly Case[] = [
    ['guard', 200, guard, allowed],
    [
      'guardAlone',
      200,
      aloneGuard(async () => secretWith('all')),
      { ...inHeader, httpMethod: 'GET', resource: '/users' },
    ],
    ['guardMcp', 200, mcpGuard({ kind: 'allow', principal: PRINCIPAL }), tool],
  ];

  test.each(guards)(
    'gets the headers for the page that asks, beside its own headers: %s',
    async (_, status, make, fields) => {
      const ask = (origin: string) => chain(make())(eventOf(fields, origin, `${PAGE},${OTHER_PAGE}`));
      // The handler gives one object to all of them.
      const shared = { statusCode: 200, headers: { vary: 'Accept' }, body: '{}' };
      product.mockResolvedValue(shared);
      for (const origin of [PAGE, OTHER_PAGE]) {
        const answer = await ask(origin);
        expect(answer.statusCode).toBe(status);
        expect(answer.headers).toMatchObject({ [ALLOW]: origin, vary: 'Accept, Origin' });
      }
      const foreign = await ask(FOREIGN);
      expect(foreign.headers).not.toHaveProperty(ALLOW);
      expect(foreign.headers).toMatchObject({ vary: 'Accept, Origin' });
      expect(shared).toEqual({ statusCode: 200, headers: { vary: 'Accept' }, body: '{}' });
    },
  );

  test.each(guards)(
    'gets them also if other middleware makes it of an error, in either order: %s',
    async (_, __, make, fields) => {
      const onError = (request: { response: unknown }) => {
        request.response = { statusCode: 418, body: '{}' };
      };
      const handles = { onError } as unknown as AnyMiddleware;
      for (const middlewares of [
        [handles, make()],
        [make(), handles],
      ]) {
        const ask = chain(...middlewares);
        product.mockRejectedValueOnce(new Error('broken inside'));
        const { statusCode, headers } = await ask(eventOf(fields, PAGE, PAGE));
        expect({ statusCode, headers }).toMatchObject({ statusCode: 418, headers: { [ALLOW]: PAGE } });
      }
    },
  );

  test('to tools/list shows what the caller may call, with the headers', async () => {
    const tools = ['records.list', 'unheard.of'].map((name) => ({ name }));
    product.mockResolvedValueOnce({
      statusCode: 200,
      headers: {},
      body: JSON.stringify({ jsonrpc: '2.0', id: 1, result: { tools } }),
    });
    const ask = chain(mcpGuard({ kind: 'allow', principal: { ...PRINCIPAL, scopes: 'all' } })());
    const { headers, body } = await ask(eventOf(call({ method: 'tools/list' }), PAGE, PAGE));
    expect(headers).toMatchObject({ [ALLOW]: PAGE });
    expect(JSON.parse(body).result.tools).toEqual([{ name: 'records.list' }]);
  });

  test('gets them also behind two guards, whether or not the second guard lets the call through', async () => {
    product.mockResolvedValue({
      statusCode: 200,
      headers: {},
      body: '{"jsonrpc":"2.0","id":1,"result":{"tools":[]}}',
    });
    const list = call({ method: 'tools/list' });
    for (const [verdict, status] of [
      [{ kind: 'allow', principal: PRINCIPAL }, 200],
      [{ kind: 'refuse', code: 'unknown' }, 401],
    ] as const) {
      const answer = await chain(guard(), mcpGuard(verdict)())(eventOf({ ...list, ...allowed }, PAGE, PAGE));
      expect(answer).toMatchObject({ statusCode: status, headers: { [ALLOW]: PAGE } });
    }
  });

  test('keeps cross-origin headers of its own; an answer without a status stays as it is', () => {
    const event = eventOf({}, PAGE, PAGE);
    const said = { statusCode: 200, headers: { 'access-control-allow-origin': OTHER_PAGE }, body: '' };
    expect(withCrossOriginHeaders(event, said).headers).not.toHaveProperty(ALLOW);
    const repeated = {
      statusCode: 200,
      multiValueHeaders: { Vary: ['Accept'], [ALLOW]: [OTHER_PAGE] },
      body: '',
    };
    expect(withCrossOriginHeaders(event, repeated)).toMatchObject({
      multiValueHeaders: { Vary: ['Accept, Origin'], [ALLOW]: [OTHER_PAGE] },
    });
    for (const Vary of ['Origin', 'accept, ORIGIN', '*'])
      expect(withCrossOriginHeaders(event, { statusCode: 200, headers: { Vary } }).headers).toMatchObject({
        Vary,
      });
    for (const answer of [undefined, null, 'text', [1], { jsonrpc: '2.0' }])
      expect(withCrossOriginHeaders(event, answer)).toEqual(answer);
  });
});

test('a request with two origins counts as a request of no page', () => {
  const event = { ...eventOf({}, PAGE, PAGE), multiValueHeaders: { origin: [PAGE, PAGE] } };
  expect(withCrossOriginHeaders(event, { statusCode: 200 })).toEqual({
    statusCode: 200,
    headers: { Vary: 'Origin' },
  });
});

test('allowed pages can read a public route of the generic sample', () => {
  const ask = (origin: string) => answerPublic(eventOf({ path: '/news' }, origin, PAGE));
  expect(ask(PAGE)).toMatchObject({ statusCode: 200, headers: { [ALLOW]: PAGE, Vary: 'Origin' } });
  expect(ask(FOREIGN).headers).not.toHaveProperty(ALLOW);
});
