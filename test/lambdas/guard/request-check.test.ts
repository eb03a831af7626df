import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { createRequestGuard } from 'keyward/guard';
import { credentialTypesOf } from '../../../core/profile/profile.ts';
import { unixNow } from '../../../lambdas/environment.ts';
import { createRequestCheck, type RequestCheck } from '../../../lambdas/guard/request-check.ts';
import { loadProfile } from '../../../lib/files/profile-file.ts';
import { dynamoVerificationStore } from '../../../stores/dynamodb/secrets/verification-store.ts';
import { manager, startProduct, type TestProduct } from '../../product.ts';
import { capturedLog } from '../captured-log.ts';

const log = capturedLog();
const { profile } = loadProfile('standard');

let product: TestProduct;
let check: RequestCheck;
/** Reads everything, and writes nothing. */
let key: string;
beforeAll(async () => {
  product = await startProduct();
  const store = dynamoVerificationStore(product.tables);
  const verification = { credentials: credentialTypesOf(profile), store, tracking: 'count' } as const;
  check = createRequestCheck({ profile, verification, now: unixNow });
  key = (await manager(product).issue({ scopes: ['read:all'] })).body.secret;
});
afterAll(() => product.stop());

const checkRoute = (route: string, headers: Record<string, string[]> | Headers = bearer()) =>
  check({ route, headers, sourceAddress: '127.0.0.1', requestId: 'request-7' });
const bearer = (): Record<string, string[]> => ({ authorization: [`Bearer ${key}`] });

describe('keyward/guard', () => {
  test('gives the principal of a key that may do what the route is for, and the rest of its limit', async () => {
    expect(await checkRoute('GET /users/{id}')).toMatchObject({
      kind: 'allow',
      principal: { workspace: 'acme' },
      headers: { RateLimit: expect.stringContaining('"default";r=') },
    });
    expect(await checkRoute('GET /users/:id')).toMatchObject({ kind: 'allow' });
    expect(await checkRoute('GET /users', new Headers({ Authorization: `Bearer ${key}` }))).toMatchObject({
      kind: 'allow',
    });
  });

  test('refuses with status, headers and body, which a server sends as they are, and logs why', async () => {
    const refused = await checkRoute('POST /users');
    expect(refused).toMatchObject({ kind: 'refuse', status: 403 });
    expect(refused.kind === 'refuse' && JSON.parse(refused.body)).toMatchObject({
      code: 'insufficient_scope',
      required_scope: 'write:all',
      request_id: 'request-7',
    });
    expect(await checkRoute('GET /users', {})).toMatchObject({
      status: 401,
      headers: { 'WWW-Authenticate': 'Bearer realm="standard"', 'Cache-Control': 'no-store' },
    });
    expect(JSON.parse(log.at(-1) ?? '')).toMatchObject({
      message: 'refused',
      code: 'missing',
      request_id: 'request-7',
    });
  });

  test('refuses two credentials, whichever way a server hands them over', async () => {
    const two = [`Bearer ${key}`, `Bearer ${key}`];
    expect(await checkRoute('GET /users', { authorization: two })).toMatchObject({ status: 401 });
    const joined = new Headers(two.map((value): [string, string] => ['Authorization', value]));
    expect(await checkRoute('GET /users', joined)).toMatchObject({ status: 401 });
  });

  test('lets no key do what the profile grants nobody', async () => {
    expect(await checkRoute('GET /elsewhere')).toMatchObject({ status: 403 });
    expect(await checkRoute('HEAD /users')).toMatchObject({ status: 403 });
  });

  test.each(['GET /*', 'GET *', 'GET undefined', '/users', 'get /users', 'GET /users/', 'GET /us%65rs', ''])(
    'throws for %j, which is no route that a server has matched',
    async (route) => {
      await expect(checkRoute(route)).rejects.toThrow('is not a route: pass the method and the route');
    },
  );

  test('throws for headers that may hide a second credential', async () => {
    const headers = { authorization: `Bearer ${key}` } as unknown as Record<string, string[]>;
    await expect(checkRoute('GET /users', headers)).rejects.toThrow('pass headersDistinct');
  });

  test('does not start without a profile or without the name of its table', () => {
    expect(() => createRequestGuard({ profile: undefined as unknown as object })).toThrow(
      'createRequestGuard() needs the profile of the product',
    );
    const { profile: ours } = { profile: { name: 'x' } };
    expect(() => createRequestGuard({ profile: ours, secretsTable: 'secrets' })).toThrow('is not valid');
  });
});
