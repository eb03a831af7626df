import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import middy from '@middy/core';
import type { APIGatewayProxyResult, Context } from 'aws-lambda';
import type { GuardedEvent } from 'keyward/middleware';
import { credentialTypesOf } from '../../../core/profile/profile.ts';
import { unixNow } from '../../../lambdas/environment.ts';
import { createGuardAlone } from '../../../lambdas/guard/profile-guards.ts';
import { loadProfile } from '../../../lib/files/profile-file.ts';
import { dynamoVerificationStore } from '../../../stores/dynamodb/secrets/verification-store.ts';
import { type Answer, manager, send, startProduct, type TestProduct } from '../../product.ts';
import { capturedLog } from '../captured-log.ts';

/** The origins whose pages may call the function with the guard alone. */
const [PAGE, OTHER_PAGE] = ['https://app.example.com', 'http://localhost:5173'];

/** Of the context of each request to the guarded function. */
const REQUEST_ID = 'guard-alone-123=';

capturedLog();
const { profile } = loadProfile('standard');

/** The product `standard` behind its authorizer, and a function with nothing but the guard that reads the same table. */
let authorized: TestProduct;
let handler: (event: GuardedEvent, context: Context) => Promise<APIGatewayProxyResult>;
beforeAll(async () => {
  authorized = await startProduct();
  const verification = {
    credentials: credentialTypesOf(profile),
    store: dynamoVerificationStore(authorized.tables),
    tracking: 'count',
  } as const;
  handler = middy()
    .use(createGuardAlone({ profile, verification, now: unixNow }))
    .handler(async ({ principal }: GuardedEvent) => ({ statusCode: 200, body: JSON.stringify(principal) }));
});
afterAll(() => authorized.stop());

interface Call {
  readonly route?: string;
  readonly credential?: string | undefined;
  readonly origin?: string;
}

/** Calls the function with the guard alone, on an API that allows two origins. */
async function callAlone({ route = 'GET /users', credential, origin }: Call): Promise<Answer> {
  const [httpMethod, resource] = route.split(' ');
  const answer = await handler(
    {
      httpMethod,
      resource,
      multiValueHeaders: {
        ...(credential !== undefined && { Authorization: [`Bearer ${credential}`] }),
        ...(origin !== undefined && { Origin: [origin] }),
      },
      requestContext: { extendedRequestId: REQUEST_ID, identity: { sourceIp: '127.0.0.1' } },
      stageVariables: { keywardAllowedOrigins: `${PAGE},${OTHER_PAGE}` },
    } as unknown as GuardedEvent,
    {} as Context,
  );
  const headers = new Headers(answer.headers as Record<string, string>);
  return { status: answer.statusCode, headers, body: JSON.parse(answer.body) };
}

/** Calls the same route of the product behind its authorizer. */
function callAuthorized({ route = 'GET /users', credential }: Call): Promise<Answer> {
  const [method = '', path] = route.split(' ');
  return send(`${authorized.apiUrl}${path}`, {
    method,
    ...(credential !== undefined && { credential }),
    ...(method === 'POST' && { body: { name: 'new' } }),
  });
}

const both = [callAuthorized, callAlone];
const issue = async (fields: object = {}) => (await manager(authorized).issue(fields)).body;

test('a key that the authorizer would let in is let in, and the answer shows its limit', async () => {
  const { key, secret } = await issue();
  for (const [index, call] of both.entries()) {
    const { status, headers } = await call({ credential: secret });
    expect(status).toBe(200);
    expect(headers.get('ratelimit-policy')).toBe('"default";q=6000;w=60');
    expect(headers.get('ratelimit')).toMatch(new RegExp(`^"default";r=${5999 - index};t=\\d+$`));
  }
  const { body } = await callAlone({ credential: secret });
  expect(body).toMatchObject({ credentialId: key.id, workspace: 'acme', scopes: ['read:all'] });
});

describe('a refusal reads the same from the guard alone as from the authorizer', () => {
  const without = ({ request_id, ...body }: Record<string, unknown>) => body;

  test('401 with a challenge for every bad credential, and with the header where a key belongs', async () => {
    const { key, secret } = await issue();
    await manager(authorized).revoke(key.id);
    const bodies = [];
    for (const call of both)
      for (const credential of [undefined, 'not-a-key', secret, authorized.managementKey]) {
        const { status, headers, body } = await call({ credential });
        expect(status).toBe(401);
        // API Gateway renames this header when a function sends it.
        expect(headers.get('www-authenticate')).toBe('Bearer realm="standard"');
        expect(body.request_id).toMatch(call === callAlone ? /^guard-alone-123=$/ : /^[\w-]{15}=$/);
        bodies.push(without(body));
      }
    expect(bodies[0]).toMatchObject({ title: 'Unauthorized', code: 'unauthorized', status: 401 });
    expect(bodies[0]?.detail).toContain('in the header Authorization: Bearer KEY');
    for (const body of bodies) expect(body).toEqual(bodies[0]);
  });

  test('403 with the scope that is missing, word for word', async () => {
    const { secret } = await issue();
    const bodies = [];
    for (const call of both) {
      const { status, body } = await call({ route: 'POST /projects', credential: secret });
      expect(status).toBe(403);
      bodies.push(without(body));
    }
    expect(bodies[0]).toMatchObject({ code: 'insufficient_scope', required_scope: 'write:all' });
    expect(bodies[1]).toEqual(bodies[0]);
  });

  test('429 with Retry-After and the rest of the limit, word for word', async () => {
    const { secret } = await issue({ rate_limit: { limit: 1, window_seconds: 86_400 } });
    expect((await callAlone({ credential: secret })).status).toBe(200);
    const bodies = [];
    for (const call of both) {
      const { status, headers, body } = await call({ credential: secret });
      expect(status).toBe(429);
      expect(Number(headers.get('retry-after'))).toBeGreaterThanOrEqual(1);
      expect(headers.get('ratelimit')).toMatch(/^"default";r=0;t=\d+$/);
      bodies.push(without(body));
    }
    expect(bodies[1]).toEqual(bodies[0]);
  });
});

test('the guard alone lets in exactly as many calls as the limit allows, however many come at once', async () => {
  const { secret } = await issue({ rate_limit: { limit: 7, window_seconds: 86_400 } });
  const answers = await Promise.all(Array.from({ length: 40 }, () => callAlone({ credential: secret })));
  expect(answers.filter(({ status }) => status === 200)).toHaveLength(7);
  expect(answers.filter(({ status }) => status === 429)).toHaveLength(33);
});

test('a revoked key is refused by the guard alone on the very next request', async () => {
  const { key, secret } = await issue();
  expect((await callAlone({ credential: secret })).status).toBe(200);
  await manager(authorized).revoke(key.id);
  expect((await callAlone({ credential: secret })).status).toBe(401);
});

test.each([
  [PAGE, PAGE],
  [OTHER_PAGE, OTHER_PAGE],
  ['https://evil.example', null],
])(
  'a page of %s reads refusals of the guard and answers of the handler only where the API allows it',
  async (origin, allowed) => {
    const { secret } = await issue({ rate_limit: { limit: 1, window_seconds: 86_400 } });
    const answers = [];
    for (const call of [
      {},
      { route: 'POST /users', credential: secret },
      { credential: secret },
      { credential: secret },
    ])
      answers.push(await callAlone({ ...call, origin }));
    const seen = answers.map(({ status, headers }) => ({
      status,
      vary: headers.get('vary'),
      allowed: headers.get('access-control-allow-origin'),
    }));
    expect(seen).toEqual([401, 403, 200, 429].map((status) => ({ status, vary: 'Origin', allowed })));
  },
);
