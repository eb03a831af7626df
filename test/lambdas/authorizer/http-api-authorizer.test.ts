import { beforeEach, describe, expect, test } from '@jest/globals';
import type { APIGatewayRequestAuthorizerEventV2 } from 'aws-lambda';
import { checksum } from '../../../core/credential/key-text.ts';
import { digestOf } from '../../../core/credential/secret.ts';
import { credentialTypesOf } from '../../../core/profile/profile.ts';
import { writeGuardedRoutes } from '../../../core/verification/guarded-route.ts';
import { createProductHttpApiAuthorizer } from '../../../lambdas/authorizer/product-authorizer.ts';
import { loadProfile } from '../../../lib/files/profile-file.ts';
import { memoryVerificationStore } from '../../core/verification/memory-verification-store.ts';
import { NOW, PRINCIPAL, SECRET } from '../../core/verification/stored-secrets.ts';
import { capturedLog } from '../captured-log.ts';

capturedLog();
const { profile } = loadProfile('standard');
const random = `kw_live_${'a'.repeat(30)}`;
const KEY = random + checksum(random);
const READER = { ...SECRET, principal: { ...PRINCIPAL, scopes: ['read:all'] as const } };
const EXHAUSTED = {
  ...READER,
  rateLimit: { limit: 1, windowSeconds: 60 },
  window: { endsAt: NOW + 30, used: 1 },
};

let store = memoryVerificationStore();
beforeEach(() => {
  store = memoryVerificationStore();
  store.secrets.set(digestOf(KEY), READER);
});

interface Call {
  readonly method: string;
  /** As API Gateway names the route that it has matched. */
  readonly routeKey: string;
  readonly path?: string;
  readonly authorization?: string;
  readonly sourceIp?: string;
}

/** An event of an HTTP API, payload 2.0, as AWS documents it. */
function eventOf(call: Call): APIGatewayRequestAuthorizerEventV2 {
  const { method, routeKey, path = '/users/17', authorization = `Bearer ${KEY}` } = call;
  return {
    version: '2.0',
    type: 'REQUEST',
    routeArn: `arn:aws:execute-api:eu-central-1:123456789012:abcdef123/$default/${method}${path}`,
    identitySource: [authorization],
    routeKey,
    rawPath: path,
    rawQueryString: '',
    cookies: [],
    headers: { authorization, host: 'abcdef123.execute-api.eu-central-1.amazonaws.com' },
    requestContext: {
      accountId: '123456789012',
      apiId: 'abcdef123',
      domainName: 'abcdef123.execute-api.eu-central-1.amazonaws.com',
      domainPrefix: 'abcdef123',
      http: {
        method,
        path,
        protocol: 'HTTP/1.1',
        sourceIp: call.sourceIp ?? '203.0.113.7',
        userAgent: 'curl',
      },
      requestId: 'JKJaXmPLvHcESHA=',
      routeKey,
      stage: '$default',
      time: '12/Mar/2026:19:03:58 +0000',
      timeEpoch: 1_773_342_238_000,
    },
  } as unknown as APIGatewayRequestAuthorizerEventV2;
}

function ask(call: Call, guardedRoutes = '') {
  const verification = {
    credentials: credentialTypesOf(profile),
    store,
    tracking: 'count',
  } as const;
  return createProductHttpApiAuthorizer({ profile, verification, guardedRoutes, now: () => NOW })(
    eventOf(call),
  );
}

describe('the authorizer of an HTTP API', () => {
  test('answers whether the key may call the matched route, with the context that the guard reads', async () => {
    const allowed = await ask({ method: 'GET', routeKey: 'GET /users/{id}' });
    expect(allowed.isAuthorized).toBe(true);
    expect(allowed.context).toMatchObject({ decision: 'allow', product: 'standard', scopes: 'read:all' });
    const refused = await ask({ method: 'POST', routeKey: 'POST /users' });
    expect(refused.isAuthorized).toBe(false);
    expect(refused.context).toMatchObject({ refusal: 'insufficient_scope' });
    expect(refused.context).not.toHaveProperty('decision');
  });

  test.each([
    ['a wrong key', `Bearer ${KEY.slice(0, -1)}0`],
    ['no key', ''],
    ['two keys, which API Gateway joins with a comma', `Bearer ${KEY},Bearer ${KEY}`],
    ['a key behind other text with a comma', `Basic eDp5, Bearer ${KEY}`],
  ])('throws exactly Unauthorized for %s', async (_, authorization) => {
    const call = ask({ method: 'GET', routeKey: 'GET /users/{id}', authorization });
    await expect(call).rejects.toThrow(/^Unauthorized$/);
  });

  test('decides by the method that was called where the route takes every method', async () => {
    expect((await ask({ method: 'GET', routeKey: 'ANY /users/{id}' })).isAuthorized).toBe(true);
    expect((await ask({ method: 'DELETE', routeKey: 'ANY /users/{id}' })).isAuthorized).toBe(false);
  });

  test.each(['/users/17', '//users', '/users/%2e%2e/team', '/$default'])(
    'lets nobody through on $default, whatever the path is: %s',
    async (path) => {
      expect((await ask({ method: 'GET', routeKey: '$default', path })).isAuthorized).toBe(false);
    },
  );

  test('lets a path of any length and with any characters through, because its answer names no path', async () => {
    const path = `/users/${'*?${'.repeat(400)}`;
    expect((await ask({ method: 'GET', routeKey: 'GET /users/{id}', path })).isAuthorized).toBe(true);
  });

  test('hands a call beyond its limit to a guard that the stack has named, and refuses it elsewhere', async () => {
    store.secrets.set(digestOf(KEY), EXHAUSTED);
    const guarded = `abcdef123 ${writeGuardedRoutes(['GET /users/{id}'])}`;
    const call = { method: 'GET', routeKey: 'GET /users/{id}' };
    const handedOn = await ask(call, guarded);
    expect(handedOn).toMatchObject({ isAuthorized: true, context: { decision: 'rate_limited' } });
    const refused = await ask(call);
    expect(refused).toMatchObject({ isAuthorized: false, context: { refusal: 'rate_limited' } });
  });

  test('holds a key to its networks by the address that API Gateway names', async () => {
    const constraints = { ...PRINCIPAL.constraints, allowedCidrs: ['203.0.113.0/24'] };
    store.secrets.set(digestOf(KEY), { ...READER, principal: { ...READER.principal, constraints } });
    const call = { method: 'GET', routeKey: 'GET /users/{id}' };
    expect((await ask(call)).isAuthorized).toBe(true);
    await expect(ask({ ...call, sourceIp: '198.51.100.1' })).rejects.toThrow(/^Unauthorized$/);
  });

  test('allows nothing on a fault', async () => {
    const broken = new Proxy(store, {
      get: () => () => Promise.reject(new Error('The table does not answer.')),
    });
    store = broken;
    const call = ask({ method: 'GET', routeKey: 'GET /users/{id}' });
    await expect(call).rejects.toThrow('could not be checked');
  });
});
