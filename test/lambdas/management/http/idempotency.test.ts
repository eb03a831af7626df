import { describe, expect, test } from '@jest/globals';
import {
  MANAGEMENT_ROUTES,
  type ManagementRoute,
  takesIdempotencyKey,
} from '../../../../core/management/route.ts';
import { loadProfile } from '../../../../lib/files/profile-file.ts';
import {
  type Asked,
  holderOf,
  type MemoryApi,
  memoryApi,
  NOW,
  person,
  type RouteName,
} from '../memory-api.ts';

const { profile } = loadProfile('sophic');
const KEYS = 'POST /v1/workspaces/{workspace}/keys';
const ROTATE = 'POST /v1/workspaces/{workspace}/keys/{key}/rotate';
const once = (key: string) => ({ headers: { 'Idempotency-Key': [key] } });

async function acme(): Promise<MemoryApi & { readonly key: string }> {
  const api = memoryApi(profile);
  await api.addWorkspace('acme', { usr_admin: 'admin' });
  await api.addWorkspace('beta', { usr_admin: 'admin' });
  const { id: key } = await api.addKey('acme', { scopes: ['read'] });
  return { ...api, key };
}

/** What each route that makes something is asked for. */
const ASKED: Readonly<Record<string, (key: string) => Asked>> = {
  'POST /v1/workspaces': () => ({ body: { slug: 'new', name: 'New', created_by: 'usr_owner' } }),
  [KEYS]: () => ({
    path: { workspace: 'acme' },
    body: { name: 'ci', scopes: ['read'], created_by: 'usr_owner' },
  }),
  [ROTATE]: (key) => ({ path: { workspace: 'acme', key }, body: { overlap_seconds: 60 } }),
  'POST /v1/workspaces/{workspace}/invitations': () => ({
    path: { workspace: 'acme' },
    body: { email: 'ada@example.com', role: 'member' },
  }),
  'POST /v1/me/tokens': () => ({ as: person('usr_admin'), body: { name: 'ci', scopes: ['read'] } }),
  'POST /v1/users/{user_id}/tokens': () => ({
    path: { user_id: 'usr_admin' },
    body: { name: 'ci', scopes: ['read'] },
  }),
};

const MAKING = (MANAGEMENT_ROUTES as readonly ManagementRoute[])
  .filter(takesIdempotencyKey)
  .map(({ method, path }) => `${method} ${path}` as RouteName);

/** How much there is of everything. */
const counts = ({ world }: MemoryApi) => ({
  workspaces: world.workspaces.size,
  keys: world.keys.size,
  secrets: [...world.keys.values()].flatMap(({ secretEnds }) => secretEnds).length,
  tokens: world.tokens.size,
  invitations: world.invitations.size,
  events: world.events.length,
});

describe.each(MAKING)('%s with an Idempotency-Key', (route) => {
  const asked = (key: string): Asked => {
    const found = ASKED[route]?.(key);
    if (found === undefined) throw new Error(`Say how ${route} is asked.`);
    return found;
  };

  test('is carried out once: a repeat is told what was made, before anything that would refuse it now', async () => {
    const api = await acme();
    const { status, body } = await api.call(route, { ...asked(api.key), ...once('k1') });
    expect(status).toBe(route === ROTATE ? 200 : 201);
    const made_id = body.slug ?? body.id ?? (body.key ?? body.token).id;
    const after = counts(api);
    const again = await api.call(route, { ...asked(api.key), ...once('k1') });
    expect(again).toMatchObject({ status: 409, body: { code: 'already_done', made_id } });
    expect(JSON.stringify(again.body)).not.toContain(body.secret ?? 'no secret');
    expect(counts(api)).toEqual(after);
  });

  test('is a mismatch with another body, and forgotten after 24 hours', async () => {
    const api = await acme();
    const first = asked(api.key);
    expect((await api.call(route, { ...first, ...once('k1') })).status).toBeLessThan(300);
    const after = counts(api);
    const other = { ...first, body: { ...(first.body as object), extra: 1 } };
    expect(await api.call(route, { ...other, ...once('k1') })).toMatchObject({
      status: 422,
      body: { code: 'idempotency_mismatch' },
    });
    expect(counts(api)).toEqual(after);
    api.clock.now = NOW + 86_399;
    expect((await api.call(route, { ...first, ...once('k1') })).body.code).toBe('already_done');
    api.clock.now = NOW + 86_400;
    // It is a new request now. Where it is refused, it is for a reason of its own.
    expect((await api.call(route, { ...first, ...once('k1') })).body.code).not.toBe('already_done');
  });

  test('leaves nothing behind where it is refused', async () => {
    const api = await acme();
    const first = asked(api.key);
    const broken = { ...first, body: { ...(first.body as object), extra: 1 } };
    expect((await api.call(route, { ...broken, ...once('k1') })).status).toBe(400);
    expect(api.world.requests.size).toBe(0);
    expect((await api.call(route, { ...first, ...once('k1') })).status).toBeLessThan(300);
  });

  test('is 400 for a header that is empty, too long, invisible or sent twice, and changes nothing', async () => {
    const api = await acme();
    const before = counts(api);
    for (const values of [[''], ['x'.repeat(256)], ['a b'], ['é'], ['a', 'a']]) {
      const answer = await api.call(route, { ...asked(api.key), headers: { 'idempotency-key': values } });
      expect(answer).toMatchObject({
        status: 400,
        body: { code: 'invalid_request', field: 'Idempotency-Key', expected: expect.any(String) },
      });
    }
    expect(counts(api)).toEqual(before);
  });
});

test('without the header, the same request makes another one each time', async () => {
  const api = await acme();
  const asked = ASKED[KEYS]?.(api.key) as Asked;
  for (const count of [2, 3]) {
    expect((await api.call(KEYS, asked)).status).toBe(201);
    expect(api.world.keys.size).toBe(count);
  }
});

test('the Idempotency-Keys of one caller are not another’s', async () => {
  const api = await acme();
  const admin = await api.addKey('acme', { scopes: ['admin'], created_by: 'usr_admin' });
  const body = { name: 'ci', scopes: ['read'] };
  const asked = { path: { workspace: 'acme' }, body, ...once('k1') };
  for (const as of [person('usr_owner'), person('usr_admin'), holderOf(admin)]) {
    expect((await api.call(KEYS, { ...asked, as })).status).toBe(201);
    expect((await api.call(KEYS, { ...asked, as })).body.code).toBe('already_done');
  }
});

test('an Idempotency-Key of one route or path is a mismatch on another', async () => {
  const api = await acme();
  const as = person('usr_admin');
  const body = { name: 'ci', scopes: ['read'] };
  const issue = (workspace: string) => api.call(KEYS, { as, path: { workspace }, body, ...once('k1') });
  expect((await issue('acme')).status).toBe(201);
  expect(await issue('beta')).toMatchObject({ status: 422 });
  expect(await api.call('POST /v1/me/tokens', { as, body, ...once('k1') })).toMatchObject({ status: 422 });
});

test('a stranger learns nothing from an Idempotency-Key, and neither does a person who has left', async () => {
  const api = await acme();
  const asked = {
    as: person('usr_admin'),
    path: { workspace: 'acme' },
    body: { name: 'ci', scopes: ['read'] },
  };
  expect((await api.call(KEYS, { ...asked, ...once('k1') })).status).toBe(201);
  const stranger = await api.call(KEYS, { ...asked, as: person('usr_stranger'), ...once('k1') });
  await api.call('DELETE /v1/workspaces/{workspace}/members/{user_id}', {
    path: { workspace: 'acme', user_id: 'usr_admin' },
  });
  expect(await api.call(KEYS, { ...asked, ...once('k1') })).toEqual(stranger);
  expect(stranger).toMatchObject({ status: 404, body: { code: 'not_found' } });
});

test('a repeat answers the same after the key was revoked, and writes nothing into the audit log', async () => {
  const api = await acme();
  const asked = { ...(ASKED[ROTATE]?.(api.key) as Asked), ...once('k1') };
  expect((await api.call(ROTATE, asked)).status).toBe(200);
  const path = { workspace: 'acme', key: api.key };
  await api.call('POST /v1/workspaces/{workspace}/keys/{key}/revoke', { path });
  const events = api.world.events.length;
  expect(await api.call(ROTATE, asked)).toMatchObject({
    status: 409,
    body: { code: 'already_done', made_id: api.key, detail: expect.stringContaining('overlap_seconds 0') },
  });
  const other = { ...asked, body: { overlap_seconds: 1 } };
  expect(await api.call(ROTATE, other)).toMatchObject({ status: 422 });
  expect(api.world.events).toHaveLength(events);
});

test('a repeat that meets the first call is told what that call made, and not why there is no room for another', async () => {
  const api = memoryApi(loadProfile('supertone').profile);
  await api.addWorkspace('acme');
  for (let count = 0; count < 2; count += 1) await api.call(KEYS, { path: { workspace: 'acme' }, body: {} });
  const asked = { path: { workspace: 'acme' }, body: {}, ...once('k1') };
  const answers = await Promise.all([api.call(KEYS, asked), api.call(KEYS, asked)]);
  const [{ body: made } = { body: {} }, refused] = answers.sort((one, other) => one.status - other.status);
  expect(refused).toMatchObject({ status: 409, body: { code: 'already_done', made_id: made.key.id } });
  expect(api.world.keys.size).toBe(3);
});
