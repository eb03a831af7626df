import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { manager, send, startProduct, type TestProduct } from '../product.ts';

let product: TestProduct;
/** What an administering key of the workspace presents. */
let adminKey: string;
/** An ordinary key of the workspace, the object of what is tried. */
let subject: { id: string; secret: string };

async function issued(fields: object, by = manager(product)): Promise<{ id: string; secret: string }> {
  const { status, body } = await by.issue(fields);
  expect(status).toBe(201);
  return { id: body.key.id, secret: body.secret };
}

beforeAll(async () => {
  product = await startProduct();
  adminKey = (await issued({ scopes: ['admin'] })).secret;
  subject = await issued({});
});
afterAll(() => product.stop());

test('an admin key works in its own workspace, as its own creator, and sees nothing of another', async () => {
  const admin = manager(product, adminKey);
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
  const admin = manager(product, adminKey);
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

test('a key never edits or rotates itself, and any key may revoke itself', async () => {
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

test('a key cannot issue or change a key to outlast its own expiry or leave its own networks', async () => {
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

test('a key issued in a user’s name is bounded by what that user may issue, also if a management key issues it', async () => {
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
