import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { loadProfile } from '../../lib/files/profile-file.ts';
import { send as sendRaw } from '../local/http.ts';
import { type Answer, manager, send, startAssembly, type TestProduct } from '../product.ts';
import { sharedAssembly } from '../shared-assembly.ts';

/** The first of them is the one that API Gateway's own answers can name. */
const PAGE = 'https://console.example.com';
const OTHER_PAGE = 'http://localhost:5173';
const FOREIGN = [
  'https://evil.example',
  'https://console.example.com.evil.example',
  'http://console.example.com',
  'https://console.example.com:8443',
  'null',
];
const ALLOW = 'access-control-allow-origin';

let product: TestProduct;
beforeAll(async () => {
  const { profile } = loadProfile('standard');
  const assemblyDirectory = await sharedAssembly('standard', { allowed_origins: [PAGE, OTHER_PAGE] });
  product = await startAssembly({ profile, assemblyDirectory });
});
afterAll(() => product.stop());

/** What a browser asks before it sends a page's request: without any credential. */
const preflight = (url: string, origin: string, method = 'POST') =>
  send(url, {
    method: 'OPTIONS',
    headers: {
      Origin: origin,
      'Access-Control-Request-Method': method,
      'Access-Control-Request-Headers': 'authorization,content-type',
    },
  });

const listOf = (text: string | null) => (text ?? '').split(', ').map((name) => name.toLowerCase());

describe('a preflight', () => {
  test('is answered 204 on every route without a credential, for the page that asks and for what is there', async () => {
    const { keys } = manager(product);
    for (const [url, methods] of [
      [keys, ['GET', 'POST']],
      [`${keys}/key_1`, ['GET', 'PATCH']],
      [`${product.managementUrl}/v1/me`, ['GET']],
      [`${product.apiUrl}/users`, ['GET', 'POST']],
      [`${product.apiUrl}/users/user-1`, ['GET', 'PUT', 'PATCH', 'DELETE']],
    ] as const)
      for (const origin of [PAGE, OTHER_PAGE]) {
        const { status, headers, body } = await preflight(url, origin);
        expect({ url, status, body, origin: headers.get(ALLOW) }).toEqual({
          url,
          status: 204,
          body: null,
          origin,
        });
        expect(listOf(headers.get('access-control-allow-methods')).sort()).toEqual(
          methods.map((method) => method.toLowerCase()).sort(),
        );
        const accepted = listOf(headers.get('access-control-allow-headers'));
        expect(accepted).toEqual(
          expect.arrayContaining(['authorization', 'content-type', 'idempotency-key']),
        );
        expect(headers.get('access-control-max-age')).toBe('7200');
        expect(headers.get('vary')).toBe('Origin');
      }
  });

  test('of a foreign page is told no origin, and neither is one without any', async () => {
    for (const url of [manager(product).keys, `${product.apiUrl}/users`]) {
      for (const origin of FOREIGN) {
        const { status, headers } = await preflight(url, origin);
        expect({ origin, status, allowed: headers.get(ALLOW) }).toEqual({
          origin,
          status: 204,
          allowed: null,
        });
      }
      const bare = await send(url, { method: 'OPTIONS' });
      expect({ status: bare.status, allowed: bare.headers.get(ALLOW) }).toEqual({
        status: 204,
        allowed: null,
      });
    }
  });

  test('names its page by the header of HTTP/1.1 or of HTTP/2, and by nothing else', async () => {
    const url = `${product.apiUrl}/users`;
    for (const [address, name, allowed] of [
      [url, 'Origin', PAGE],
      [url, 'origin', PAGE],
      [url, 'X-Origin', undefined],
      [`${url}?Origin=${PAGE}&origin=${PAGE}`, 'X-Origin', undefined],
    ] as const) {
      const answer = await sendRaw(address, { method: 'OPTIONS', headers: [[name, PAGE]] });
      expect({ name, allowed: answer.header(ALLOW) }).toEqual({ name, allowed });
    }
  });

  test('grants nothing: the request after it needs its credential as before', async () => {
    await preflight(manager(product).keys, PAGE);
    expect((await send(manager(product).keys, { headers: { Origin: PAGE } })).status).toBe(401);
    const { status } = await send(`${product.apiUrl}/users`, {
      method: 'OPTIONS',
      credential: 'not-a-key',
      headers: { Origin: PAGE },
    });
    expect(status).toBe(204);
  });
});

describe('an answer', () => {
  const EXPOSED = [
    'retry-after',
    'ratelimit',
    'ratelimit-policy',
    'www-authenticate',
    'x-amzn-remapped-www-authenticate',
  ];

  /** What functions answer, and what the authorizer denies, by status. */
  async function fromFunctions(origin: string) {
    const headers = { Origin: origin };
    const { keys } = manager(product);
    const users = `${product.apiUrl}/users`;
    const { secret } = (await manager(product).issue({ rate_limit: { limit: 2, window_seconds: 86_400 } }))
      .body;
    const call = (fields: object = {}) => send(users, { credential: secret, headers, ...fields });
    const { managementKey: credential } = product;
    return {
      // Before the limit is used up.
      403: await call({ body: { name: 'x' } }),
      200: await call(),
      429: await call({}).then(() => call()),
      201: await send(keys, {
        credential,
        headers,
        body: { name: 'n', scopes: ['read:all'], created_by: product.users.owner },
      }),
      400: await send(keys, { credential, headers, body: {} }),
      404: await send(`${keys}/key_00000000000000000000`, { credential, headers }),
    };
  }

  /** What API Gateway answers by itself. */
  async function fromGateway(origin: string) {
    const headers = { Origin: origin };
    return {
      401: await send(`${product.apiUrl}/users`, { credential: 'not-a-key', headers }),
      404: await send(`${product.apiUrl}/nowhere`, { headers }),
    };
  }

  function expectAllowed(answers: Readonly<Record<number, Answer>>, origin: string | null): void {
    for (const [status, answer] of Object.entries(answers))
      expect({ status: String(answer.status), allowed: answer.headers.get(ALLOW) }).toEqual({
        status,
        allowed: origin,
      });
  }

  function expectVaries(answers: Readonly<Record<number, Answer>>): void {
    for (const answer of Object.values(answers)) expect(answer.headers.get('vary')).toBe('Origin');
  }

  function expectExposed(answers: Readonly<Record<number, Answer>>): void {
    for (const answer of Object.values(answers))
      expect(listOf(answer.headers.get('access-control-expose-headers'))).toEqual(
        expect.arrayContaining(EXPOSED),
      );
  }

  test.each([PAGE, OTHER_PAGE])(
    'that a function gives, or that the authorizer denies, can be read by the page that asks: %s',
    async (origin) => {
      const answers = await fromFunctions(origin);
      expectAllowed(answers, origin);
      expectVaries(answers);
      expectExposed(answers);
      expect(answers[429].headers.get('retry-after')).toMatch(/^\d+$/);
    },
  );

  test('that API Gateway gives by itself can be read by the first page in the list, and by no other', async () => {
    for (const origin of [PAGE, OTHER_PAGE, 'https://evil.example']) {
      const answers = await fromGateway(origin);
      expectAllowed(answers, PAGE);
      expectExposed(answers);
    }
  });

  test.each(['https://evil.example', 'null'])(
    'is the same to a foreign page, which is named in none: %s',
    async (origin) => {
      const answers = await fromFunctions(origin);
      expectAllowed(answers, null);
      expectVaries(answers);
    },
  );
});
