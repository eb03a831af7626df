import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { send as sendExactly } from '../local/http.ts';
import { fillSlots } from '../member-slots.ts';
import { manager, memoryOf, send, startProduct, type TestProduct } from '../product.ts';

let product: TestProduct;
beforeAll(async () => {
  product = await startProduct();
});
afterAll(() => product.stop());

async function issued(fields: object = {}): Promise<{ id: string; secret: string }> {
  const { status, body } = await manager(product).issue(fields);
  expect(status).toBe(201);
  return { id: body.key.id, secret: body.secret };
}

const FORBIDDEN = { status: 403, body: { code: 'forbidden', detail: expect.stringMatching(/^[A-Z].*\.$/) } };

test('no change lifts a member’s key above what the member may issue, whoever makes it; other changes pass', async () => {
  const created_by = product.users.member;
  const key = await issued({ created_by, scopes: ['read:all', 'write:all'] });
  const admin = manager(product, (await issued({ scopes: ['admin'] })).secret);
  const before = (await manager(product).get(key.id)).body;
  for (const caller of [manager(product), admin]) {
    for (const scopes of [['admin'], ['read:all', 'admin'], ['read:all', 'write:all', 'admin']])
      expect(await caller.update(key.id, { scopes, name: 'lifted' })).toMatchObject(FORBIDDEN);
    expect((await manager(product).get(key.id)).body).toEqual(before);
  }
  for (const caller of [manager(product), admin]) {
    for (const change of [
      { name: 'renamed' },
      { scopes: ['read:all'] },
      { scopes: ['read:all', 'write:all'] },
    ])
      expect(await caller.update(key.id, change)).toMatchObject({ status: 200, body: change });
  }
  expect((await send(`${product.apiUrl}/team`, { credential: key.secret })).status).toBe(403);
});

describe('a bounded admin key', () => {
  const expires_at = '2040-01-01T00:00:00Z';
  const allowed_cidrs = ['127.0.0.0/8'];
  const bounds = { expires_at, allowed_cidrs };

  test.each([
    ['that expires', { expires_at }, {}],
    ['of some networks', { allowed_cidrs }, {}],
    ['that expires', { expires_at }, { allowed_cidrs }],
    ['of some networks', { allowed_cidrs }, { expires_at }],
    ['that does both', bounds, { expires_at: '2040-01-01T00:00:01Z', allowed_cidrs }],
    ['that does both', bounds, { expires_at, allowed_cidrs: ['127.0.0.0/7'] }],
  ])('%s: %j does not narrow a key of %j to take it over by rotating it', async (_, own, its) => {
    const admin = manager(product, (await issued({ scopes: ['admin'], ...own })).secret);
    const stronger = await issued({ scopes: ['read:all'], ...its });
    const before = await memoryOf(product, 'any');
    expect(await admin.update(stronger.id, bounds)).toMatchObject(FORBIDDEN);
    expect(await admin.update(stronger.id, { name: 'mine' })).toMatchObject(FORBIDDEN);
    expect(await admin.rotate(stronger.id, 0)).toMatchObject(FORBIDDEN);
    expect(await memoryOf(product, 'any')).toEqual(before);
    // Ending it takes nothing over.
    expect((await admin.revoke(stronger.id)).status).toBe(200);
  });
});

test('a key that administers cannot set or remove a rate limit', async () => {
  const admin = manager(product, (await issued({ scopes: ['admin'] })).secret);
  const { id } = await issued({ rate_limit: { limit: 5, window_seconds: 60 } });
  for (const rate_limit of [null, { limit: 5, window_seconds: 60 }]) {
    expect(await admin.issue({ rate_limit })).toMatchObject(FORBIDDEN);
    expect(await admin.update(id, { rate_limit })).toMatchObject(FORBIDDEN);
  }
  expect((await manager(product).get(id)).body.rate_limit).toEqual({ limit: 5, window_seconds: 60 });
});

test('verify refuses a wildcard as an action, because a key may hold it in part', async () => {
  const { verify } = manager(product);
  const { secret: credential } = await issued({ scopes: ['admin'] });
  for (const action of [
    '* /users',
    'GET /**',
    'GET /users/**',
    'GET /users/*',
    'records.*',
    'keyward.**',
    '*',
  ])
    expect(await verify({ credential, action })).toMatchObject({
      status: 400,
      body: { code: 'invalid_request', field: 'action' },
    });
  for (const action of ['GET /users', 'GET /users/{id}', 'keyward.administer'])
    expect(await verify({ credential, action })).toMatchObject({ status: 200, body: { valid: true } });
});

test('networks are shown in one spelling, each once, and hold as they are shown', async () => {
  const written = ['127.9.9.9/8', '127.0.0.0/8', '2001:DB8:0:0:1::5/32', '2001:0db8::/32', '::1/128'];
  const shown = ['127.0.0.0/8', '2001:db8::/32', '::1/128'];
  const { body } = await manager(product).issue({ allowed_cidrs: written });
  expect(body.key.allowed_cidrs).toEqual(shown);
  expect((await manager(product).get(body.key.id)).body.allowed_cidrs).toEqual(shown);
  const me = await send(`${product.managementUrl}/v1/me`, { credential: body.secret });
  expect(me).toMatchObject({ status: 200, body: { constraints: { allowed_cidrs: expect.any(Array) } } });
  expect([...me.body.constraints.allowed_cidrs].sort()).toEqual([...shown].sort());
  const updated = await manager(product).update(body.key.id, { allowed_cidrs: ['10.1.2.3/8', '10.0.0.0/8'] });
  expect(updated).toMatchObject({ status: 200, body: { allowed_cidrs: ['10.0.0.0/8'] } });
});

describe('a path in another spelling', () => {
  /** What a path may look like besides how it is documented, each with the route it may be taken for. */
  const SPELLINGS = [
    ...['/users/', '/%75sers', '/users%2F', '//users', '/users//', '/./users', '/users/../users', '/USERS'],
    ...['/users;x', '/users%00', '/users?', '/users/%2e%2e/team', '/users/..%2fteam', '/users/%2e%2e%2fteam'],
    ...['/team/', '/%74eam', '/%74%65%61%6d', '//team', '/team%2f', '/users/../team', '/tEAM', '/team%20'],
    ...['/team/?x=/users', '/users/*', '/*', '/users/{id}', '/%2A'],
  ];
  const MANAGEMENT = ['/v1/me/', '/v1/m%65', '/v1//me', '/v1/me%2f', '/v1/workspaces/acme/', '/v1/scopes/'];
  const SEPARATE = ['/v1/workspaces/acme/keys/', '/v1/workspaces/acme/k%65ys', '/v1/workspaces/%61cme/keys'];

  const ask = (url: string, credential: string) =>
    sendExactly(url, { headers: [['Authorization', `Bearer ${credential}`]] });

  async function expectNoOddAnswer(url: string, credential: string): Promise<number> {
    const answer = await ask(url, credential);
    if (answer.status === 200) return 200;
    expect([400, 401, 403, 404]).toContain(answer.status);
    // A 403 that API Gateway gives by itself, for a path that the policy does not name, says why like any other.
    expect(answer.json()).toMatchObject({
      title: expect.stringMatching(/./),
      detail: expect.stringMatching(/^[A-Z].*\.$/),
      code: expect.stringMatching(/^[a-z_]+$/),
    });
    return answer.status;
  }

  test('never reaches a resource that the key may not use, and is answered in the documented shape', async () => {
    const reader = await issued({ scopes: ['read:all'] });
    const ended = await issued({ scopes: ['admin'] });
    await manager(product).revoke(ended.id);
    for (const path of SPELLINGS) {
      const status = await expectNoOddAnswer(product.apiUrl + path, reader.secret);
      if (status === 200)
        expect((await ask(product.apiUrl + path, reader.secret)).text).toMatch(/"users?"|Ada/);
      expect(await expectNoOddAnswer(product.apiUrl + path, ended.secret)).not.toBe(200);
    }
    for (const path of [...MANAGEMENT, ...SEPARATE])
      expect(await expectNoOddAnswer(product.managementUrl + path, ended.secret)).not.toBe(200);
    for (const path of SEPARATE)
      expect(await expectNoOddAnswer(product.managementUrl + path, reader.secret)).not.toBe(200);
  });

  test('with a slash at its end is answered like the documented path, or refused with a reason', async () => {
    const { secret } = await issued({ scopes: ['read:all'] });
    for (const url of [`${product.managementUrl}/v1/me`, `${product.apiUrl}/users`]) {
      const [plain, slashed] = [await ask(url, secret), await ask(`${url}/`, secret)];
      expect(plain.status).toBe(200);
      expect([200, 403, 404]).toContain(await expectNoOddAnswer(`${url}/`, secret));
      if (slashed.status === 200) expect(slashed.text).toBe(plain.text);
    }
  });
});

test('a member with 500 active keys is refused another one and told what to do, until one of them ends', async () => {
  const { users } = product;
  const { id } = await issued({ created_by: users.member });
  await fillSlots(product, users.member);
  const issue = () => manager(product).issue({ created_by: users.member });
  expect(await issue()).toMatchObject({
    status: 409,
    body: {
      code: 'key_limit_reached',
      detail: 'A member may have at most 500 active keys. Revoke one to issue another.',
    },
  });
  expect((await manager(product).issue()).status).toBe(201);
  expect((await manager(product).revoke(id)).status).toBe(200);
  expect((await issue()).status).toBe(201);
});
