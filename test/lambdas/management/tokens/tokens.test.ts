import { describe, expect, test } from '@jest/globals';
import type { Principal } from '../../../../core/access/principal.ts';
import { loadProfile } from '../../../../lib/files/profile-file.ts';
import { type MemoryApi, memoryApi, NOW, OPERATOR, person } from '../memory-api.ts';

const MINE = '/v1/me/tokens';
const USERS = '/v1/users/{user_id}/tokens';
const { profile } = loadProfile('sophic');
const SCOPE = profile.scopes?.definitions[0]?.name ?? '';

async function acme(): Promise<MemoryApi> {
  const api = memoryApi(profile);
  await api.addWorkspace('acme', { usr_member: 'member' });
  await api.addWorkspace('beta', { usr_other: 'member' });
  return api;
}

const issue = (api: MemoryApi, fields: object = {}, user_id = 'usr_member') =>
  api.call(`POST ${USERS}`, { path: { user_id }, body: { name: 'ci', scopes: [SCOPE], ...fields } });

test('a token is shown as it was asked for, with its secret this once; its event holds none', async () => {
  const api = await acme();
  const fields = { role: 'admin', workspaces: ['acme', 'acme'], expires_at: '2040-01-01T00:00:00Z' };
  const answer = await issue(api, fields);
  const token = {
    id: expect.stringMatching(/^pat_\w{20}$/),
    kind: 'personal_access_token',
    user: 'usr_member',
    name: 'ci',
    start: expect.any(String),
    scopes: [SCOPE],
    role: 'admin',
    workspaces: ['acme'],
    status: 'active',
    created_at: '2027-01-15T08:00:00.000Z',
    expires_at: '2040-01-01T00:00:00.000Z',
    last_used_at: null,
    revoked_at: null,
  };
  expect(answer).toEqual({ status: 201, body: { token, secret: expect.any(String) } });
  expect(answer.body.token.start).toBe(answer.body.secret.slice(0, 'sophic_pat_'.length + 4));
  expect(api.eventsIn('USER#usr_member')).toMatchObject([
    {
      type: 'token.issued',
      keyId: answer.body.token.id,
      after: {
        name: 'ci',
        scopes: [SCOPE],
        role: 'admin',
        workspaces: ['acme'],
        expires_at: token.expires_at,
      },
    },
  ]);
  expect(JSON.stringify([...api.world.events, ...api.world.tokens.values()])).not.toContain(
    answer.body.secret,
  );
  const listed = await api.call(`GET ${USERS}`, { path: { user_id: 'usr_member' } });
  expect(listed).toEqual({ status: 200, body: { tokens: [answer.body.token], next_cursor: null } });
});

test('a token has the highest ceiling, all workspaces and no end unless it asks for others', async () => {
  expect((await issue(await acme())).body.token).toMatchObject({
    role: 'owner',
    workspaces: null,
    expires_at: null,
  });
});

describe('a token is issued only', () => {
  test('for a user who is in a workspace', async () => {
    const api = await acme();
    const answer = await issue(api, {}, 'usr_stranger');
    expect(answer).toMatchObject({ status: 404, body: { code: 'not_found' } });
    expect(answer.body.detail).toMatch(/^The user is a member of no workspace/);
    const as = person('usr_stranger');
    const own = await api.call(`POST ${MINE}`, { as, body: { name: 'ci', scopes: [SCOPE] } });
    expect(own).toMatchObject({ status: 404, body: { code: 'not_found' } });
    expect(api.world.tokens.size).toBe(0);
  });

  test('for workspaces that the user is in; one that does not exist looks like another one’s', async () => {
    const api = await acme();
    const answers = [];
    for (const slug of ['beta', 'nowhere']) answers.push(await issue(api, { workspaces: ['acme', slug] }));
    expect(answers[0]).toEqual(answers[1]);
    const expected = expect.stringContaining('a workspace that the user is in');
    expect(answers[0]).toMatchObject({ status: 400, body: { field: 'workspaces', expected } });
    expect(api.world.tokens.size).toBe(0);
    expect((await issue(api, { workspaces: null })).body.token.workspaces).toBeNull();
  });

  test.each([
    [[]],
    ['acme'],
    [['Acme']],
    [[5]],
    [{}],
    [Array.from({ length: 81 }, (_, index) => `ws-${index}`)],
  ])('for a list of 1 to 80 slugs, and not for %j', async (workspaces) => {
    const answer = await issue(await acme(), { workspaces });
    expect(answer.status).toBe(400);
    expect(answer.body.field).toMatch(/^workspaces/);
  });

  test('for a user in few enough workspaces, unless it names them', async () => {
    const api = memoryApi(profile);
    for (let count = 0; count <= 80; count += 1) await api.addWorkspace(`ws-${count}`);
    expect(await issue(api, {}, 'usr_owner')).toMatchObject({
      status: 409,
      body: { code: 'too_many_workspaces' },
    });
    expect(await issue(api, { workspaces: ['ws-1'] }, 'usr_owner')).toMatchObject({ status: 201 });
  });

  test('up to the most that a user may have', async () => {
    const api = await acme();
    for (let count = 0; count < 500; count += 1) {
      const token = (await issue(api)).body.token;
      if (count === 0)
        await api.call(`POST ${USERS}/{token}/revoke`, { path: { user_id: 'usr_member', token: token.id } });
    }
    expect(await issue(api)).toMatchObject({ status: 201 });
    expect(await issue(api)).toMatchObject({ status: 409, body: { code: 'token_limit_reached' } });
  });

  test('under an id that a user can have', async () => {
    const answer = await issue(await acme(), {}, 'a\u0000b');
    expect(answer).toMatchObject({ status: 400, body: { field: 'user_id' } });
  });

  test('where the profile has tokens', async () => {
    const api = memoryApi();
    await api.addWorkspace('acme');
    expect(await issue(api, {}, 'usr_owner')).toMatchObject({ status: 404, body: { code: 'not_found' } });
  });
});

describe('revoking a token', () => {
  test('is for good, answers the same again, and writes one event', async () => {
    const api = await acme();
    const { id } = (await issue(api)).body.token;
    const revoke = () =>
      api.call(`POST ${USERS}/{token}/revoke`, { path: { user_id: 'usr_member', token: id } });
    const first = await revoke();
    expect(first).toMatchObject({ status: 200, body: { id, status: 'revoked' } });
    api.clock.now = NOW + 60;
    expect(await revoke()).toEqual(first);
    const types = api.eventsIn('USER#usr_member').map(({ type }) => type);
    expect(types).toEqual(['token.issued', 'token.revoked']);
  });

  test('finds no token of another user, and no text that cannot be an id', async () => {
    const api = await acme();
    const { id } = (await issue(api)).body.token;
    for (const [user_id, token] of [
      ['usr_other', id],
      ['usr_member', 'pat_00000000000000000000'],
      ['usr_member', 'x'],
    ])
      expect(
        await api.call(`POST ${USERS}/{token}/revoke`, { path: { user_id: user_id ?? '', token } }),
      ).toMatchObject({ status: 404, body: { code: 'not_found' } });
    expect(api.world.tokens.get(id)?.revokedAt).toBeNull();
  });

  test('is what the holder of a token can do with it', async () => {
    const api = await acme();
    const { id } = (await issue(api)).body.token;
    const as: Principal = {
      kind: 'personal_access_token',
      credentialId: id,
      workspace: null,
      user: 'usr_member',
      role: null,
      scopes: [SCOPE],
      constraints: { expiresAt: null, allowedCidrs: [] },
    };
    expect(await api.call('POST /v1/keys/self/revoke', { as })).toMatchObject({
      status: 200,
      body: { id, status: 'revoked' },
    });
    expect(api.eventsIn('USER#usr_member').at(-1)).toMatchObject({
      type: 'token.revoked',
      actor: { kind: 'personal_access_token', credentialId: id, user: 'usr_member' },
    });
  });
});

describe('a signed-in user’s own tokens', () => {
  test('are issued, listed and revoked by them, and no other user sees them there', async () => {
    const api = await acme();
    const as = person('usr_member');
    const issued = await api.call(`POST ${MINE}`, { as, body: { name: 'ci', scopes: [SCOPE] } });
    expect(issued).toMatchObject({ status: 201, body: { token: { user: 'usr_member' } } });
    const { id } = issued.body.token;
    const list = async (user: string) =>
      (await api.call(`GET ${MINE}`, { as: person(user) })).body.tokens.length;
    expect([await list('usr_member'), await list('usr_other'), await list('usr_nowhere')]).toEqual([1, 0, 0]);
    const revoke = (user: string) =>
      api.call(`POST ${MINE}/{token}/revoke`, { as: person(user), path: { token: id } });
    expect(await revoke('usr_other')).toMatchObject({ status: 404 });
    expect(await revoke('usr_member')).toMatchObject({ status: 200, body: { status: 'revoked' } });
  });

  test('do not exist for a management key, which gets a 403', async () => {
    const api = await acme();
    for (const answer of [
      await api.call(`POST ${MINE}`, { as: OPERATOR, body: { name: 'ci', scopes: [SCOPE] } }),
      await api.call(`GET ${MINE}`, { as: OPERATOR }),
      await api.call(`POST ${MINE}/{token}/revoke`, {
        as: OPERATOR,
        path: { token: 'pat_00000000000000000000' },
      }),
    ])
      expect(answer).toMatchObject({ status: 403, body: { code: 'forbidden' } });
  });
});

test('an operator finds no tokens of a user who has none and is nowhere, and an empty list of a member', async () => {
  const api = await acme();
  const list = (user_id: string) => api.call(`GET ${USERS}`, { path: { user_id } });
  for (const user of ['usr_nowhere', 'a\u0000b', ''])
    expect(await list(user)).toMatchObject({ status: 404, body: { code: 'not_found' } });
  expect(await list('usr_other')).toEqual({ status: 200, body: { tokens: [], next_cursor: null } });
});

test('tokens are listed newest first, page by page and by status', async () => {
  const api = await acme();
  const ids: string[] = [];
  for (let count = 0; count < 3; count += 1) ids.unshift((await issue(api)).body.token.id);
  const path = { user_id: 'usr_member' };
  await api.call(`POST ${USERS}/{token}/revoke`, { path: { ...path, token: ids[0] ?? '' } });
  const list = async (query: Readonly<Record<string, string>>) =>
    (await api.call(`GET ${USERS}`, { path, query })).body;
  const first = await list({ limit: '2' });
  const second = await list({ limit: '2', cursor: first.next_cursor });
  const shown = [...first.tokens, ...second.tokens].map(({ id }: { id: string }) => id);
  expect([shown, second.next_cursor]).toEqual([ids, null]);
  expect((await list({ status: 'revoked' })).tokens.map(({ id }: { id: string }) => id)).toEqual([ids[0]]);
});
