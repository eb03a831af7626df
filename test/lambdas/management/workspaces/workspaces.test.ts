import { describe, expect, test } from '@jest/globals';
import { MANAGEMENT_ROUTES } from '../../../../core/management/route.ts';
import { loadProfile } from '../../../../lib/files/profile-file.ts';
import { holderOf, type MemoryApi, memoryApi, OPERATOR, person, type RouteName } from '../memory-api.ts';

const WORKSPACE = '/v1/workspaces/{workspace}';
const CREATE = 'POST /v1/workspaces';
const UPDATE = `PATCH ${WORKSPACE}` as const;
const path = { workspace: 'acme' };

async function acme(): Promise<MemoryApi> {
  const api = memoryApi();
  await api.addWorkspace('acme', { usr_admin: 'admin', usr_member: 'member' });
  return api;
}

describe('making a workspace', () => {
  test('makes its owner a member, and writes one event', async () => {
    const api = memoryApi();
    const body = { slug: 'acme', name: 'Acme', plan: 'pro', created_by: 'usr_owner' };
    expect(await api.call(CREATE, { body })).toEqual({
      status: 201,
      body: { slug: 'acme', name: 'Acme', plan: 'pro', created_at: '2027-01-15T08:00:00.000Z' },
    });
    expect(await api.workspaces.getMember('acme', 'usr_owner')).toMatchObject({ role: 'owner' });
    expect(api.eventsIn('acme')).toMatchObject([
      { type: 'workspace.created', keyId: null, after: { name: 'Acme', plan: 'pro', owner: 'usr_owner' } },
    ]);
  });

  test.each([
    ['standard', 'free'],
    ['supertone', null],
  ])('gives it the plan of %s, which is %s, where none is named', async (name, plan) => {
    const api = memoryApi(loadProfile(name).profile);
    const body = { slug: 'acme', name: 'Acme', created_by: 'usr_owner' };
    expect(await api.call(CREATE, { body })).toMatchObject({ status: 201, body: { plan } });
  });

  test('gives no slug out twice', async () => {
    const api = await acme();
    const body = { slug: 'acme', name: 'Other', created_by: 'usr_thief' };
    expect(await api.call(CREATE, { body })).toMatchObject({ status: 409, body: { code: 'slug_taken' } });
    expect(await api.call(`GET ${WORKSPACE}`, { path })).toMatchObject({ body: { name: 'Acme' } });
  });
});

describe('changing a workspace', () => {
  test('changes name and plan together, in one event with what differs', async () => {
    const api = await acme();
    const change = { name: 'New', plan: 'pro' };
    expect(await api.call(UPDATE, { path, body: change })).toMatchObject({ status: 200, body: change });
    await api.call(UPDATE, { path, body: { name: 'New', plan: 'free' } });
    const events = api.eventsIn('acme').filter(({ type }) => type === 'workspace.updated');
    expect(events).toMatchObject([
      { before: { name: 'Acme', plan: 'free' }, after: change },
      { before: { plan: 'pro' }, after: { plan: 'free' } },
    ]);
    expect(Object.keys(events[1]?.after ?? {})).toEqual(['plan']);
  });

  test.each([
    ['usr_owner', { name: 'New' }, 200],
    ['usr_owner', { plan: 'pro' }, 403],
    ['usr_owner', { name: 'New', plan: 'pro' }, 403],
    ['usr_admin', { name: 'New' }, 403],
    ['usr_member', { name: 'New' }, 403],
  ])('by %s to %j is %i: a plan is the operator’s to set, a name the owner’s', async (user, body, status) => {
    const api = await acme();
    expect((await api.call(UPDATE, { path, as: person(user), body })).status).toBe(status);
  });

  test('is nothing for an API key, and takes at least one field', async () => {
    const api = await acme();
    const as = holderOf(await api.addKey('acme', { scopes: ['admin'] }));
    expect(await api.call(UPDATE, { path, as, body: { name: 'New' } })).toMatchObject({ status: 403 });
    expect(await api.call(UPDATE, { path, body: {} })).toMatchObject({
      status: 400,
      body: { field: 'body' },
    });
  });

  test('that meets another change is begun again', async () => {
    const api = await acme();
    const { get } = api.workspaces;
    api.workspaces.get = async (slug) => {
      const workspace = await get(slug);
      return workspace && { ...workspace, version: workspace.version - 1 };
    };
    await expect(api.call(UPDATE, { path, body: { name: 'New' } })).rejects.toThrow('changed in between');
  });
});

/** The routes of one workspace. What else their path names is nothing that exists. */
const ROUTES = MANAGEMENT_ROUTES.filter(({ path: template }) => template.startsWith(WORKSPACE)).map(
  ({ method, path: template }) => `${method} ${template}` as RouteName,
);
const ELSE = {
  key: 'key_00000000000000000000',
  invitation: 'inv_00000000000000000000',
  user_id: 'usr_nobody',
};

describe('a stranger', () => {
  test.each(ROUTES)(
    'gets one and the same answer of %s, whether the workspace exists or not',
    async (route) => {
      const api = await acme();
      await api.addWorkspace('other');
      const foreignKey = holderOf(await api.addKey('other', { scopes: ['admin'] }));
      const removes = route.startsWith('DELETE') || route.endsWith('/revoke');
      const before = api.eventsIn('acme');
      for (const as of [person('usr_stranger'), foreignKey]) {
        const answers = [];
        for (const workspace of ['acme', 'nowhere', 'No Slug', '', '__proto__', 'x'.repeat(5_000)])
          for (const body of removes ? [undefined] : [{ name: 'x' }, 'not JSON', { role: 'owner' }])
            answers.push(await api.call(route, { as, path: { ...ELSE, workspace }, body }));
        expect(answers[0]).toMatchObject({ status: 404, body: { code: 'not_found' } });
        expect(answers[0]?.body.detail).not.toMatch(/slug/);
        expect(new Set(answers.map((answer) => JSON.stringify(answer))).size).toBe(1);
      }
      expect(api.eventsIn('acme')).toEqual(before);
    },
  );

  test.each(ROUTES)('writes into no log but their own, whatever they try: %s', async (route) => {
    const api = await acme();
    await api.call(route, { as: person('usr_stranger'), path: { ...ELSE, workspace: 'acme' } });
    const refused = api.world.events.filter(({ type }) => type === 'call.refused');
    expect(refused).toMatchObject([
      { workspace: 'USER#usr_stranger', action: route, code: 'not_found', outcome: 'refused' },
    ]);
  });
});

test.each(ROUTES)(
  'only the operator is told by %s that the workspace is missing, and what to do',
  async (route) => {
    const answer = await memoryApi().call(route, { path: { ...ELSE, workspace: 'nowhere' } });
    expect(answer).toMatchObject({ status: 404, body: { code: 'not_found' } });
    expect(answer.body.detail).toMatch(/^There is no workspace with this slug/);
  },
);

test.each(ROUTES)('a member who is removed is a stranger to %s at once', async (route) => {
  const api = await acme();
  await api.call('DELETE /v1/workspaces/{workspace}/members/{user_id}', {
    path: { workspace: 'acme', user_id: 'usr_member' },
  });
  const removes = route.startsWith('DELETE') || route.endsWith('/revoke');
  const answer = await api.call(route, {
    as: person('usr_member'),
    path: { ...ELSE, workspace: 'acme' },
    body: removes ? undefined : {},
  });
  expect(answer).toMatchObject({ status: 404, body: { code: 'not_found' } });
  const stranger = await api.call(route, { as: person('usr_x'), path: { ...ELSE, workspace: 'acme' } });
  expect(answer).toEqual(stranger);
});

test('a workspace is shown to everybody who belongs there, and to the operator', async () => {
  const api = await acme();
  const admin = holderOf(await api.addKey('acme', { scopes: ['admin'] }));
  for (const as of [OPERATOR, admin, person('usr_owner'), person('usr_member')])
    expect(await api.call(`GET ${WORKSPACE}`, { path, as })).toMatchObject({
      status: 200,
      body: { slug: 'acme', name: 'Acme', plan: 'free' },
    });
});
