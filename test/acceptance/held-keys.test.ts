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
/** Users of this suite alone. For a minute a function remembers whom it refused, and another suite may have borrowed it before. */
const USERS = { owner: 'usr_holding_owner', admin: 'usr_holding_admin', member: 'usr_held_member' };
let tokens: Record<keyof typeof USERS, string>;
beforeAll(async () => {
  product = await startProduct();
  for (const [role, user] of Object.entries(USERS))
    await send(`${product.managementUrl}/v1/workspaces/acme/members/${user}`, {
      method: 'PUT',
      credential: product.managementKey,
      body: { role },
    });
  const { owner, admin, member } = USERS;
  tokens = {
    owner: await signIn(product, owner),
    admin: await signIn(product, admin),
    member: await signIn(product, member),
  };
});
afterAll(() => product.stop());

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
    const events = await eventsOf(product);
    for (const { key, secret } of [child, grandchild]) {
      expect(key.rate_limit).toEqual(LIMIT);
      const statuses = [await statusOf(secret), await statusOf(secret), await statusOf(secret)];
      expect(statuses).toEqual([200, 200, 429]);
      const [issued] = events.filter(({ keyId }) => keyId === key.id);
      expect(issued?.after).toMatchObject({ rate_limit: LIMIT });
    }
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
    expect(child.key.rate_limit).toBeNull();
    expect(await policyOf(child.secret)).toBe('"default";q=60;w=60');
    expect((await plan('enterprise')).status).toBe(200);
    for (const { secret } of [parent, child]) expect(await policyOf(secret)).toBe('"default";q=600;w=60');
    const { update, get } = manager(other);
    expect((await get(child.key.id)).body.rate_limit).toEqual(rate_limit);
    // Narrowing a parent, like its networks or its end, does not reach what it has issued before.
    await update(parent.key.id, { rate_limit: { limit: 5, window_seconds: 60 } });
    expect(await policyOf(child.secret)).toBe('"default";q=600;w=60');
    expect((await update(child.key.id, { rate_limit: null })).body.rate_limit).toBeNull();
    expect(await policyOf(child.secret)).toBe('"default";q=6000;w=60');
  });
});

describe('a bound that a higher role or the operator has set on a key', () => {
  const as = (who: keyof typeof tokens) => manager(product, tokens[who]);
  const issuedBy = async (who: keyof typeof tokens) => (await as(who).issue()).body;

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
  });
});
