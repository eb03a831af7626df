import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import {
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

const limitOf = async (secret: string) =>
  (await send(`${product.apiUrl}/users`, { credential: secret })).headers.get('ratelimit-policy');

test('any opaque user id is a member under exactly that id', async () => {
  const ids = ['a/b c?d#e%2F', 'ünï#MEMBER#x', 'u'.repeat(255)];
  for (const id of ids) expect((await put(id, 'member')).status).toBe(201);
  const listed = await ask('GET', '/members');
  const listedIds = listed.body.members.map(({ user_id }: { user_id: string }) => user_id);
  expect(listedIds.sort()).toEqual([...ids, other.users.owner].sort());
  for (const id of ids) expect((await ask('DELETE', member(id))).body.user_id).toBe(id);
});

test('keys belong to the workspace here: those of a removed member stay, and the answer names them', async () => {
  await put('usr_1', 'admin');
  const kept = (await manager(other).issue({ created_by: 'usr_1' })).body;
  const { body } = await ask('DELETE', member('usr_1'));
  expect(body).toEqual({ user_id: 'usr_1', revoked: [], kept: [kept.key.id] });
  expect((await send(`${product.apiUrl}/users`, { credential: kept.secret })).status).toBe(200);
});

test('a change of plan reaches every key without a limit of its own on the very next request', async () => {
  await ask('PATCH', '', { plan: 'free' });
  const { issue, rotate, get } = manager(other);
  const own = (await issue({ rate_limit: { limit: 7, window_seconds: 60 } })).body;
  const { key, secret } = (await issue()).body;
  const secrets = [secret, (await rotate(key.id, 600)).body.secret];
  for (const each of secrets) expect(await limitOf(each)).toBe('"default";q=60;w=60');
  const changed = await ask('PATCH', '', { plan: 'enterprise' });
  expect(changed).toMatchObject({ status: 200, body: { slug: other.workspace, plan: 'enterprise' } });
  for (const each of secrets) expect(await limitOf(each)).toBe('"default";q=6000;w=60');
  expect(await limitOf(own.secret)).toBe('"default";q=7;w=60');
  expect((await get(key.id)).body.plan).toBe('enterprise');
  const { update } = manager(other);
  expect((await update(own.key.id, { rate_limit: null })).status).toBe(200);
  expect(await limitOf(own.secret)).toBe('"default";q=6000;w=60');
});

test('a person may leave, and is a stranger from then on', async () => {
  await put('usr_member', 'member');
  const credential = await signIn(product, 'usr_member');
  const left = await send(urlOf(member('usr_member')), { method: 'DELETE', credential });
  expect(left).toMatchObject({ status: 200, body: { user_id: 'usr_member' } });
  expect((await send(urlOf('/members'), { credential })).status).toBe(404);
});
