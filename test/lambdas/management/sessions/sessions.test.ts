import { randomBytes } from 'node:crypto';
import { describe, expect, test } from '@jest/globals';
import type { SignedInUser } from '../../../../core/access/principal.ts';
import { LINK_FORMAT } from '../../../../core/credential/credential-type.ts';
import { generateKey } from '../../../../core/credential/key-text.ts';
import { digestOf } from '../../../../core/credential/secret.ts';
import { sessionVerifier } from '../../../../lambdas/authorizer/session-access.ts';
import { CONSOLE_URL, type MemoryApi, memoryApi, NOW, person } from '../memory-api.ts';

const CREATE = 'POST /v1/sessions';
const EXCHANGE = 'POST /v1/sessions/exchange';
const END = 'POST /v1/sessions/self/revoke';
const REVOKE = 'POST /v1/sessions/revoke';
const WS = '/v1/workspaces/{workspace}';
const MEMBER = `${WS}/members/{user_id}` as const;

async function acme(): Promise<MemoryApi> {
  const api = memoryApi();
  await api.addWorkspace('acme', { usr_member: 'member' });
  await api.addWorkspace('other', { usr_member: 'member' });
  return api;
}

async function linkFor(api: MemoryApi, user_id = 'usr_member', fields: object = {}): Promise<string> {
  const { body } = await api.call(CREATE, { body: { user_id, workspace: 'acme', ...fields } });
  return body.url.slice(`${CONSOLE_URL}#session=`.length);
}

const bearer = (secret: string) => ({ Authorization: [`Bearer ${secret}`] });

const open = (api: MemoryApi, code: string) => api.call(EXCHANGE, { body: { code } });

/** What the authorizer makes of a session's secret; `undefined` where it refuses it. */
async function callerOf(api: MemoryApi, secret: string): Promise<SignedInUser | undefined> {
  const verdict = await sessionVerifier({ sessions: api.sessions, now: () => api.clock.now })(secret);
  return verdict.kind === 'allow' ? verdict.user : undefined;
}

async function signedIn(api: MemoryApi, user = 'usr_member', fields: object = {}) {
  const { body } = await open(api, await linkFor(api, user, fields));
  const secret: string = body.session;
  const caller = async () => {
    const known = await callerOf(api, secret);
    if (known === undefined) throw new Error('The session has ended.');
    return known;
  };
  return { secret, caller };
}

test('a link becomes a session of its user, which may do what the user may', async () => {
  const api = await acme();
  const made = await api.call(CREATE, { body: { user_id: 'usr_member', workspace: 'acme' } });
  expect(made).toEqual({
    status: 201,
    body: {
      url: expect.stringMatching(/^https:\/\/keys\.example\.com\/console\/#session=kwl_[0-9A-Za-z]{36}$/),
      expires_at: '2027-01-15T08:01:00.000Z',
    },
  });
  const [, code] = made.body.url.split('#session=');
  expect(await open(api, code)).toEqual({
    status: 200,
    body: {
      session: expect.stringMatching(/^kws_[0-9A-Za-z]{36}$/),
      expires_at: '2027-01-15T08:15:00.000Z',
      ends_at: '2027-01-15T16:00:00.000Z',
      user_id: 'usr_member',
      workspace: 'acme',
    },
  });
  const { caller } = await signedIn(api);
  const as = await caller();
  const key = await api.addKey('acme', {}, as);
  expect(key.createdBy).toBe('usr_member');
  const refused = await api.call(`PUT ${MEMBER}`, {
    as,
    path: { workspace: 'acme', user_id: 'usr_owner' },
    body: { role: 'member' },
  });
  expect(refused).toMatchObject({ status: 403, body: { code: 'forbidden' } });
});

test('the store keeps neither the code of a link nor the secret of a session', async () => {
  const api = await acme();
  const code = await linkFor(api);
  const { secret } = await signedIn(api);
  expect(await api.sessions.findLink(digestOf(code), NOW)).toMatchObject({ userId: 'usr_member' });
  for (const text of [code, secret]) expect(JSON.stringify(api.world.events)).not.toContain(text);
});

describe('a link', () => {
  test('works once: of many who open it at the same time, one gets the session', async () => {
    const api = await acme();
    const code = await linkFor(api);
    const answers = await Promise.all(Array.from({ length: 8 }, () => open(api, code)));
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(1);
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200, 410]));
  });

  test('is answered alike when it was used, is too old, was never made, or its user has left', async () => {
    const api = await acme();
    const [used, late, left] = [await linkFor(api), await linkFor(api), await linkFor(api, 'usr_owner')];
    await open(api, used);
    const wrong = `${used.slice(0, -1)}${used.endsWith('0') ? '1' : '0'}`;
    const answers = [await open(api, used), await open(api, wrong), await open(api, 'x')];
    answers.push(await open(api, ''), await open(api, 'kws_'), await open(api, 'x'.repeat(50_000)));
    api.clock.now = NOW + 60;
    answers.push(await open(api, late), await open(api, left));
    expect(answers[0]).toMatchObject({ status: 410, body: { code: 'link_ended' } });
    expect(new Set(answers.map((answer) => JSON.stringify(answer))).size).toBe(1);
  });

  test('is dead once its user is no longer the member that they were', async () => {
    const api = await acme();
    const code = await linkFor(api);
    const path = { workspace: 'acme', user_id: 'usr_member' };
    await api.call(`DELETE ${MEMBER}`, { path });
    api.clock.now += 1;
    await api.call(`PUT ${MEMBER}`, { path, body: { role: 'owner' } });
    expect((await open(api, code)).status).toBe(410);
  });

  test('is for a member of the workspace alone', async () => {
    const api = await acme();
    for (const body of [
      { user_id: 'usr_stranger', workspace: 'acme' },
      { user_id: 'usr_member', workspace: 'nowhere' },
    ])
      expect(await api.call(CREATE, { body })).toMatchObject({ status: 404, body: { code: 'not_found' } });
  });

  test('is no credential, and the secret of a session is no code', async () => {
    const api = await acme();
    const code = await linkFor(api);
    expect(await callerOf(api, code)).toBeUndefined();
    const { secret } = await signedIn(api);
    expect((await open(api, secret)).status).toBe(410);
  });
});

describe('a session', () => {
  test('ends 15 minutes after its last use, and in all after as long as was asked for', async () => {
    const api = await acme();
    const { secret } = await signedIn(api, 'usr_member', { expires_in: 3_600 });
    for (const minutes of [14, 28, 42, 56]) {
      api.clock.now = NOW + minutes * 60;
      expect(await callerOf(api, secret)).toMatchObject({ user: 'usr_member' });
    }
    api.clock.now = NOW + 3_599;
    expect(await callerOf(api, secret)).toBeDefined();
    api.clock.now = NOW + 3_600;
    expect(await callerOf(api, secret)).toBeUndefined();
    const idle = await signedIn(api);
    api.clock.now += 900;
    expect(await callerOf(api, idle.secret)).toBeUndefined();
  });

  test('writes at most one use a minute', async () => {
    const api = await acme();
    const { secret } = await signedIn(api);
    const written: number[] = [];
    const sessions = {
      ...api.sessions,
      renew: async (...[text, renewal]: Parameters<typeof api.sessions.renew>) => {
        written.push(renewal.now - NOW);
        await api.sessions.renew(text, renewal);
      },
    };
    for (const seconds of [1, 30, 59, 60, 61, 100, 120, 121])
      await sessionVerifier({ sessions, now: () => NOW + seconds })(secret);
    expect(written).toEqual([60, 120]);
  });

  test('reaches its own workspace only: to it, every other one does not exist', async () => {
    const api = await acme();
    const as = await (await signedIn(api)).caller();
    const answers = await Promise.all(
      ['other', 'nowhere'].map((workspace) => api.call(`GET ${WS}/keys`, { as, path: { workspace } })),
    );
    expect(answers[0]).toMatchObject({ status: 404, body: { code: 'not_found' } });
    expect(answers[1]).toEqual(answers[0]);
    const me = await api.call('GET /v1/me', { as });
    expect(me.body).toMatchObject({
      kind: 'person',
      user: 'usr_member',
      workspaces: [{ slug: 'acme', name: 'Acme', role: 'member' }],
      session: { workspace: 'acme', expires_at: '2027-01-15T08:15:00.000Z' },
    });
    const own = await api.call('GET /v1/me', { as: person('usr_member') });
    expect(own.body.session).toBeNull();
    expect(own.body.workspaces).toHaveLength(2);
  });

  test('acts with the role of this moment', async () => {
    const api = await acme();
    const { caller } = await signedIn(api);
    const events = async () =>
      api.call(`GET ${WS}/events`, { as: await caller(), path: { workspace: 'acme' } });
    const become = (role: string) =>
      api.call(`PUT ${MEMBER}`, { path: { workspace: 'acme', user_id: 'usr_member' }, body: { role } });
    expect((await events()).status).toBe(403);
    await become('admin');
    expect((await events()).status).toBe(200);
    await become('member');
    expect((await events()).status).toBe(403);
  });

  test('ends when its person is removed, and stays ended when they come back', async () => {
    const api = await acme();
    const { caller } = await signedIn(api);
    const asks = async () => {
      const as = await caller();
      const keys = await api.call(`GET ${WS}/keys`, { as, path: { workspace: 'acme' } });
      return [keys.status, (await api.call('GET /v1/me', { as })).status];
    };
    expect(await asks()).toEqual([200, 200]);
    const path = { workspace: 'acme', user_id: 'usr_member' };
    await api.call(`DELETE ${MEMBER}`, { path });
    expect(await asks()).toEqual([401, 401]);
    api.clock.now += 1;
    await api.call(`PUT ${MEMBER}`, { path, body: { role: 'owner' } });
    expect(await asks()).toEqual([401, 401]);
  });

  test('ends itself, and nobody else ends it so', async () => {
    const api = await acme();
    const { secret, caller } = await signedIn(api);
    for (const as of [undefined, person('usr_member')])
      expect(await api.call(END, { ...(as && { as }), headers: bearer(secret) })).toMatchObject({
        status: 403,
      });
    const ended = await api.call(END, { as: await caller(), headers: bearer(secret) });
    expect(ended).toMatchObject({ status: 200, body: { id: expect.stringMatching(/^ses_/) } });
    expect(await callerOf(api, secret)).toBeUndefined();
  });

  test('is refused with the next call what a demoted person may not do any more, and a change of it changes nothing', async () => {
    const api = await acme();
    const become = (role: string) =>
      api.call(`PUT ${MEMBER}`, { path: { workspace: 'acme', user_id: 'usr_member' }, body: { role } });
    await become('admin');
    const as = await (await signedIn(api)).caller();
    const { id } = await api.addKey('acme', { scopes: ['admin'] });
    const change = { as, path: { workspace: 'acme', key: id }, body: { scopes: ['read:all'] } };
    const body = { name: 'mine', scopes: ['admin'] };
    const issue = () => api.call(`POST ${WS}/keys`, { as, path: { workspace: 'acme' }, body });
    expect((await issue()).status).toBe(201);
    await become('member');
    const before = await api.keys.get({ workspace: 'acme', id });
    expect(await issue()).toMatchObject({ status: 403 });
    expect(await api.call(`PATCH ${WS}/keys/{key}`, change)).toMatchObject({ status: 403 });
    expect(await api.keys.get({ workspace: 'acme', id })).toEqual(before);
  });

  test('is ended by the product that signs its user out, with the links that nobody has opened', async () => {
    const api = await acme();
    const { secret } = await signedIn(api);
    const code = await linkFor(api);
    const other = await api.call(CREATE, { body: { user_id: 'usr_member', workspace: 'other' } });
    const revoke = (body: object, as?: SignedInUser) => api.call(REVOKE, { ...(as && { as }), body });
    const ended = await revoke({ user_id: 'usr_member', workspace: 'acme' });
    const id = expect.stringMatching(/^ses_/);
    expect(ended).toMatchObject({
      status: 200,
      body: { sessions: Array(2).fill({ id, workspace: 'acme' }) },
    });
    expect(await callerOf(api, secret)).toBeUndefined();
    expect((await open(api, code)).status).toBe(410);
    expect(await revoke({ user_id: 'usr_member', workspace: 'acme' })).toMatchObject({
      status: 200,
      body: { sessions: [] },
    });
    expect(await revoke({ user_id: 'usr_member', workspace: 'nowhere' })).toMatchObject({ status: 404 });
    expect((await revoke({ user_id: 'usr_member' })).body.sessions).toEqual([{ id, workspace: 'other' }]);
    expect((await open(api, other.body.url.split('#session=')[1])).status).toBe(410);
    const ends = api.eventsIn('acme').filter(({ type }) => type === 'session.ended');
    expect(ends).toHaveLength(2);
    expect(ends[0]).toMatchObject({ userId: 'usr_member', actor: { kind: 'management_key' } });
  });

  test('is in the log of its workspace with all that was done through it', async () => {
    const api = await acme();
    const { secret, caller } = await signedIn(api);
    const as = await caller();
    await api.addKey('acme', {}, as);
    await api.call(END, { as, headers: bearer(secret) });
    const id = as.session?.id;
    const events = api
      .eventsIn('acme')
      .filter(({ keyId, actor }) => keyId === id || actor.credentialId === id);
    const through = { kind: 'person', credentialId: id, user: 'usr_member' };
    expect(events.map(({ type, actor }) => [type, actor])).toEqual([
      ['session.created', expect.objectContaining({ kind: 'management_key' })],
      ['session.started', through],
      ['key.issued', through],
      ['session.ended', through],
    ]);
  });
});

test('a name cannot hold the secret of a session or the code of a link', async () => {
  const api = await acme();
  const { secret } = await signedIn(api);
  for (const name of [secret, `x ${await linkFor(api)}`]) {
    const asked = {
      path: { workspace: 'acme' },
      body: { name, scopes: ['read:all'], created_by: 'usr_owner' },
    };
    expect(await api.call(`POST ${WS}/keys`, asked)).toMatchObject({ status: 400, body: { field: 'name' } });
  }
});

describe('a name that comes with a link', () => {
  const make = (api: MemoryApi, fields: object) =>
    api.call(CREATE, { body: { user_id: 'usr_member', workspace: 'acme', ...fields } });
  const nameIn = async (api: MemoryApi) => (await api.workspaces.getMember('acme', 'usr_member'))?.name;
  const namesTold = (api: MemoryApi) =>
    api
      .eventsIn('acme')
      .filter(({ type }) => type === 'session.created')
      .map(({ before, after }) => [before?.name, after?.name]);

  test('is kept with the member, told once, and stays where none comes', async () => {
    const api = await acme();
    expect(await make(api, { name: 'Ada' })).toMatchObject({ status: 201 });
    expect(await nameIn(api)).toBe('Ada');
    for (const fields of [{ name: 'Ada' }, {}]) await make(api, fields);
    expect(await nameIn(api)).toBe('Ada');
    for (const name of ['', null]) await make(api, { name });
    expect(await nameIn(api)).toBeUndefined();
    expect(namesTold(api)).toEqual([
      [null, 'Ada'],
      [undefined, undefined],
      [undefined, undefined],
      ['Ada', null],
      [undefined, undefined],
    ]);
    expect((await api.workspaces.getMember('other', 'usr_member'))?.name).toBeUndefined();
  });

  test('ends no session of theirs, and makes nobody a member', async () => {
    const api = await acme();
    const { caller } = await signedIn(api);
    await make(api, { name: 'Ada' });
    const { body } = await api.call('GET /v1/me', { as: await caller() });
    expect(body.workspaces).toEqual([{ slug: 'acme', name: 'Acme', role: 'member', member_name: 'Ada' }]);
    expect(await make(api, { user_id: 'usr_stranger', name: 'Eve' })).toMatchObject({ status: 404 });
    expect(await api.workspaces.getMember('acme', 'usr_stranger')).toBeUndefined();
  });

  test.each(['x'.repeat(101), '\u202eadA', 7, generateKey(LINK_FORMAT, randomBytes)])(
    'is refused as every other name is, and no link is made: %j',
    async (name) => {
      const api = await acme();
      const events = api.world.events.length;
      expect(await make(api, { name })).toMatchObject({ status: 400, body: { field: 'name' } });
      expect(api.world.events).toHaveLength(events);
      expect(await nameIn(api)).toBeUndefined();
    },
  );
});
