import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { loadProfile } from '../../../../lib/files/profile-file.ts';
import {
  holderOf,
  MAX_KEYS_PER_MEMBER,
  type MemoryApi,
  memoryApi,
  NOW,
  OPERATOR,
  person,
  SOURCE_ADDRESS,
} from '../memory-api.ts';

const ISSUE = 'POST /v1/workspaces/{workspace}/keys';
const BODY = { name: 'ci', scopes: ['read:all'], created_by: 'usr_owner' };
const path = { workspace: 'acme' };
/** A profile of the tests that leaves out all that it can. */
const LIBRARY = join(import.meta.dirname, '../../../library.json');

async function acme(): Promise<MemoryApi> {
  const api = memoryApi();
  await api.addWorkspace('acme', { usr_admin: 'admin', usr_member: 'member' });
  return api;
}

test('a key is shown as it was asked for, with its secret this once', async () => {
  const api = await acme();
  const body = {
    ...BODY,
    description: 'the build',
    external_id: 'customer-42',
    expires_at: '2040-01-01T00:00:00.9Z',
    allowed_cidrs: ['10.1.2.3/8', '10.0.0.0/8'],
    rate_limit: { limit: 5, window_seconds: 60 },
  };
  const answer = await api.call(ISSUE, { path, body });
  expect(answer).toEqual({
    status: 201,
    body: {
      secret: expect.stringMatching(/^kw_live_\w{36}$/),
      key: {
        id: expect.stringMatching(/^key_\w{20}$/),
        kind: 'api_key',
        workspace: 'acme',
        name: 'ci',
        description: 'the build',
        external_id: 'customer-42',
        start: expect.stringMatching(/^kw_live_/),
        scopes: ['read:all'],
        role: null,
        status: 'active',
        created_at: '2027-01-15T08:00:00.000Z',
        created_by: 'usr_owner',
        expires_at: '2040-01-01T00:00:00.000Z',
        last_used_at: null,
        previous_secret: null,
        revoked_at: null,
        allowed_cidrs: ['10.0.0.0/8'],
        rate_limit: { limit: 5, window_seconds: 60 },
        plan: 'free',
      },
    },
  });
  const read = await api.call('GET /v1/workspaces/{workspace}/keys/{key}', {
    path: { workspace: 'acme', key: answer.body.key.id },
  });
  expect(read).toEqual({ status: 200, body: answer.body.key });
});

test('its event says who issued what, from where, and holds no secret', async () => {
  const api = await acme();
  const { secret, key } = (await api.call(ISSUE, { path, body: BODY })).body;
  const event = api.eventsIn('acme').at(-1);
  expect(event).toEqual({
    id: expect.stringMatching(/^evt_/),
    at: NOW,
    type: 'key.issued',
    actor: { kind: 'management_key', credentialId: OPERATOR.credentialId, user: null },
    sourceAddress: SOURCE_ADDRESS,
    workspace: 'acme',
    keyId: key.id,
    after: {
      start: key.start,
      name: 'ci',
      description: null,
      external_id: null,
      scopes: ['read:all'],
      enabled: true,
      expires_at: null,
      allowed_cidrs: [],
      rate_limit: null,
      created_by: 'usr_owner',
      role: null,
    },
    outcome: 'done',
  });
  expect(JSON.stringify([...api.world.events, ...api.world.keys.values()])).not.toContain(secret);
});

test('a key that issues is named in the event, with the user behind it', async () => {
  const api = await acme();
  const key = await api.addKey('acme', { scopes: ['admin'], created_by: 'usr_admin' });
  const issued = await api.addKey('acme', {}, holderOf(key));
  expect(issued.createdBy).toBe('usr_admin');
  expect(api.eventsIn('acme').at(-1)).toMatchObject({
    type: 'key.issued',
    keyId: issued.id,
    actor: { kind: 'api_key', credentialId: key.id, user: 'usr_admin' },
  });
});

describe('a caller issues no key that can do more than the caller', () => {
  test('a member issues within what members hold, in their own name', async () => {
    const api = await acme();
    const as = person('usr_member');
    const issue = (scopes: string[]) => api.call(ISSUE, { as, path, body: { name: 'ci', scopes } });
    expect(await issue(['read:all', 'write:all'])).toMatchObject({
      status: 201,
      body: { key: { created_by: 'usr_member' } },
    });
    expect(await issue(['admin'])).toEqual({
      status: 403,
      body: { code: 'forbidden', detail: expect.stringMatching(/role member may not issue these scopes/) },
    });
  });

  test('a member issues no key that administers where the profile says nothing about roles either', async () => {
    const api = memoryApi(loadProfile(LIBRARY).profile);
    await api.addWorkspace('acme', { usr_admin: 'admin', usr_member: 'member' });
    const issue = (user: string, scopes: string[]) =>
      api.call(ISSUE, { as: person(user), path, body: { name: 'ci', scopes } });
    for (const scopes of [['keys'], ['read', 'keys']])
      expect((await issue('usr_member', scopes)).status).toBe(403);
    expect((await issue('usr_member', [])).status).toBe(400);
    expect((await issue('usr_admin', ['keys'])).status).toBe(201);
    const { id } = (await issue('usr_member', ['read', 'write'])).body.key;
    const key = { as: person('usr_member'), path: { ...path, key: id } };
    expect(
      (await api.call('PATCH /v1/workspaces/{workspace}/keys/{key}', { ...key, body: { scopes: ['keys'] } }))
        .status,
    ).toBe(403);
  });

  test('the operator gives no member what the member could not issue', async () => {
    const api = await acme();
    const body = { ...BODY, created_by: 'usr_member', scopes: ['admin'] };
    expect(await api.call(ISSUE, { path, body })).toMatchObject({ status: 403 });
  });

  test.each([
    ['outlives the issuing key', { expires_at: '2040-01-01T00:00:01Z', allowed_cidrs: ['10.0.0.0/8'] }],
    ['never ends', { allowed_cidrs: ['10.0.0.0/8'] }],
    ['works from everywhere', { expires_at: '2040-01-01T00:00:00Z' }],
    [
      'works from more networks',
      { expires_at: '2040-01-01T00:00:00Z', allowed_cidrs: ['10.0.0.0/8', '192.0.2.0/24'] },
    ],
  ])('a bounded admin key issues no key that %s', async (_, fields) => {
    const api = await acme();
    const bounds = { expires_at: '2040-01-01T00:00:00Z', allowed_cidrs: ['10.0.0.0/8'] };
    const as = holderOf(await api.addKey('acme', { scopes: ['admin'], ...bounds }));
    const body = { name: 'ci', scopes: ['read:all'] };
    const before = api.world.keys.size;
    expect(await api.call(ISSUE, { as, path, body: { ...body, ...fields } })).toMatchObject({
      status: 403,
      body: { code: 'forbidden' },
    });
    expect(api.world.keys.size).toBe(before);
    expect(await api.call(ISSUE, { as, path, body: { ...body, ...bounds } })).toMatchObject({ status: 201 });
  });

  test('a key that calls acts as its own creator, who may be a member by now, or gone', async () => {
    const api = await acme();
    const key = await api.addKey('acme', { scopes: ['admin'] }, person('usr_admin'));
    const issue = (scopes: string[]) =>
      api.call(ISSUE, { as: holderOf(key), path, body: { name: 'ci', scopes } });
    const member = { path: { workspace: 'acme', user_id: 'usr_admin' } };
    expect((await issue(['admin'])).body.key.created_by).toBe('usr_admin');
    await api.call('PUT /v1/workspaces/{workspace}/members/{user_id}', {
      ...member,
      body: { role: 'member' },
    });
    expect((await issue(['admin'])).status).toBe(403);
    expect((await issue(['read:all'])).status).toBe(201);
    await api.call('DELETE /v1/workspaces/{workspace}/members/{user_id}', member);
    expect(await issue(['read:all'])).toEqual({
      status: 403,
      body: {
        code: 'forbidden',
        detail: 'The creator of this key is no longer a member of the workspace.',
      },
    });
  });

  test('only a management key names a creator or a rate limit', async () => {
    const api = await acme();
    const admin = holderOf(await api.addKey('acme', { scopes: ['admin'] }));
    const body = { name: 'ci', scopes: ['read:all'] };
    for (const as of [admin, person('usr_owner'), person('usr_member')]) {
      const named = await api.call(ISSUE, { as, path, body: { ...body, created_by: 'usr_owner' } });
      expect(named).toMatchObject({ status: 400, body: { field: 'created_by' } });
      for (const rate_limit of [null, { limit: 5, window_seconds: 60 }])
        expect(await api.call(ISSUE, { as, path, body: { ...body, rate_limit } })).toEqual({
          status: 403,
          body: { code: 'forbidden', detail: 'Only a management key may set rate_limit.' },
        });
    }
  });

  test('a management key names a creator where members may issue different things, and one who is a member', async () => {
    const api = await acme();
    const { created_by, ...body } = BODY;
    expect(await api.call(ISSUE, { path, body })).toMatchObject({
      status: 400,
      body: { field: 'created_by' },
    });
    const missing = await api.call(ISSUE, { path, body: { ...body, created_by: 'usr_stranger' } });
    expect(missing).toMatchObject({ status: 404, body: { code: 'not_found' } });
    expect(missing.body.detail).toMatch(/^The user in created_by is/);
  });
});

describe('a key is not issued', () => {
  test('to a caller whose key has ended since the authorizer looked', async () => {
    const api = await acme();
    const key = await api.addKey('acme', { scopes: ['admin'] });
    await api.call('POST /v1/workspaces/{workspace}/keys/{key}/revoke', {
      path: { workspace: 'acme', key: key.id },
    });
    const body = { name: 'ci', scopes: ['read:all'] };
    expect(await api.call(ISSUE, { as: holderOf(key), path, body })).toMatchObject({
      status: 401,
      body: { code: 'unauthorized' },
    });
  });

  test('beyond the most that a member may have, which the answer names', async () => {
    const api = await acme();
    for (let count = 1; count <= MAX_KEYS_PER_MEMBER; count += 1) await api.addKey('acme');
    expect(await api.call(ISSUE, { path, body: BODY })).toEqual({
      status: 409,
      body: {
        code: 'key_limit_reached',
        detail: `A member may have at most ${MAX_KEYS_PER_MEMBER} active keys. Revoke one to issue another.`,
      },
    });
    expect((await api.call(ISSUE, { path, body: { ...BODY, created_by: 'usr_admin' } })).status).toBe(201);
  });

  test('beyond the most that a workspace may have, which the answer names', async () => {
    const profile = { ...loadProfile('standard').profile, maxActiveKeys: 2 };
    const api = memoryApi(profile);
    await api.addWorkspace('acme');
    await api.addKey('acme');
    const { id } = await api.addKey('acme');
    expect(await api.call(ISSUE, { path, body: BODY })).toEqual({
      status: 409,
      body: {
        code: 'key_limit_reached',
        detail: 'A workspace may have at most 2 active keys. Revoke one to issue another.',
      },
    });
    await api.call('POST /v1/workspaces/{workspace}/keys/{key}/revoke', {
      path: { workspace: 'acme', key: id },
    });
    expect((await api.call(ISSUE, { path, body: BODY })).status).toBe(201);
  });

  test('and is begun again when its creator or its workspace changed in between', async () => {
    for (const change of ['creator', 'workspace'] as const) {
      const api = await acme();
      const { get, getMember } = api.workspaces;
      api.workspaces.getMember = async (slug, user) => {
        const member = await getMember(slug, user);
        return member && { ...member, version: member.version - Number(change === 'creator') };
      };
      api.workspaces.get = async (slug) => {
        const workspace = await get(slug);
        return workspace && { ...workspace, version: workspace.version - Number(change === 'workspace') };
      };
      await expect(api.call(ISSUE, { path, body: BODY })).rejects.toThrow('was changed in between');
    }
  });
});

test.each([
  ['standard', null],
  ['supersonic', 'admin'],
])('a key of %s carries the role %s of a creator who is an admin', async (name, role) => {
  const api = memoryApi(loadProfile(name).profile);
  await api.addWorkspace('acme', { usr_admin: 'admin' });
  const scopes = api.profile.scopes?.definitions.slice(0, 1).map((scope) => scope.name);
  const answer = await api.call(ISSUE, { path, body: { name: 'ci', created_by: 'usr_admin', scopes } });
  expect(answer).toMatchObject({ status: 201, body: { key: { role } } });
  expect(api.eventsIn('acme').at(-1)).toMatchObject({ after: { role } });
});
