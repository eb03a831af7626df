import { randomBytes } from 'node:crypto';
import { describe, expect, test } from '@jest/globals';
import type { Caller } from '../../../../core/access/principal.ts';
import { generateKey } from '../../../../core/credential/key-text.ts';
import { loadProfile } from '../../../../lib/files/profile-file.ts';
import { holderOf, type MemoryApi, memoryApi, OPERATOR, person, SOURCE_ADDRESS } from '../memory-api.ts';

const MEMBER = '/v1/workspaces/{workspace}/members/{user_id}';
const PUT = `PUT ${MEMBER}` as const;
const REMOVE = `DELETE ${MEMBER}` as const;
const LIST = 'GET /v1/workspaces/{workspace}/members';

const at = (user_id: string) => ({ path: { workspace: 'acme', user_id } });

async function acme(api = memoryApi()): Promise<MemoryApi> {
  await api.addWorkspace('acme', { usr_admin: 'admin', usr_member: 'member' });
  return api;
}

const roleIn = async (api: MemoryApi, user: string) =>
  (await api.workspaces.getMember('acme', user))?.role ?? 'none';

test('a member is added, changed and removed, and each change writes one event', async () => {
  const api = await acme();
  const put = (role: string) => api.call(PUT, { ...at('usr_new'), body: { role } });
  const shown = { user_id: 'usr_new', name: null, created_at: '2027-01-15T08:00:00.000Z' };
  expect(await put('member')).toEqual({ status: 201, body: { ...shown, role: 'member' } });
  expect(await put('owner')).toEqual({ status: 200, body: { ...shown, role: 'owner' } });
  expect(await put('owner')).toEqual({ status: 200, body: { ...shown, role: 'owner' } });
  expect(await api.call(REMOVE, at('usr_new'))).toEqual({
    status: 200,
    body: { user_id: 'usr_new', revoked: [], kept: [] },
  });
  const events = api.eventsIn('acme').filter(({ userId }) => userId === 'usr_new');
  expect(events.map(({ type, before, after }) => [type, before, after])).toEqual([
    ['member.added', { role: null }, { role: 'member' }],
    ['member.role_changed', { role: 'member' }, { role: 'owner' }],
    ['member.removed', { role: 'owner' }, { role: null }],
  ]);
});

describe('the name of a member', () => {
  const put = (api: MemoryApi, body: object, as: Caller = OPERATOR, user = 'usr_member') =>
    api.call(PUT, { ...at(user), as, body });
  const nameIn = async (api: MemoryApi) => {
    const { body } = await api.call(LIST, { path: { workspace: 'acme' } });
    return body.members.find(({ user_id }: { user_id: string }) => user_id === 'usr_member')?.name;
  };

  test('is set with a role or without one, stays where a call leaves it out, and goes with null or nothing', async () => {
    const api = await acme();
    expect(await put(api, { role: 'member', name: 'Ada' })).toMatchObject({
      status: 200,
      body: { name: 'Ada', role: 'member' },
    });
    expect(await nameIn(api)).toBe('Ada');
    expect(await put(api, { role: 'admin' })).toMatchObject({ body: { name: 'Ada', role: 'admin' } });
    expect(await put(api, { name: 'Ada of Sales' })).toMatchObject({
      body: { name: 'Ada of Sales', role: 'admin' },
    });
    expect(await put(api, { role: 'member', name: '' })).toMatchObject({ body: { name: null } });
    await put(api, { name: 'Ada' });
    expect(await put(api, { name: null })).toMatchObject({ body: { name: null, role: 'member' } });
    await put(api, { name: null });
    await put(api, { name: 'Ada' });
    await api.call(REMOVE, at('usr_member'));
    expect(await put(api, { role: 'member' })).toMatchObject({ status: 201, body: { name: null } });
    const [, ...events] = api.eventsIn('acme').filter(({ userId }) => userId === 'usr_member');
    expect(events.map(({ type, before, after }) => [type, before, after])).toEqual([
      ['member.renamed', { name: null }, { name: 'Ada' }],
      ['member.role_changed', { role: 'member' }, { role: 'admin' }],
      ['member.renamed', { name: 'Ada' }, { name: 'Ada of Sales' }],
      ['member.role_changed', { role: 'admin', name: 'Ada of Sales' }, { role: 'member', name: null }],
      ['member.renamed', { name: null }, { name: 'Ada' }],
      ['member.renamed', { name: 'Ada' }, { name: null }],
      ['member.renamed', { name: null }, { name: 'Ada' }],
      ['member.removed', { role: 'member', name: 'Ada' }, { role: null, name: null }],
      ['member.added', { role: null }, { role: 'member' }],
    ]);
  });

  test.each([
    ['usr_owner', 'usr_owner', 200],
    ['usr_owner', 'usr_admin', 200],
    ['usr_admin', 'usr_admin', 200],
    ['usr_admin', 'usr_member', 200],
    ['usr_admin', 'usr_owner', 403],
    ['usr_member', 'usr_member', 403],
    ['usr_member', 'usr_admin', 403],
    ['usr_stranger', 'usr_member', 404],
  ] as const)(
    'is for those who may change the member: %s names %s and gets %i',
    async (caller, user, status) => {
      const api = await acme();
      expect((await put(api, { name: 'Ada' }, person(caller), user)).status).toBe(status);
      const member = await api.workspaces.getMember('acme', user);
      expect(member?.name).toBe(status === 200 ? 'Ada' : undefined);
    },
  );

  test('makes nobody a member, and a body with neither role nor name is refused', async () => {
    const api = await acme();
    for (const as of [OPERATOR, person('usr_owner')])
      expect(await put(api, { name: 'Ada' }, as, 'usr_new')).toMatchObject({
        status: 404,
        body: { code: 'not_found' },
      });
    expect(await roleIn(api, 'usr_new')).toBe('none');
    expect(await put(api, {})).toMatchObject({
      status: 400,
      body: {
        field: 'role',
        detail: expect.stringMatching(/^role must be one of owner, admin, member, and/),
      },
    });
  });

  test.each([
    'x'.repeat(101),
    'two\nlines',
    '\u202eadA',
    '\u200b',
    '  ',
    5,
    ['Ada'],
    `the key ${generateKey(loadProfile('standard').profile.apiKey.format, randomBytes)}`,
  ])('is visible text of at most 100 characters: %j is refused, and nothing changes', async (name) => {
    const api = await acme();
    const events = api.world.events.length;
    expect(await put(api, { role: 'admin', name })).toMatchObject({
      status: 400,
      body: { field: 'name', expected: expect.stringMatching(/^1 to 100 .* or null for no name$/) },
    });
    expect(await roleIn(api, 'usr_member')).toBe('member');
    expect(api.world.events).toHaveLength(events);
  });

  test.each(['x'.repeat(100), '<img src=x onerror=alert(1)>', 'عادة', '👩‍👩‍👧‍👦'.repeat(100)])(
    'may be any text that steers nothing: %j',
    async (name) => {
      const api = await acme();
      expect(await put(api, { name })).toMatchObject({ status: 200, body: { name } });
    },
  );

  test('is decided again where the member is called something else by now', async () => {
    const api = await acme();
    const { getMember } = api.workspaces;
    api.workspaces.getMember = async (slug, user) => {
      const member = await getMember(slug, user);
      return member && { ...member, name: 'Somebody' };
    };
    await expect(put(api, { name: 'Ada' })).rejects.toThrow(
      'The member, or the caller, was changed in between.',
    );
    api.workspaces.getMember = getMember;
    expect(await nameIn(api)).toBeNull();
  });
});

test('the last owner stays, and goes once there is another', async () => {
  const api = await acme();
  const lastOwner = { status: 409, body: { code: 'last_owner' } };
  expect(await api.call(PUT, { ...at('usr_owner'), body: { role: 'admin' } })).toMatchObject(lastOwner);
  expect(await api.call(REMOVE, at('usr_owner'))).toMatchObject(lastOwner);
  expect(await api.call(REMOVE, { ...at('usr_owner'), as: person('usr_owner') })).toMatchObject(lastOwner);
  await api.call(PUT, { ...at('usr_admin'), body: { role: 'owner' } });
  expect(await api.call(REMOVE, at('usr_owner'))).toMatchObject({ status: 200 });
});

describe('who may change whom', () => {
  const everybody = ['usr_owner', 'usr_admin', 'usr_member'];
  test.each([
    ['usr_owner', 'usr_admin', 'member', true],
    ['usr_owner', 'usr_member', 'owner', true],
    ['usr_owner', 'usr_member', 'none', true],
    ['usr_admin', 'usr_member', 'admin', true],
    ['usr_admin', 'usr_member', 'none', true],
    ['usr_admin', 'usr_member', 'owner', false],
    ['usr_admin', 'usr_owner', 'member', false],
    ['usr_admin', 'usr_owner', 'none', false],
    ['usr_admin', 'usr_admin', 'none', true],
    ['usr_member', 'usr_admin', 'member', false],
    ['usr_member', 'usr_admin', 'none', false],
    ['usr_member', 'usr_member', 'admin', false],
    ['usr_member', 'usr_member', 'none', true],
    // People are invited, and accept: nobody but the operator adds them.
    ['usr_owner', 'usr_new', 'member', false],
    ['usr_admin', 'usr_new', 'member', false],
    ['usr_member', 'usr_new', 'member', false],
  ] as const)('%s turns %s into %s: %s', async (caller, user, role, isAllowed) => {
    const api = await acme();
    const before = await Promise.all(everybody.map((each) => roleIn(api, each)));
    const as = person(caller);
    const answer =
      role === 'none'
        ? await api.call(REMOVE, { ...at(user), as })
        : await api.call(PUT, { ...at(user), as, body: { role } });
    expect(answer.status).toBe(isAllowed ? 200 : 403);
    if (isAllowed) expect(await roleIn(api, user)).toBe(role);
    else expect(await Promise.all(everybody.map((each) => roleIn(api, each)))).toEqual(before);
  });

  test('a person who has left is invited again like everybody else', async () => {
    const api = await acme();
    await api.call(REMOVE, { ...at('usr_member'), as: person('usr_member') });
    for (const user of ['usr_owner', 'usr_admin'])
      expect(
        await api.call(PUT, { ...at('usr_member'), as: person(user), body: { role: 'member' } }),
      ).toMatchObject({
        status: 403,
        body: { code: 'forbidden', detail: expect.stringContaining('Invite them') },
      });
  });

  test('a plain member lists all members', async () => {
    const as = person('usr_member');
    const { body } = await (await acme()).call(LIST, { path: { workspace: 'acme' }, as });
    expect(body.members).toHaveLength(3);
  });

  test('an API key lists members, and changes none', async () => {
    const api = await acme();
    const as = holderOf(await api.addKey('acme', { scopes: ['admin'] }));
    expect(await api.call(LIST, { path: { workspace: 'acme' }, as })).toMatchObject({ status: 200 });
    expect(await api.call(PUT, { ...at('usr_member'), as, body: { role: 'admin' } })).toMatchObject({
      status: 403,
    });
    expect(await api.call(REMOVE, { ...at('usr_member'), as })).toMatchObject({ status: 403 });
  });
});

describe('the keys of a removed member', () => {
  test('stay where keys belong to the workspace, and the answer names them', async () => {
    const api = await acme();
    const key = await api.addKey('acme', {}, person('usr_member'));
    expect(await api.call(REMOVE, at('usr_member'))).toMatchObject({ body: { revoked: [], kept: [key.id] } });
    expect((await api.keys.get(key))?.revokedAt).toBeNull();
  });

  test('end where keys act with the member’s role, and the answer names them', async () => {
    const api = await acme(memoryApi(loadProfile('supersonic').profile));
    const scopes = api.profile.scopes?.definitions.slice(0, 1).map(({ name }) => name);
    const key = await api.addKey('acme', { scopes }, person('usr_admin'));
    await api.call(PUT, { ...at('usr_admin'), body: { role: 'member' } });
    expect((await api.keys.get(key))?.role).toBe('member');
    expect(await api.call(REMOVE, at('usr_admin'))).toMatchObject({ body: { revoked: [key.id], kept: [] } });
    expect((await api.keys.get(key))?.revokedAt).not.toBeNull();
  });
});

describe('ids of users', () => {
  test.each(['auth0|5f7c', '550e8400-e29b-41d4-a716-446655440000', 'ada@example.com', 'x', '用户'])(
    '%s is a member under exactly that id',
    async (user) => {
      const api = await acme();
      expect(await api.call(PUT, { ...at(user), body: { role: 'member' } })).toMatchObject({
        status: 201,
        body: { user_id: user },
      });
      expect(await api.call(REMOVE, at(user))).toMatchObject({ status: 200, body: { user_id: user } });
    },
  );

  test.each(['', ' x', 'a\u0000b', '\u202e', 'x'.repeat(2_000), `kw_live_${'0'.repeat(36)}`])(
    '%j is nobody’s: nobody is added under it, and nobody is found',
    async (user) => {
      const api = await acme();
      const members = api.world.members.size;
      const added = await api.call(PUT, { ...at(user), body: { role: 'member' } });
      expect([400, 201]).toContain(added.status);
      if (added.status === 400) {
        expect(added.body.field).toBe('user_id');
        expect(await api.call(REMOVE, at(user))).toMatchObject({ status: 404, body: { code: 'not_found' } });
        expect(api.world.members.size).toBe(members);
      }
    },
  );

  test('a user who is not a member is not removed', async () => {
    const api = await acme();
    const answer = await api.call(REMOVE, at('usr_stranger'));
    expect(answer).toMatchObject({ status: 404, body: { code: 'not_found' } });
    expect(answer.body.detail).toMatch(/^The user is not a member of the workspace/);
  });
});

test('members are listed once each, in the order of their ids, page by page', async () => {
  const api = await acme();
  const seen: string[] = [];
  let cursor: string | null = '';
  while (cursor !== null) {
    const query: Readonly<Record<string, string>> = cursor === '' ? { limit: '2' } : { limit: '2', cursor };
    const { body } = await api.call(LIST, { path: { workspace: 'acme' }, query });
    seen.push(...body.members.map(({ user_id }: { user_id: string }) => user_id));
    cursor = body.next_cursor;
  }
  expect(seen).toEqual(['usr_admin', 'usr_member', 'usr_owner']);
});

test('a change that meets another one is begun again', async () => {
  const api = await acme();
  const { getMember } = api.workspaces;
  api.workspaces.getMember = async (slug, user) => {
    const member = await getMember(slug, user);
    return member && { ...member, version: member.version - 1 };
  };
  for (const as of [OPERATOR, person('usr_owner')])
    await expect(api.call(PUT, { ...at('usr_member'), as, body: { role: 'admin' } })).rejects.toThrow(
      'The member, or the caller, was changed in between.',
    );
});

describe('who am I', () => {
  test('tells a person the workspaces they are in, with their roles', async () => {
    const api = await acme();
    await api.addWorkspace('beta', { usr_admin: 'member' });
    await api.call(PUT, { ...at('usr_admin'), body: { name: 'Ada' } });
    expect(await api.call('GET /v1/me', { as: person('usr_admin') })).toEqual({
      status: 200,
      body: {
        kind: 'person',
        session: null,
        address: SOURCE_ADDRESS,
        user: 'usr_admin',
        workspaces: [
          { slug: 'acme', name: 'Acme', role: 'admin', member_name: 'Ada' },
          { slug: 'beta', name: 'Acme', role: 'member', member_name: null },
        ],
      },
    });
    expect((await api.call('GET /v1/me', { as: person('usr_stranger') })).body.workspaces).toEqual([]);
  });

  test('tells a key what it may do, and a management key that it is one', async () => {
    const api = await acme();
    const key = await api.addKey('acme', { allowed_cidrs: ['10.0.0.0/8'] });
    expect(await api.call('GET /v1/me', { as: holderOf(key) })).toEqual({
      status: 200,
      body: {
        credential_id: key.id,
        kind: 'api_key',
        workspace: 'acme',
        user: 'usr_owner',
        role: null,
        scopes: ['read:all'],
        constraints: { expires_at: null, allowed_cidrs: ['10.0.0.0/8'] },
        address: SOURCE_ADDRESS,
      },
    });
    expect((await api.call('GET /v1/me')).body).toMatchObject({ kind: 'management_key', scopes: [] });
  });

  test('tells where the call comes from, and nothing where CloudFront has passed it on, whatever other headers say', async () => {
    const api = await acme();
    const addressWith = async (headers: Record<string, string[]>) =>
      (await api.call('GET /v1/me', { as: person('usr_admin'), headers })).body.address;
    const forged = { 'X-Forwarded-For': ['10.1.2.3'], 'CloudFront-Viewer-Address': ['10.1.2.3:443'] };
    expect(await addressWith(forged)).toBe(SOURCE_ADDRESS);
    expect(await addressWith({ ...forged, 'X-Amz-Cf-Id': ['abc='] })).toBeNull();
    expect(await addressWith({ 'x-amz-cf-id': [''] })).toBeNull();
  });

  test('and the scopes are those of the profile', async () => {
    const { body } = await memoryApi().call('GET /v1/scopes');
    expect(body.scopes.map(({ name }: { name: string }) => name)).toEqual(['read:all', 'write:all', 'admin']);
    expect(body.scopes[2]).toEqual({
      name: 'admin',
      description: expect.any(String),
      implies: ['read:all', 'write:all'],
    });
    expect((await memoryApi(loadProfile('supertone').profile).call('GET /v1/scopes')).body.scopes).toEqual(
      [],
    );
  });
});
