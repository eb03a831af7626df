import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { type ManagementRoute, managementRoutesOf } from '../../core/management-route.ts';
import { loadProfile } from '../../lib/profile-file.ts';
import { manager, memoryOf, newWorkspace, send, signIn, startProduct, type TestProduct } from '../product.ts';

const CALLERS = [
  ...(['nobody', 'garbage', 'a reading key', 'an admin key', "another workspace's admin key"] as const),
  ...(['a revoked admin key', 'a disabled admin key', 'a management key'] as const),
  ...(['an owner', 'a member', 'a stranger who has signed in'] as const),
];
type Caller = (typeof CALLERS)[number];

/** Those that only other profiles have are tested with one of these. */
const ROUTES = managementRoutesOf(loadProfile('standard').profile);

let product: TestProduct;
/** What each kind of caller presents; `undefined` for nothing at all. */
let credentials: Record<Caller, string | undefined>;
/** An ordinary key of the workspace, the object of what is tried. */
let subject: { id: string; secret: string };
/** All that is stored, which none of the calls may change. */
let memory: Awaited<ReturnType<typeof memoryOf>>;

async function issued(fields: object, by = manager(product)): Promise<{ id: string; secret: string }> {
  const { status, body } = await by.issue(fields);
  expect(status).toBe(201);
  return { id: body.key.id, secret: body.secret };
}

beforeAll(async () => {
  product = await startProduct();
  const operator = manager(product);
  const other = await newWorkspace(product, 'other');
  const revoked = await issued({ scopes: ['admin'] });
  await operator.revoke(revoked.id);
  const disabled = await issued({ scopes: ['admin'] });
  await operator.update(disabled.id, { enabled: false });
  credentials = {
    nobody: undefined,
    garbage: 'garbage',
    'a reading key': (await issued({ scopes: ['read:all', 'write:all'] })).secret,
    'an admin key': (await issued({ scopes: ['admin'] })).secret,
    "another workspace's admin key": (await issued({ scopes: ['admin'] }, manager(other))).secret,
    'a revoked admin key': revoked.secret,
    'a disabled admin key': disabled.secret,
    'a management key': product.managementKey,
    'an owner': await signIn(product, product.users.owner),
    'a member': await signIn(product, product.users.member),
    'a stranger who has signed in': await signIn(product, 'usr_stranger'),
  };
  subject = await issued({});
  memory = await memoryOf(product, 'any');
});
afterAll(() => product.stop());

/** What a caller may expect of a route at all; `reached` when the call gets as far as its own merits. */
type Expected = 'unauthorized' | 'insufficient_scope' | 'forbidden' | 'not_found' | 'reached';

function expectedOf(caller: Caller, { method, caller: callable, path }: ManagementRoute): Expected {
  switch (caller) {
    case 'nobody':
    case 'garbage':
    case 'a revoked admin key':
      return 'unauthorized';
    case 'a disabled admin key':
      // Whoever holds a secret may end its key, even one that is disabled.
      return callable === 'holder' ? 'reached' : 'unauthorized';
    case 'a management key':
      // It ends under the operator's own AWS credentials only.
      return path === '/v1/keys/self/revoke' ? 'forbidden' : 'reached';
    case 'a reading key':
      if (isForNoKey(callable)) return 'forbidden';
      return callable === 'anyone' || callable === 'holder' ? 'reached' : 'insufficient_scope';
    case 'an admin key':
      return isForNoKey(callable) ? 'forbidden' : 'reached';
    case "another workspace's admin key":
      if (isForNoKey(callable)) return 'forbidden';
      return path.includes('{workspace}') ? 'not_found' : 'reached';
    case 'an owner':
      return callable === 'operator' || callable === 'holder' ? 'forbidden' : 'reached';
    case 'a member':
      if (callable === 'operator' || callable === 'holder') return 'forbidden';
      // Somebody else's key, who was invited and what everybody does are not for them to see.
      return method === 'GET' && /\{key\}|\/invitations$|\}\/events$/.test(path) ? 'forbidden' : 'reached';
    case 'a stranger who has signed in':
      if (callable === 'operator' || callable === 'holder') return 'forbidden';
      return path.includes('{workspace}') ? 'not_found' : 'reached';
  }
}

/** What changes a workspace would outlive the bounds of the key that changed it. */
const isForNoKey = (callable: ManagementRoute['caller']) => callable === 'operator' || callable === 'person';

const SHAPES = {
  unauthorized: { status: 401, title: 'Unauthorized', code: 'unauthorized' },
  insufficient_scope: {
    status: 403,
    title: 'Forbidden',
    code: 'insufficient_scope',
    required_scope: 'admin',
  },
  forbidden: { status: 403, title: 'Forbidden', code: 'forbidden' },
  not_found: { status: 404, title: 'Not Found', code: 'not_found' },
} as const;

describe.each(CALLERS)('%s', (caller) => {
  test.each(ROUTES.map((route) => [`${route.method} ${route.path}`, route] as const))(
    'gets from %s what it may, and changes nothing',
    async (_, route: ManagementRoute) => {
      const { method, path } = route;
      const expected = expectedOf(caller, route);
      const credential = credentials[caller];
      const url =
        product.managementUrl +
        path
          .replace('{workspace}', 'acme')
          .replace('{key}', subject.id)
          .replace('{user_id}', product.users.member);
      // A field that no route knows: whoever is let through gets no further than that, and changes nothing.
      const body = expected === 'reached' ? { unknown_to_all: true } : '';
      const answer = await send(url, {
        method,
        ...(credential !== undefined && { credential }),
        ...(method !== 'GET' && { body }),
      });
      if (expected === 'reached') expect(answer.status).toBe(method === 'GET' ? 200 : 400);
      else expect(answer).toMatchObject({ status: SHAPES[expected].status, body: SHAPES[expected] });
      const before = memory;
      memory = await memoryOf(product, 'any');
      expect(memory).toEqual(before);
    },
  );
});

test('an admin key works in its own workspace, as its own creator, and sees nothing of another', async () => {
  const admin = manager(product, credentials['an admin key']);
  const child = await admin.issue({ name: 'child' });
  expect(child).toMatchObject({
    status: 201,
    body: { key: { workspace: 'acme', created_by: product.users.owner } },
  });
  const { id } = child.body.key;
  expect((await admin.update(id, { name: 'renamed' })).body.name).toBe('renamed');
  expect((await admin.rotate(id, 0)).status).toBe(200);
  expect((await admin.revoke(id)).body.status).toBe('revoked');
  const listed = (await admin.list()).body.keys.map(({ workspace }: { workspace: string }) => workspace);
  expect(new Set(listed)).toEqual(new Set(['acme']));
});

test('a key that issues may neither name a creator nor set a rate limit', async () => {
  const admin = manager(product, credentials['an admin key']);
  expect(await admin.issue({ created_by: product.users.owner })).toMatchObject({
    status: 400,
    body: { code: 'invalid_request', field: 'created_by' },
  });
  const rate_limit = { limit: 5, window_seconds: 60 };
  expect(await admin.issue({ rate_limit })).toMatchObject({ status: 403, body: { code: 'forbidden' } });
  expect(await admin.update(subject.id, { rate_limit })).toMatchObject({
    status: 403,
    body: { code: 'forbidden' },
  });
  expect((await admin.issue({ rate_limit: null })).status).toBe(403);
});

test('a key never edits or rotates itself, and any key may end itself', async () => {
  const own = await issued({ scopes: ['admin'] });
  const self = manager(product, own.secret);
  expect((await self.update(own.id, { name: 'mine' })).status).toBe(403);
  expect((await self.update(own.id, { expires_at: null })).status).toBe(403);
  expect((await self.rotate(own.id, 0)).status).toBe(403);
  for (const { id, secret } of [own, await issued({ scopes: ['read:all'] })]) {
    const end = () =>
      send(`${product.managementUrl}/v1/keys/self/revoke`, { method: 'POST', credential: secret });
    expect(await end()).toMatchObject({ status: 200, body: { id, status: 'revoked' } });
    expect((await end()).status).toBe(401);
    expect((await send(`${product.apiUrl}/users`, { credential: secret })).status).toBe(401);
  }
});

test('a key issues nothing, and changes nothing into anything, beyond its own expiry and networks', async () => {
  const bounds = { expires_at: '2040-01-01T00:00:00Z', allowed_cidrs: ['127.0.0.0/8', '10.0.0.0/8'] };
  const bounded = await issued({ scopes: ['admin'], ...bounds });
  const admin = manager(product, bounded.secret);
  const within = { expires_at: '2039-12-31T00:00:00Z', allowed_cidrs: ['127.0.0.0/16'] };
  const child = await admin.issue(within);
  expect(child.status).toBe(201);
  for (const beyond of [
    { expires_at: null },
    { expires_at: '2040-01-01T00:00:01Z' },
    { allowed_cidrs: [] },
    { allowed_cidrs: null },
    { allowed_cidrs: ['127.0.0.0/7'] },
    { allowed_cidrs: ['127.0.0.0/16', '192.168.0.0/16'] },
    { allowed_cidrs: ['::/0'] },
  ]) {
    expect(await admin.issue({ ...within, ...beyond })).toMatchObject({
      status: 403,
      body: { code: 'forbidden' },
    });
    expect((await admin.update(child.body.key.id, beyond)).status).toBe(403);
  }
  expect((await admin.rotate(subject.id, 0)).status).toBe(403);
  expect((await admin.issue({ ...within, expires_at: bounds.expires_at })).status).toBe(201);
});

test('what a user may issue bounds what is issued in their name, also by a management key', async () => {
  const { issue } = manager(product);
  const created_by = product.users.member;
  expect(await issue({ created_by, scopes: ['admin'] })).toMatchObject({
    status: 403,
    body: { code: 'forbidden' },
  });
  expect((await issue({ created_by, scopes: ['read:all', 'admin'] })).status).toBe(403);
  expect((await issue({ created_by, scopes: ['read:all', 'write:all'] })).status).toBe(201);
  expect((await issue({ created_by: product.users.admin, scopes: ['admin'] })).status).toBe(201);
  expect(await issue({ created_by: 'usr_stranger' })).toMatchObject({
    status: 404,
    body: { code: 'not_found' },
  });
  expect(await issue({ created_by: undefined })).toMatchObject({
    status: 400,
    body: { field: 'created_by' },
  });
});
