import { describe, expect, test } from '@jest/globals';
import { capturedLog } from '../captured-log.ts';
import { BEARER, guardedFunction } from './guarded-function.ts';
import { EVENT_KINDS, HTTP_API, type SentRequest } from './http-events.ts';

capturedLog();

/** A REST API always says which route it has matched. */
const UNROUTED = EVENT_KINDS.filter(({ name }) => name !== 'a REST API');

describe.each(UNROUTED)('behind $name that has matched no route', (kind) => {
  const call = async (path: string, method = 'GET') => {
    const { call, product } = guardedFunction();
    const { statusCode } = await call(kind, { method, path, headers: [BEARER] });
    expect(product).toHaveBeenCalledTimes(statusCode === 200 ? 1 : 0);
    return statusCode;
  };

  test('the path decides, by the routes of the profile', async () => {
    expect(await call('/orders')).toBe(200);
    expect(await call('/orders/17')).toBe(200);
    expect(await call('/orders/a%40b.example')).toBe(200);
    expect(await call('/orders/J%C3%BCrgen%20M')).toBe(200);
    // An HTTP API has decoded the path before.
    expect(await call('/orders/Jürgen M')).toBe(200);
    expect(await call('/orders/settings')).toBe(403);
    expect(await call('/orders/17/lines')).toBe(403);
  });

  test.each([
    '/orders/',
    '//orders',
    '/orders//17',
    '/orders/%2e%2e/orders',
    '/orders/../orders',
    '/orders/.',
    '/orders/17%2Flines',
    '/orders/17%5clines',
    '/orders/settings;x',
    '/orders/17;x',
    '/orders/SETTINGS',
    '/orders/%73ettings',
    '/orders/settings ',
    '/orders/ ',
    '/orders/%20',
    '/orders/%20..',
    '/orders/settings%20',
    '/orders/\uff53ettings',
    '/orders/17\uff0flines',
    '/orders/%2573ettings',
    '/ORDERS/17',
    '/orders/ſettings',
    '/orders/%C5%BFettings',
    '/orders/17?',
    '/orders/%00',
    '/orders/%ff',
    '/orders/*',
    '/orders/{id}',
    'orders/17',
    '',
  ])('a path that a router could read in another way is refused: %s', async (path) => {
    expect(await call(path)).toBe(403);
  });

  test.each(['get', 'GET ', 'HEAD', '*', ''])(
    'the method must be the one of the route: %j',
    async (method) => {
      expect(await call('/orders/17', method)).toBe(403);
    },
  );
});

describe('the route of an HTTP API', () => {
  const withKey = (routeKey: string) => ({
    toEvent: (request: SentRequest) => ({ ...HTTP_API.toEvent(request), routeKey }),
  });

  test('for any method is checked for the method that was called', async () => {
    const { call } = guardedFunction();
    const any = withKey('ANY /orders');
    expect((await call(any, { path: '/orders', headers: [BEARER] })).statusCode).toBe(200);
    expect((await call(any, { method: 'POST', path: '/orders', headers: [BEARER] })).statusCode).toBe(403);
  });

  test('for a whole subtree needs a scope that grants the whole subtree, whatever the path is', async () => {
    const { call } = guardedFunction();
    const greedy = withKey('ANY /{proxy+}');
    expect((await call(greedy, { path: '/orders/17', headers: [BEARER] })).statusCode).toBe(403);
  });
});
