import { brotliCompressSync } from 'node:zlib';
import { describe, expect, test } from '@jest/globals';
import httpCors from '@middy/http-cors';
import { guard, guardMcpBehindAuthorizer } from 'keyward/middleware';
import { createGuardMcp } from '../../../lambdas/guard/guard-mcp.ts';
import supersonic from '../../../profiles/supersonic.json' with { type: 'json' };
import { NOW, PRINCIPAL } from '../../core/verification/stored-secrets.ts';
import { capturedLog } from '../captured-log.ts';
import {
  type AnyMiddleware,
  authorized,
  call,
  chain,
  down,
  EARLY,
  eventOf,
  mcpGuard,
  PAGE,
  product,
  profile,
  RATE,
  tool,
} from './early-answers.ts';

capturedLog();

const broken = () => {
  throw new TypeError('x is not a function');
};

const LIMITED = authorized({ kind: 'rate_limited', principal: PRINCIPAL, rate: RATE });
const ALLOWED = authorized({ kind: 'allow', principal: PRINCIPAL });

/** Of a program, which sends no origin. */
const withoutOrigin = (fields: object) => ({ ...eventOf(), multiValueHeaders: {}, ...fields });

/** What wrappers around a guard do that log what it throws, or forget what it returns. */
const WRAPPERS: Record<string, (before: NonNullable<AnyMiddleware['before']>) => AnyMiddleware['before']> = {
  'catches what is thrown': (before) => async (request) => {
    try {
      return await before(request);
    } catch {}
  },
  'catches it and answers with something else': (before) => async (request) => {
    await before(request).catch(() => {});
    return { statusCode: 200, headers: { 'X-Own': 'yes' }, body: 'all is well' };
  },
  'catches it and asks a guard that lets the call through': (before) => async (request) => {
    await before(request).catch(() => {});
    request.event.requestContext = eventOf(ALLOWED).requestContext;
    await guard({ now: () => NOW }).before?.(request);
  },
  'catches it and asks a guard that refuses otherwise': (before) => async (request) => {
    await before(request).catch(() => {});
    request.event.requestContext = eventOf(LIMITED).requestContext;
    await guard({ now: () => NOW }).before?.(request);
  },
  'catches it and fails itself': (before) => async (request) => {
    await before(request).catch(() => {});
    throw new Error('broken inside');
  },
};

describe.each(Object.entries(WRAPPERS))('a wrapper that %s', (_name, wrap) => {
  test.each(EARLY)('does not let the handler run: %s', async (_, status, makeGuard, fields) => {
    for (const event of [eventOf(fields), eventOf(fields, PAGE, PAGE), withoutOrigin(fields)]) {
      const { before = down, ...others } = makeGuard();
      const wrapped = { ...others, before: wrap(before) as typeof before };
      const answer = await chain(wrapped)(event).catch(() => undefined);
      expect(product).not.toHaveBeenCalled();
      // What succeeds without the handler is no refusal, and a wrapper may answer otherwise.
      if (status >= 400) expect(answer).toMatchObject({ statusCode: status });
    }
  });
});

test.each<[string, () => AnyMiddleware, object]>([
  ['guard', () => guard({ now: broken }), ALLOWED],
  ['guardMcp', () => createGuardMcp(profile, down), tool],
])(
  'a wrapper that catches a fault of the guard does not let the handler run: %s',
  async (_, make, fields) => {
    const { before = down, ...others } = make();
    const catches = WRAPPERS['catches what is thrown']?.(before);
    expect(await chain({ ...others, before: catches as typeof before })(eventOf(fields))).toBeUndefined();
    expect(product).not.toHaveBeenCalled();
  },
);

describe('a refusal of the guard gains further headers from other middleware, and otherwise stays as it is', () => {
  test.each(EARLY)(
    'beside middleware that compresses answers, or writes other fields into them: %s',
    async (_, __, makeGuard, fields) => {
      const alone = await chain(makeGuard())(eventOf(fields));
      const compress = async ({ response }: { response: typeof alone & { cookies?: unknown } }) => {
        const compressed = brotliCompressSync(response.body).toString('base64');
        await Promise.resolve();
        response.body = compressed;
        response.isBase64Encoded = true;
        response.headers = { ...response.headers, 'content-encoding': 'br', Vary: 'Accept-Encoding' };
        response.headers['Content-Length'] = compressed.length;
        response.multiValueHeaders = { 'Content-Encoding': ['br'], 'Cache-Control': ['public'] };
        response.cookies = ['a=b'];
      };
      const replace = async (request: { response: typeof alone }) => {
        const response = { ...request.response };
        await compress({ response });
        request.response = response;
      };
      for (const onError of [compress, replace] as never[])
        for (const middlewares of [
          [{ onError }, makeGuard()],
          [makeGuard(), { onError }],
        ])
          expect(await chain(...middlewares)(eventOf(fields))).toEqual({
            ...alone,
            headers: { ...alone.headers, Vary: 'Accept-Encoding' },
          });
    },
  );

  test.each(EARLY)('and no header stands in two spellings: %s', async (_, __, makeGuard, fields) => {
    const added = {
      'access-control-allow-origin': '*',
      vary: 'Accept, origin',
      'content-type': 'text/html',
      'WWW-AUTHENTICATE': 'Basic',
      'cache-control': 'public',
      'x-own': 'first',
      'X-Own': 'yes',
    };
    const onErrors = [
      (request: { response: unknown }) => {
        request.response = { statusCode: 200, headers: added };
      },
      ({ response }: { response: { headers: object } }) => void Object.assign(response.headers, added),
    ] as never[];
    for (const asked of [eventOf(fields), eventOf(fields, PAGE, PAGE)]) {
      const alone = await chain(makeGuard())(asked);
      for (const onError of onErrors) {
        const { headers = {} } = await chain({ onError }, httpCors({ origin: '*' }), makeGuard())(asked);
        const names = Object.keys(headers).map((name) => name.toLowerCase());
        expect(names).toEqual([...new Set(names)]);
        const { Vary, ...own } = alone.headers ?? {};
        expect(headers).toMatchObject(own);
      }
    }
  });
});

describe('a call that the guard answers with success without the handler', () => {
  const SUCCESSES = EARLY.filter(([, status]) => status < 400);

  test.each(SUCCESSES)(
    'is no error, unless the page that asks needs cross-origin headers from other middleware: %s',
    async (_, status, makeGuard, fields) => {
      const errors: unknown[] = [];
      const logger = { onError: ({ error }: { error: unknown }) => void errors.push(error) } as AnyMiddleware;
      const ask = chain(logger, makeGuard());
      const program = await ask(withoutOrigin(fields));
      const page = await ask(eventOf(fields, PAGE, PAGE));
      expect([program.statusCode, page.statusCode]).toEqual([status, status]);
      expect(page.headers).toMatchObject({ 'Access-Control-Allow-Origin': PAGE, Vary: 'Origin' });
      expect(errors).toEqual([]);
      await ask(eventOf(fields));
      expect(errors).toEqual([expect.objectContaining({ name: 'AnsweredByGuard', statusCode: status })]);
      expect(product).not.toHaveBeenCalled();
    },
  );

  test.each(SUCCESSES)(
    'stays without it where a wrapper leaves out what the guard returns: %s',
    async (_, status, makeGuard, fields) => {
      const { before = down, ...others } = makeGuard();
      const forgets = {
        ...others,
        before: async (request: Parameters<typeof before>[0]) => void (await before(request)),
      };
      expect((await chain(forgets)(withoutOrigin(fields))).statusCode).toBe(status);
      expect(product).not.toHaveBeenCalled();
    },
  );
});

describe('several guards in one chain', () => {
  const behind = () => guardMcpBehindAuthorizer({ profile: supersonic, now: () => NOW });
  const bare = () => guard({ now: () => NOW });
  const CHAINS: Record<string, () => AnyMiddleware[]> = {
    'guardMcp, then guard': () => [behind(), bare()],
    'guard, then guardMcp': () => [bare(), behind()],
    'guardMcp twice': () => [behind(), behind()],
    'guard twice': () => [bare(), bare()],
    'all of them': () => [bare(), behind(), bare(), behind()],
  };
  const tools = ['records.list', 'unheard.of'].map((name) => ({ name }));
  const lists = { statusCode: 200, body: JSON.stringify({ jsonrpc: '2.0', id: 1, result: { tools } }) };
  const holding = (allowed: object) => ({ ...call({ method: 'tools/list' }), ...allowed });
  const all = authorized({ kind: 'allow', principal: { ...PRINCIPAL, scopes: 'all' } });

  test.each(Object.entries(CHAINS))('answer what the handler does, filtered once: %s', async (name, make) => {
    for (const origins of [undefined, PAGE]) {
      product.mockResolvedValueOnce(lists);
      const { statusCode, headers, body } = await chain(...make())(eventOf(holding(all), PAGE, origins));
      expect(statusCode).toBe(200);
      expect(headers?.['Access-Control-Allow-Origin']).toBe(origins);
      const shown = name === 'guard twice' ? tools : tools.slice(0, 1);
      expect(JSON.parse(body).result.tools).toEqual(shown);
    }
  });

  test.each(Object.entries(CHAINS))('refuse as the one that refuses: %s', async (_, make) => {
    const expires = { ...PRINCIPAL, constraints: { expiresAt: NOW, allowedCidrs: [] } };
    for (const origins of [undefined, PAGE]) {
      for (const [decided, refusal] of [
        [authorized({ kind: 'allow', principal: expires }), { statusCode: 401 }],
        [LIMITED, { headers: { 'Retry-After': '12' } }],
      ] as const) {
        const event = () => eventOf(holding(decided), PAGE, origins);
        const alone = await chain(...make())(event());
        expect(alone).toMatchObject(refusal);
        // A guard in front has let the call through, and filters what is answered.
        const inFront = mcpGuard({ kind: 'allow', principal: PRINCIPAL })();
        expect(await chain(inFront, ...make())(event())).toEqual(alone);
        expect(product).not.toHaveBeenCalled();
      }
    }
  });

  test('decide on the same message, and on none that nobody has read', async () => {
    const calls = call({ method: 'tools/call', params: { name: 'records.list', arguments: { a: 'b' } } });
    const ask = (...middlewares: AnyMiddleware[]) => chain(...middlewares)(eventOf(calls));
    const allows = mcpGuard({ kind: 'allow', principal: PRINCIPAL });
    await ask(allows(), allows());
    const { id, ...message } = JSON.parse(calls.body);
    const [[seen] = []] = product.mock.calls as unknown as [{ body: unknown; message: object }][];
    expect(seen).toMatchObject({ body: null, message: { ...message, id } });
    const replaces: AnyMiddleware = {
      before: ({ event }) => {
        event.message = { ...event.message, params: { name: 'billing.secret' } };
      },
    };
    expect((await ask(allows(), replaces, allows())).statusCode).toBe(400);
    expect(product).not.toHaveBeenCalled();
  });
});

test('what is left of a limit stands once on an answer, however the handler spells its headers', async () => {
  const rate = { ...RATE, remaining: 1 };
  product.mockResolvedValueOnce({ statusCode: 200, headers: { ratelimit: 'own', 'x-own': 'yes' }, body: '' });
  const fields = authorized({ kind: 'allow', principal: PRINCIPAL, rate });
  const { headers } = await chain(guard({ now: () => NOW }))(eventOf(fields));
  expect(headers).toEqual({
    RateLimit: '"default";r=1;t=12',
    'RateLimit-Policy': '"default";q=1;w=60',
    'x-own': 'yes',
  });
});
