import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import {
  eventsOf,
  manager,
  newWorkspace,
  refusalsOf,
  send,
  signIn,
  startProduct,
  type TestProduct,
} from '../product.ts';

let product: TestProduct;
let tokens: Record<'owner' | 'admin' | 'member', string>;
beforeAll(async () => {
  product = await startProduct();
  const { owner, admin, member } = product.users;
  tokens = {
    owner: await signIn(product, owner),
    admin: await signIn(product, admin),
    member: await signIn(product, member),
  };
});
afterAll(() => product.stop());

const FORBIDDEN = { status: 403, body: { code: 'forbidden' } };
const statusOf = async (secret: string) =>
  (await send(`${product.apiUrl}/users`, { credential: secret })).status;

describe('a key with a limit of its own', () => {
  /** Long enough that a test meets one window, but for once in a few hundred runs; then the next one has as much. */
  const LIMIT = { limit: 2, window_seconds: 3_600 };
  const admins = (secret: string) => manager(product, secret);
  const limited = async (over: object = {}) =>
    (await manager(product).issue({ scopes: ['admin'], rate_limit: LIMIT, ...over })).body;

  test('issues keys with at most the same limit, and so do the keys that it issued', async () => {
    const parent = await limited();
    const child = (await admins(parent.secret).issue({ scopes: ['admin'] })).body;
    const grandchild = (await admins(child.secret).issue()).body;
    for (const { key, secret } of [child, grandchild]) {
      expect(key.rate_limit).toEqual(LIMIT);
      expect([await statusOf(secret), await statusOf(secret), await statusOf(secret)]).toEqual([
        200, 200, 429,
      ]);
      const [issued] = (await eventsOf(product)).filter(({ keyId }) => keyId === key.id);
      expect(issued?.after).toMatchObject({ rate_limit: LIMIT });
    }
  });

  test('cannot rotate or change a key with a wider limit, but can change keys that it issued itself', async () => {
    const parent = await limited();
    const { update, rotate, issue } = admins(parent.secret);
    const wider = (await manager(product).issue()).body.key.id;
    const wide = expect.stringContaining('wider rate limit');
    expect(await rotate(wider, 0)).toMatchObject({ status: 403, body: { detail: wide } });
    expect(await update(wider, { name: 'mine' })).toMatchObject({ status: 403, body: { detail: wide } });
    const own = (await issue()).body.key.id;
    expect((await update(own, { name: 'mine' })).status).toBe(200);
    expect((await rotate(own, 0)).body.key.rate_limit).toEqual(LIMIT);
  });

  test('bounds the keys that it issued under any later plan, unless the operator then sets another limit on them', async () => {
    const other = await newWorkspace(product, 'held-by-plan');
    const plan = (name: string) =>
      send(`${product.managementUrl}/v1/workspaces/${other.workspace}`, {
        method: 'PATCH',
        credential: product.managementKey,
        body: { plan: name },
      });
    const policyOf = async (secret: string) =>
      (await send(`${product.apiUrl}/users`, { credential: secret })).headers.get('ratelimit-policy');
    await plan('free');
    const rate_limit = { limit: 600, window_seconds: 60 };
    const parent = (await manager(other).issue({ scopes: ['admin'], rate_limit })).body;
    const child = (await manager(other, parent.secret).issue({ scopes: ['admin'] })).body;
    const grandchild = (await manager(other, child.secret).issue()).body;
    const free = (await manager(other).issue({ scopes: ['admin'] })).body;
    const follower = (await manager(other, free.secret).issue()).body;
    const children = [child, grandchild, follower];
    expect(children.map(({ key }) => key.rate_limit)).toEqual([null, null, null]);
    for (const { secret } of children) expect(await policyOf(secret)).toBe('"default";q=60;w=60');
    expect((await plan('enterprise')).status).toBe(200);
    for (const { secret } of [parent, child, grandchild])
      expect(await policyOf(secret)).toBe('"default";q=600;w=60');
    expect(await policyOf(follower.secret)).toBe('"default";q=6000;w=60');
    const { update, get } = manager(other);
    expect((await get(grandchild.key.id)).body.rate_limit).toEqual(rate_limit);
    // Narrowing a parent, like its networks or its end, does not reach what it has issued before.
    await update(parent.key.id, { rate_limit: { limit: 5, window_seconds: 60 } });
    expect(await policyOf(child.secret)).toBe('"default";q=600;w=60');
    expect((await update(child.key.id, { rate_limit: null })).body.rate_limit).toBeNull();
    expect(await policyOf(child.secret)).toBe('"default";q=6000;w=60');
  });
});

describe('a bound that a higher role or the operator has set on a key', () => {
  const as = (who: keyof typeof tokens) => manager(product, tokens[who]);
  const operator = () => manager(product);
  const issuedBy = async (who: keyof typeof tokens, over: object = {}) => (await as(who).issue(over)).body;

  test('cannot be undone by the key’s maker: only an owner enables a key that an owner disabled', async () => {
    const { key, secret } = await issuedBy('member');
    expect((await as('owner').update(key.id, { enabled: false })).status).toBe(200);
    for (const who of ['member', 'admin'] as const)
      expect(await as(who).update(key.id, { enabled: true })).toMatchObject({
        status: 403,
        body: {
          detail: 'The key was disabled by an owner. Only an owner or the operator may enable it again.',
        },
      });
    expect((await refusalsOf(product)).map(({ action, keyId }) => [action, keyId])).toContainEqual([
      ...['PATCH /v1/workspaces/{workspace}/keys/{key}', key.id],
    ]);
    // Neither a new secret nor another name sheds it.
    const rotated = await as('member').rotate(key.id, 600);
    expect(rotated).toMatchObject({ status: 200, body: { key: { status: 'disabled' } } });
    expect((await as('member').update(key.id, { name: 'mine', enabled: false })).status).toBe(200);
    expect((await as('member').update(key.id, { enabled: true })).status).toBe(403);
    for (const each of [secret, rotated.body.secret]) expect(await statusOf(each)).toBe(401);
    expect((await as('owner').update(key.id, { enabled: true })).status).toBe(200);
    expect(await statusOf(rotated.body.secret)).toBe(200);
    // From then on it is its maker's again.
    for (const enabled of [false, true])
      expect((await as('member').update(key.id, { enabled })).status).toBe(200);
  });

  test('may be narrowed further by its maker, and never loosened beyond: networks, expiry, scopes', async () => {
    const { key } = await issuedBy('member', { scopes: ['read:all', 'write:all'] });
    const set = { allowed_cidrs: ['10.0.0.0/8'], expires_at: '2040-01-01T00:00:00Z', scopes: ['read:all'] };
    expect((await operator().update(key.id, set)).status).toBe(200);
    const looser = [
      ...[{ allowed_cidrs: [] }, { allowed_cidrs: null }, { allowed_cidrs: ['10.0.0.0/8', '192.0.2.0/24'] }],
      ...[
        { expires_at: null },
        { expires_at: '2040-01-01T00:00:01Z' },
        { scopes: ['read:all', 'write:all'] },
      ],
    ];
    for (const who of ['member', 'admin', 'owner'] as const)
      for (const fields of looser) {
        const { status, body } = await as(who).update(key.id, fields);
        expect({ who, fields, status, detail: body.detail }).toEqual({
          who,
          fields,
          status: 403,
          detail: expect.stringContaining('Only the operator may'),
        });
      }
    const narrower = { allowed_cidrs: ['10.1.0.0/16'], expires_at: '2039-01-01T00:00:00Z' };
    expect((await as('member').update(key.id, narrower)).status).toBe(200);
    expect((await as('member').update(key.id, set)).status).toBe(200);
    expect((await operator().update(key.id, { allowed_cidrs: [], expires_at: null })).status).toBe(200);
    expect((await as('member').update(key.id, { expires_at: '2041-01-01T00:00:00Z' })).status).toBe(200);
  });

  test('takes effect when the key is issued, and also binds the keys that it issues', async () => {
    const { member } = product.users;
    const expires_at = '2040-01-01T00:00:00Z';
    const { key } = (await operator().issue({ created_by: member, expires_at })).body;
    expect(await as('member').update(key.id, { expires_at: null })).toMatchObject(FORBIDDEN);
    const helper = (await operator().issue({ scopes: ['admin'], created_by: product.users.admin })).body;
    expect(await manager(product, helper.secret).update(key.id, { expires_at: null })).toMatchObject(
      FORBIDDEN,
    );
    expect((await manager(product, helper.secret).update(key.id, { enabled: false })).status).toBe(200);
    expect(await as('member').update(key.id, { enabled: true })).toMatchObject({
      status: 403,
      body: { detail: expect.stringContaining('disabled by an admin') },
    });
    expect((await as('owner').update(key.id, { enabled: true })).status).toBe(200);
  });
});
