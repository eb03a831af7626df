import { request } from 'node:http';
import { describe, expect, test } from '@jest/globals';
import { REFUSALS } from '../../core/verification/refusal.ts';
import {
  cachedProduct,
  call,
  countAuthorizerReads,
  issue,
  statusOf,
  stopTime,
  useCachedProduct,
} from '../cached-product.ts';
import { type Answer, manager } from '../product.ts';

const CHALLENGE = 'ApiKey realm="library", header="x-library-key"';

useCachedProduct();

test('a verdict is cached: API Gateway asks the authorizer once for all calls and routes of a key', async () => {
  stopTime();
  const { secret } = await issue();
  const before = countAuthorizerReads();
  for (const route of ['GET /books', 'GET /books/1', 'POST /books', 'GET /books']) await call(secret, route);
  expect(countAuthorizerReads()).toBe(before + 1);
});

describe('a cached verdict is right for every route, whichever route was called first', () => {
  const routes = ['GET /books', 'POST /books', 'DELETE /books/1'];
  const allowed = [
    ['read', ['GET /books']],
    ['write', ['GET /books', 'POST /books']],
    ['keys', []],
  ] as const;
  const orders = routes.map((first) => [first, ...routes.filter((route) => route !== first)]);

  test.each(allowed)('for a key that may %s', async (scope, may: readonly string[]) => {
    stopTime();
    for (const order of orders) {
      const { secret } = await issue({ scopes: [scope] });
      for (const route of order) {
        const { status, body } = await call(secret, route);
        if (may.includes(route)) {
          expect([order, route, Math.floor(status / 100)]).toEqual([order, route, 2]);
          continue;
        }
        const { detail } = REFUSALS.forbidden;
        expect([order, route, status]).toEqual([order, route, 403]);
        expect(body).toMatchObject({ title: 'Forbidden', code: 'forbidden', detail });
        expect(body).not.toHaveProperty('required_scope');
      }
    }
  });

  test('and a path without a route stays 404', async () => {
    const { secret } = await issue();
    expect([await statusOf(secret, 'GET /books'), await statusOf(secret, 'GET /other')]).toEqual([200, 404]);
  });
});

describe('the guard checks again what a cached verdict cannot know', () => {
  test('a key that expires while its verdict is cached is refused by the guard from that second on', async () => {
    stopTime();
    const { secret, expiresAt, first } = await issueEndingSoon();
    const reads = countAuthorizerReads();
    const history = [first];
    do {
      await new Promise((resolve) => setTimeout(resolve, 100));
      history.push(await timedCall(secret));
    } while (history.at(-1)?.answer.status === 200);
    const refused = history.at(-1)?.answer;
    expect(refused).toMatchObject({ status: 401, body: { code: 'unauthorized' } });
    expect(refused?.headers.get('x-amzn-remapped-www-authenticate')).toBe(CHALLENGE);
    const accepts = history.slice(0, -1);
    expect(accepts.length).toBeGreaterThan(0);
    expect(accepts.filter(({ startedAt }) => startedAt >= expiresAt * 1000)).toEqual([]);
    expect(countAuthorizerReads()).toBe(reads);
  });

  test('a second credential beside the one whose verdict is cached is 401, in either order', async () => {
    stopTime();
    const { secret } = await issue();
    expect(await statusOf(secret)).toBe(200);
    const before = countAuthorizerReads();
    const other = (await issue()).secret;
    for (const values of [
      [other, secret],
      [secret, other],
      [secret, secret],
    ])
      expect(await statusWith(values)).toBe(401);
    expect(countAuthorizerReads()).toBe(before);
    expect(await statusOf(secret)).toBe(200);
  });
});

interface TimedCall {
  /** Milliseconds since the Unix epoch: keys end by this clock. */
  readonly startedAt: number;
  readonly answer: Answer;
}

async function timedCall(secret: string): Promise<TimedCall> {
  return { startedAt: Date.now(), answer: await call(secret) };
}

interface EndingKey {
  readonly secret: string;
  readonly expiresAt: number;
  readonly first: TimedCall;
}

/** Issues a key that ends as soon as can be, and calls with it, so that a verdict is cached. */
async function issueEndingSoon(): Promise<EndingKey> {
  for (let seconds = 2; ; seconds *= 2) {
    const expiresAt = Math.floor(Date.now() / 1000) + seconds;
    const expires_at = new Date(expiresAt * 1000).toISOString();
    const { status, body } = await manager(cachedProduct()).issue({ scopes: ['write'], expires_at });
    // On a slow machine the end is over before the question arrives, which is a 400, or before the first call.
    const first = status === 201 ? await timedCall(body.secret) : undefined;
    if (first?.answer.status === 200) return { secret: body.secret, expiresAt, first };
  }
}

/** Sends each value in a line of its own, which `fetch` cannot. */
function statusWith(values: readonly string[]): Promise<number | undefined> {
  return new Promise((resolve, reject) => {
    const headers = { 'x-library-key': [...values] };
    request(`${cachedProduct().apiUrl}/books`, { headers }, (response) => {
      response.resume();
      resolve(response.statusCode);
    })
      .on('error', reject)
      .end();
  });
}
