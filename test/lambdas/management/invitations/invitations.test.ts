import { describe, expect, test } from '@jest/globals';
import { INVITATION_SECONDS } from '../../../../core/management/invitation-store.ts';
import { holderOf, type MemoryApi, memoryApi, NOW, OPERATOR, person } from '../memory-api.ts';

const INVITATIONS = '/v1/workspaces/{workspace}/invitations';
const INVITE = `POST ${INVITATIONS}` as const;
const LIST = `GET ${INVITATIONS}` as const;
const REVOKE = `DELETE ${INVITATIONS}/{invitation}` as const;
const path = { workspace: 'acme' };
const BODY = { email: 'Ada@Example.com', role: 'member' };

async function acme(): Promise<MemoryApi> {
  const api = memoryApi();
  await api.addWorkspace('acme', { usr_admin: 'admin', usr_member: 'member' });
  return api;
}

test('an invitation is shown with its address in lower case, and its event holds none', async () => {
  const api = await acme();
  const answer = await api.call(INVITE, { path, as: person('usr_admin'), body: BODY });
  expect(answer).toEqual({
    status: 201,
    body: {
      id: expect.stringMatching(/^inv_\w{20}$/),
      workspace: 'acme',
      email: 'ada@example.com',
      role: 'member',
      invited_by: 'usr_admin',
      created_at: '2027-01-15T08:00:00.000Z',
      expires_at: '2027-01-29T08:00:00.000Z',
    },
  });
  expect(api.eventsIn('acme').at(-1)).toMatchObject({
    type: 'invitation.created',
    invitationId: answer.body.id,
    after: { role: 'member', expires_at: answer.body.expires_at },
  });
  expect(JSON.stringify(api.world.events)).not.toMatch(/ada@example/i);
});

test('nobody is invited where nobody could accept it, and the answer says what to do instead', async () => {
  const api = memoryApi(undefined, 'nobody');
  await api.addWorkspace('acme', { usr_admin: 'admin', usr_member: 'member' });
  const invite = (user: string) => api.call(INVITE, { path, as: person(user), body: BODY });
  expect(await invite('usr_admin')).toMatchObject({
    status: 409,
    body: { code: 'no_invitations', detail: expect.stringContaining('PUT /v1/workspaces/') },
  });
  expect(await invite('usr_member')).toMatchObject({ status: 403 });
  expect((await api.call(LIST, { path })).body.invitations).toEqual([]);
});

test('an address has one open invitation, until that is revoked or has expired', async () => {
  const api = await acme();
  const invite = () => api.call(INVITE, { path, body: BODY });
  const { id } = (await invite()).body;
  expect(await invite()).toMatchObject({ status: 409, body: { code: 'invitation_exists' } });
  const revoked = await api.call(REVOKE, { path: { ...path, invitation: id } });
  expect(revoked).toMatchObject({ status: 200, body: { id, email: 'ada@example.com' } });
  expect(api.eventsIn('acme').at(-1)).toMatchObject({
    type: 'invitation.revoked',
    invitationId: id,
    before: { role: 'member' },
    after: { role: null },
  });
  expect(await api.call(REVOKE, { path: { ...path, invitation: id } })).toMatchObject({ status: 404 });
  expect(await invite()).toMatchObject({ status: 201 });
  api.clock.now = NOW + INVITATION_SECONDS;
  expect((await api.call(LIST, { path })).body.invitations).toEqual([]);
  expect(await invite()).toMatchObject({ status: 201 });
});

describe('who invites, and takes back', () => {
  test.each([
    ['usr_owner', 'owner', true],
    ['usr_owner', 'member', true],
    ['usr_admin', 'owner', false],
    ['usr_admin', 'admin', true],
    ['usr_member', 'member', false],
  ])('%s somebody who is to be %s: %s', async (user, role, isAllowed) => {
    const api = await acme();
    const as = person(user);
    const answer = await api.call(INVITE, { path, as, body: { email: 'new@example.com', role } });
    expect(answer.status).toBe(isAllowed ? 201 : 403);
    const { id } = (await api.call(INVITE, { path, body: { email: 'other@example.com', role } })).body;
    const revoked = await api.call(REVOKE, { path: { ...path, invitation: id }, as });
    expect(revoked.status).toBe(isAllowed ? 200 : 403);
  });

  test('a member sees no invitation, not even whether there is one', async () => {
    const api = await acme();
    const as = person('usr_member');
    const { id } = (await api.call(INVITE, { path, body: BODY })).body;
    expect(await api.call(LIST, { path, as })).toMatchObject({ status: 403 });
    const answers = [];
    for (const invitation of [id, 'inv_00000000000000000000', 'x'])
      answers.push(await api.call(REVOKE, { path: { ...path, invitation }, as }));
    expect(new Set(answers.map(({ status, body }) => `${status} ${body.detail}`)).size).toBe(1);
    expect(answers[0]?.status).toBe(403);
  });

  test('an API key sees invitations, and neither makes one nor takes one back', async () => {
    const api = await acme();
    const as = holderOf(await api.addKey('acme', { scopes: ['admin'] }));
    const { id } = (await api.call(INVITE, { path, body: BODY })).body;
    expect((await api.call(LIST, { path, as })).body.invitations).toHaveLength(1);
    expect(await api.call(INVITE, { path, as, body: { ...BODY, email: 'b@example.com' } })).toMatchObject({
      status: 403,
    });
    expect(await api.call(REVOKE, { path: { ...path, invitation: id }, as })).toMatchObject({ status: 403 });
  });

  test('nobody reaches an invitation of another workspace', async () => {
    const api = await acme();
    await api.addWorkspace('other');
    const { id } = (await api.call(INVITE, { path: { workspace: 'other' }, body: BODY })).body;
    for (const as of [OPERATOR, person('usr_owner')])
      expect(await api.call(REVOKE, { path: { ...path, invitation: id }, as })).toMatchObject({
        status: 404,
      });
    expect(api.world.invitations.has(id)).toBe(true);
  });
});

test('a caller whose membership changed in between decides again', async () => {
  const api = await acme();
  const { getMember } = api.workspaces;
  api.workspaces.getMember = async (slug, user) => {
    const member = await getMember(slug, user);
    return member && { ...member, version: member.version + 1 };
  };
  await expect(api.call(INVITE, { path, as: person('usr_owner'), body: BODY })).rejects.toThrow(
    'membership was changed in between',
  );
});

test('invitations are listed newest first, page by page', async () => {
  const api = await acme();
  const ids = [];
  for (const letter of ['a', 'b', 'c'])
    ids.unshift(
      (await api.call(INVITE, { path, body: { ...BODY, email: `${letter}@example.com` } })).body.id,
    );
  const first = (await api.call(LIST, { path, query: { limit: '2' } })).body;
  const second = (await api.call(LIST, { path, query: { limit: '2', cursor: first.next_cursor } })).body;
  const shown = [...first.invitations, ...second.invitations].map(({ id }: { id: string }) => id);
  expect([shown, second.next_cursor]).toEqual([ids, null]);
  expect(await api.call(LIST, { path, query: { status: 'open' } })).toMatchObject({
    status: 400,
    body: { field: 'query' },
  });
});
