import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import {
  eventsOf,
  manager,
  newWorkspace,
  type ReachableWorkspace,
  send,
  signIn,
  startProduct,
  type TestProduct,
} from '../product.ts';

let product: TestProduct;
beforeAll(async () => {
  product = await startProduct();
});
afterAll(() => product.stop());

let slugs = 0;
let other: ReachableWorkspace;
beforeEach(async () => {
  slugs += 1;
  other = await newWorkspace(product, `members-${slugs}`);
});

const urlOf = (path = '') => `${product.managementUrl}/v1/workspaces/${other.workspace}${path}`;
const ask = (method: string, path: string, body?: object) =>
  send(urlOf(path), { method, credential: product.managementKey, ...(body && { body }) });
const member = (userId: string) => `/members/${encodeURIComponent(userId)}`;
const put = (userId: string, role: string) => ask('PUT', member(userId), { role });

async function members(): Promise<Record<string, string>> {
  const { status, body } = await ask('GET', '/members');
  expect(status).toBe(200);
  return Object.fromEntries(body.members.map(({ user_id, role }: Record<string, string>) => [user_id, role]));
}

const limitOf = async (secret: string) =>
  (await send(`${product.apiUrl}/users`, { credential: secret })).headers.get('ratelimit-policy');

test('a member is added, changed and removed, and the list shows each at once', async () => {
  const { owner } = other.users;
  const added = await put('usr_1', 'admin');
  expect(added).toMatchObject({ status: 201, body: { user_id: 'usr_1', role: 'admin' } });
  expect(new Date(added.body.created_at).toISOString()).toBe(added.body.created_at);
  expect(await members()).toEqual({ [owner]: 'owner', usr_1: 'admin' });
  expect(await put('usr_1', 'member')).toMatchObject({ status: 200, body: { role: 'member' } });
  expect(await put('usr_1', 'member')).toMatchObject({ status: 200, body: { role: 'member' } });
  expect(await members()).toEqual({ [owner]: 'owner', usr_1: 'member' });
  const removed = await ask('DELETE', member('usr_1'));
  expect(removed).toMatchObject({ status: 200, body: { user_id: 'usr_1', revoked: [], kept: [] } });
  expect(await members()).toEqual({ [owner]: 'owner' });
  expect(await ask('DELETE', member('usr_1'))).toMatchObject({ status: 404, body: { code: 'not_found' } });
  const written = (await eventsOf(product)).filter(({ workspace }) => workspace === other.workspace);
  expect(written).toMatchObject([
    { type: 'workspace.created' },
    { type: 'member.added', userId: 'usr_1', before: { role: null }, after: { role: 'admin' } },
    { type: 'member.role_changed', userId: 'usr_1', before: { role: 'admin' }, after: { role: 'member' } },
    { type: 'member.removed', userId: 'usr_1', before: { role: 'member' }, after: { role: null } },
  ]);
});

test('any opaque user id is a member under exactly that id', async () => {
  const ids = ['auth0|5f7c', 'a/b c?d#e%2F', 'ünï#MEMBER#x', 'u'.repeat(255)];
  for (const id of ids) expect((await put(id, 'member')).status).toBe(201);
  expect(Object.keys(await members()).sort()).toEqual([...ids, other.users.owner].sort());
  for (const id of ids) expect((await ask('DELETE', member(id))).body.user_id).toBe(id);
});

test('members are listed in pages that hold each once', async () => {
  for (const id of ['usr_1', 'usr_2', 'usr_3', 'usr_4']) await put(id, 'member');
  const seen: string[] = [];
  let cursor: string | null = '';
  do {
    const page = await ask('GET', `/members?limit=2${cursor && `&cursor=${cursor}`}`);
    seen.push(...page.body.members.map(({ user_id }: { user_id: string }) => user_id));
    cursor = page.body.next_cursor;
  } while (cursor !== null);
  expect(seen).toEqual([...new Set(seen)]);
  expect(seen).toHaveLength(5);
});

test('the last owner stays, and goes once there is another', async () => {
  const { owner } = other.users;
  const last = { status: 409, body: { code: 'last_owner' } };
  expect(await put(owner, 'admin')).toMatchObject(last);
  expect(await ask('DELETE', member(owner))).toMatchObject(last);
  await put('usr_1', 'owner');
  expect(await put(owner, 'admin')).toMatchObject({ status: 200, body: { role: 'admin' } });
  expect(await ask('DELETE', member('usr_1'))).toMatchObject(last);
});

test('keys belong to the workspace here: those of a removed member stay, and the answer names them', async () => {
  await put('usr_1', 'admin');
  const { issue, revoke } = manager(other);
  const kept = (await issue({ created_by: 'usr_1' })).body;
  const ended = (await issue({ created_by: 'usr_1' })).body;
  await revoke(ended.key.id);
  const { body } = await ask('DELETE', member('usr_1'));
  expect(body).toEqual({ user_id: 'usr_1', revoked: [], kept: [kept.key.id] });
  expect((await send(`${product.apiUrl}/users`, { credential: kept.secret })).status).toBe(200);
  expect((await issue({ created_by: 'usr_1' })).status).toBe(404);
});

describe('a change of plan', () => {
  test('reaches every key without a limit of its own on the very next request', async () => {
    await ask('PATCH', '', { plan: 'free' });
    const { issue, rotate, get } = manager(other);
    const own = (await issue({ rate_limit: { limit: 7, window_seconds: 60 } })).body;
    const keys = [(await issue()).body, (await issue()).body];
    const rotated = (await rotate(keys[0].key.id, 600)).body.secret;
    const secrets = [...keys.map(({ secret }) => secret), rotated];
    for (const secret of secrets) expect(await limitOf(secret)).toBe('"default";q=60;w=60');
    const changed = await ask('PATCH', '', { plan: 'enterprise' });
    expect(changed).toMatchObject({ status: 200, body: { slug: other.workspace, plan: 'enterprise' } });
    for (const secret of secrets) expect(await limitOf(secret)).toBe('"default";q=6000;w=60');
    expect(await limitOf(own.secret)).toBe('"default";q=7;w=60');
    expect((await get(keys[0].key.id)).body.plan).toBe('enterprise');
    const { update } = manager(other);
    expect((await update(own.key.id, { rate_limit: null })).status).toBe(200);
    expect(await limitOf(own.secret)).toBe('"default";q=6000;w=60');
  });

  test('and of the name is made together, in one event', async () => {
    const changed = await ask('PATCH', '', { name: 'Renamed', plan: 'pro' });
    expect(changed).toMatchObject({ status: 200, body: { name: 'Renamed', plan: 'pro' } });
    expect((await ask('GET', '')).body).toEqual(changed.body);
    const [event] = (await eventsOf(product)).filter(
      ({ workspace, type }) => workspace === other.workspace && type === 'workspace.updated',
    );
    expect(event).toMatchObject({
      before: { name: other.workspace, plan: 'enterprise' },
      after: { name: 'Renamed', plan: 'pro' },
    });
  });
});

test('a key that its creator could no longer issue cannot be changed or rotated by that creator’s admin key', async () => {
  await put('usr_1', 'admin');
  const { issue } = manager(other);
  const strong = (await issue({ scopes: ['admin'] })).body.key.id;
  const weak = (await issue()).body.key.id;
  const { secret } = (await issue({ created_by: 'usr_1', scopes: ['admin'] })).body;
  const { rotate, update } = manager(other, secret);
  const forbidden = { status: 403, body: { code: 'forbidden' } };
  expect((await rotate(strong, 0)).status).toBe(200);
  await put('usr_1', 'member');
  expect(await rotate(strong, 0)).toMatchObject(forbidden);
  expect(await update(weak, { scopes: ['admin'] })).toMatchObject(forbidden);
  expect(await update(strong, { enabled: false })).toMatchObject(forbidden);
  expect((await rotate(weak, 0)).status).toBe(200);
  expect((await update(weak, { name: 'weak' })).status).toBe(200);
  await ask('DELETE', member('usr_1'));
  expect(await rotate(weak, 0)).toMatchObject(forbidden);
  expect(await update(weak, { name: 'mine' })).toMatchObject(forbidden);
  expect((await manager(other).rotate(strong, 0)).status).toBe(200);
});

test('an API key that administers lists members, and changes neither them nor the workspace', async () => {
  const { secret } = (await manager(other).issue({ scopes: ['admin'] })).body;
  const as = (method: string, path: string, body?: object) =>
    send(urlOf(path), { method, credential: secret, ...(body && { body }) });
  expect((await as('GET', '/members')).status).toBe(200);
  const forbidden = { status: 403, body: { code: 'forbidden' } };
  expect(await as('PUT', member('usr_1'), { role: 'member' })).toMatchObject(forbidden);
  expect(await as('DELETE', member(other.users.owner))).toMatchObject(forbidden);
  expect(await as('PATCH', '', { name: 'Mine' })).toMatchObject(forbidden);
});

describe('a signed-in person', () => {
  const by = async (user: string, method: string, path: string, body?: object) =>
    send(urlOf(path), { method, credential: await signIn(product, user), ...(body && { body }) });
  const putBy = (user: string, userId: string, role: string) => by(user, 'PUT', member(userId), { role });
  beforeEach(async () => {
    await put('usr_admin', 'admin');
    await put('usr_member', 'member');
  });

  test('lists the members in any role, and gets a 404 in other workspaces', async () => {
    expect((await by('usr_member', 'GET', '/members')).body.members).toHaveLength(3);
    expect(await by('usr_stranger', 'GET', '/members')).toMatchObject({ status: 404 });
  });

  test('changes members as their role allows', async () => {
    const { owner } = other.users;
    await put('usr_new', 'member');
    expect((await putBy('usr_admin', 'usr_new', 'admin')).status).toBe(200);
    expect((await putBy('usr_admin', 'usr_new', 'owner')).status).toBe(403);
    expect((await putBy('usr_admin', owner, 'member')).status).toBe(403);
    expect((await putBy('usr_member', 'usr_member', 'admin')).status).toBe(403);
    expect((await by('usr_member', 'DELETE', member('usr_admin'))).status).toBe(403);
    expect((await putBy(owner, 'usr_admin', 'owner')).status).toBe(200);
    expect((await putBy('usr_admin', owner, 'member')).status).toBe(200);
    expect(await putBy('usr_stranger', 'usr_new', 'member')).toMatchObject({ status: 404 });
  });

  test('adds nobody directly, even as owner or admin: they invite, and the invited person accepts', async () => {
    const before = await members();
    for (const user of [other.users.owner, 'usr_admin'])
      for (const role of ['member', 'admin', 'owner'])
        expect(await putBy(user, 'usr_unasked', role)).toMatchObject({
          status: 403,
          body: { code: 'forbidden', detail: expect.stringContaining('Invite them') },
        });
    expect(await putBy('usr_member', 'usr_unasked', 'member')).toMatchObject({ status: 403 });
    expect(await members()).toEqual(before);
    // Who has left is asked again, like everybody else.
    expect((await by('usr_member', 'DELETE', member('usr_member'))).status).toBe(200);
    expect((await putBy(other.users.owner, 'usr_member', 'member')).status).toBe(403);
  });

  test('may leave, and is a stranger from then on', async () => {
    const left = await by('usr_member', 'DELETE', member('usr_member'));
    expect(left).toMatchObject({ status: 200, body: { user_id: 'usr_member' } });
    expect((await by('usr_member', 'GET', '/members')).status).toBe(404);
  });

  test('renames the workspace as its owner, and sets no plan', async () => {
    const { owner } = other.users;
    expect((await by(owner, 'PATCH', '', { name: 'Ours' })).body.name).toBe('Ours');
    expect((await by('usr_admin', 'PATCH', '', { name: 'Mine' })).status).toBe(403);
    expect((await by(owner, 'PATCH', '', { plan: 'free' })).status).toBe(403);
  });

  test('sees only their own keys in a list, and all keys as an admin', async () => {
    const own = (await manager(other).issue({ created_by: 'usr_member' })).body.key.id;
    const foreign = (await manager(other).issue()).body.key.id;
    const idsOf = async (user: string) =>
      (await by(user, 'GET', '/keys')).body.keys.map(({ id }: { id: string }) => id);
    expect(await idsOf('usr_member')).toEqual([own]);
    expect(await idsOf('usr_admin')).toEqual([foreign, own]);
  });
});
