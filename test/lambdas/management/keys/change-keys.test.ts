import { describe, expect, test } from '@jest/globals';
import type { Caller } from '../../../../core/access/principal.ts';
import { holderOf, type MemoryApi, memoryApi, NOW, OPERATOR, person } from '../memory-api.ts';

const KEY = '/v1/workspaces/{workspace}/keys/{key}';
const UPDATE = `PATCH ${KEY}` as const;
const ROTATE = `POST ${KEY}/rotate` as const;
const REVOKE = `POST ${KEY}/revoke` as const;
const END_PREVIOUS = `POST ${KEY}/previous-secret/revoke` as const;
const READ = `GET ${KEY}` as const;
const LIST = 'GET /v1/workspaces/{workspace}/keys';
const PUT_MEMBER = 'PUT /v1/workspaces/{workspace}/members/{user_id}';
const REMOVE_MEMBER = 'DELETE /v1/workspaces/{workspace}/members/{user_id}';

const at = (id: string, workspace = 'acme') => ({ path: { workspace, key: id } });
const FORBIDDEN = { status: 403, body: { code: 'forbidden', detail: expect.stringMatching(/\.$/) } };

async function acme(): Promise<MemoryApi> {
  const api = memoryApi();
  await api.addWorkspace('acme', { usr_admin: 'admin', usr_member: 'member' });
  return api;
}

describe('updating a key', () => {
  test.each([
    [{ name: 'new' }, { name: 'new' }],
    [{ description: 'two\nlines' }, { description: 'two\nlines' }],
    [{ description: '' }, { description: null }],
    [{ external_id: 'customer 42' }, { external_id: 'customer 42' }],
    [{ external_id: null }, { external_id: null }],
    [{ scopes: ['write:all', 'write:all'] }, { scopes: ['write:all'] }],
    [{ enabled: false }, { status: 'disabled' }],
    [{ expires_at: '2040-01-01T02:00:00.5+02:00' }, { expires_at: '2040-01-01T00:00:00.000Z' }],
    [{ expires_at: null }, { expires_at: null }],
    [{ allowed_cidrs: ['2001:DB8::/32'] }, { allowed_cidrs: ['2001:db8::/32'] }],
    [{ allowed_cidrs: null }, { allowed_cidrs: [] }],
    [{ rate_limit: { limit: 7, window_seconds: 9 } }, { rate_limit: { limit: 7, window_seconds: 9 } }],
    [{ rate_limit: null }, { rate_limit: null }],
  ])('%j changes that field and no other', async (body, change) => {
    const api = await acme();
    const { id } = await api.addKey('acme');
    const before = (await api.call(READ, at(id))).body;
    const answer = await api.call(UPDATE, { ...at(id), body });
    expect(answer).toEqual({ status: 200, body: { ...before, ...change } });
    expect(await api.call(READ, at(id))).toEqual(answer);
  });

  test('writes one event with the fields that differ, from and to', async () => {
    const api = await acme();
    const { id } = await api.addKey('acme');
    const body = { name: 'ci', description: 'text', scopes: ['read:all', 'write:all'], enabled: false };
    await api.call(UPDATE, { ...at(id), body });
    expect(api.eventsIn('acme').at(-1)).toMatchObject({
      type: 'key.updated',
      keyId: id,
      before: { description: null, scopes: ['read:all'], enabled: true },
      after: { description: 'text', scopes: ['read:all', 'write:all'], enabled: false },
    });
    expect(Object.keys(api.eventsIn('acme').at(-1)?.after ?? {})).not.toContain('name');
  });

  test('takes at least one field', async () => {
    const api = await acme();
    const { id } = await api.addKey('acme');
    expect(await api.call(UPDATE, { ...at(id), body: {} })).toMatchObject({
      status: 400,
      body: { field: 'body', expected: 'an object with at least one field to change' },
    });
  });

  test('takes a limit from the operator alone', async () => {
    const api = await acme();
    const { id } = await api.addKey('acme');
    const admin = holderOf(await api.addKey('acme', { scopes: ['admin'] }));
    for (const as of [admin, person('usr_owner')])
      for (const rate_limit of [null, { limit: 5, window_seconds: 60 }])
        expect(await api.call(UPDATE, { ...at(id), as, body: { rate_limit } })).toMatchObject(FORBIDDEN);
  });

  test('lifts no member’s key above what the member may issue; everything else may change', async () => {
    const api = await acme();
    const admin = holderOf(await api.addKey('acme', { scopes: ['admin'] }));
    const { id } = await api.addKey('acme', { created_by: 'usr_member', scopes: ['read:all', 'write:all'] });
    const before = await api.call(READ, at(id));
    for (const as of [OPERATOR, admin, person('usr_owner')]) {
      for (const scopes of [['admin'], ['read:all', 'admin']])
        expect(await api.call(UPDATE, { ...at(id), as, body: { scopes, name: 'lifted' } })).toMatchObject(
          FORBIDDEN,
        );
      expect(await api.call(READ, at(id))).toEqual(before);
    }
    for (const as of [OPERATOR, admin, person('usr_owner')])
      for (const body of [
        { name: 'renamed' },
        { scopes: ['read:all'] },
        { scopes: ['write:all', 'read:all'] },
      ])
        expect(await api.call(UPDATE, { ...at(id), as, body })).toMatchObject({ status: 200, body });
  });

  test('loosens nothing that a higher role has set: not a disabled key, an end, networks or scopes', async () => {
    const api = await acme();
    const set = {
      enabled: false,
      expires_at: '2040-01-01T00:00:00Z',
      allowed_cidrs: ['10.0.0.0/8'],
      scopes: ['read:all'],
    };
    const { id } = await api.addKey('acme', { scopes: ['read:all', 'write:all'] }, person('usr_member'));
    await api.call(UPDATE, { ...at(id), as: person('usr_admin'), body: set });
    const before = await api.call(READ, at(id));
    for (const body of [
      { enabled: true },
      { expires_at: '2040-01-01T00:00:01Z' },
      { expires_at: null },
      { allowed_cidrs: ['10.0.0.0/7'] },
      { allowed_cidrs: null },
      { scopes: ['read:all', 'write:all'] },
    ])
      expect(await api.call(UPDATE, { ...at(id), as: person('usr_member'), body })).toMatchObject(FORBIDDEN);
    expect(await api.call(READ, at(id))).toEqual(before);
    const narrower = { expires_at: '2039-01-01T00:00:00Z', allowed_cidrs: ['10.1.0.0/16'] };
    const update = (user: string, body: object) => api.call(UPDATE, { ...at(id), as: person(user), body });
    expect(await update('usr_member', narrower)).toMatchObject({ status: 200 });
    // A bound that they narrowed themselves they may take back, to what was set.
    expect(await update('usr_member', { allowed_cidrs: set.allowed_cidrs })).toMatchObject({ status: 200 });
    expect(await update('usr_owner', { enabled: true })).toMatchObject({ status: 200 });
    for (const enabled of [false, true])
      expect(await update('usr_member', { enabled })).toMatchObject({ status: 200 });
  });

  test('gives no key more than the key that changes it has: neither a later end nor more networks', async () => {
    const api = await acme();
    const own = { expires_at: '2040-01-01T00:00:00Z', allowed_cidrs: ['127.0.0.0/8', '10.0.0.0/8'] };
    const as = holderOf(await api.addKey('acme', { scopes: ['admin'], ...own }));
    const within = { expires_at: '2039-12-31T00:00:00Z', allowed_cidrs: ['127.0.0.0/16'] };
    const { id } = await api.addKey('acme', within, as);
    for (const body of [
      { expires_at: null },
      { expires_at: '2040-01-01T00:00:01Z' },
      { allowed_cidrs: [] },
      { allowed_cidrs: null },
      { allowed_cidrs: ['127.0.0.0/7'] },
      { allowed_cidrs: ['127.0.0.0/16', '192.168.0.0/16'] },
      { allowed_cidrs: ['::/0'] },
    ])
      expect(await api.call(UPDATE, { ...at(id), as, body })).toMatchObject(FORBIDDEN);
    expect(await api.call(UPDATE, { ...at(id), as, body: own })).toMatchObject({ status: 200 });
  });

  test('loosens nothing that the operator has set, whoever asks, until the operator takes it back', async () => {
    const api = await acme();
    const { id } = await api.addKey('acme', { scopes: ['read:all', 'write:all'] }, person('usr_member'));
    const set = { expires_at: '2040-01-01T00:00:00Z', allowed_cidrs: ['10.0.0.0/8'], scopes: ['read:all'] };
    await api.call(UPDATE, { ...at(id), body: set });
    for (const user of ['usr_member', 'usr_admin', 'usr_owner'])
      for (const body of [
        { expires_at: '2040-01-01T00:00:01Z' },
        { expires_at: null },
        { allowed_cidrs: ['10.0.0.0/8', '192.0.2.0/24'] },
        { allowed_cidrs: [] },
        { scopes: ['read:all', 'write:all'] },
      ])
        expect(await api.call(UPDATE, { ...at(id), as: person(user), body })).toMatchObject({
          status: 403,
          body: { detail: expect.stringContaining('Only the operator may') },
        });
    await api.call(UPDATE, { ...at(id), body: { allowed_cidrs: [], expires_at: null } });
    const body = { expires_at: '2041-01-01T00:00:00Z' };
    expect(await api.call(UPDATE, { ...at(id), as: person('usr_member'), body })).toMatchObject({
      status: 200,
    });
  });

  test('loosens no bound that a key was issued with, and the keys that people issued keep to their rank', async () => {
    const api = await acme();
    const fields = { created_by: 'usr_member', expires_at: '2040-01-01T00:00:00Z' };
    const { id } = await api.addKey('acme', fields);
    const helper = holderOf(await api.addKey('acme', { scopes: ['admin'], created_by: 'usr_admin' }));
    const update = (as: Caller, body: object) => api.call(UPDATE, { ...at(id), as, body });
    for (const as of [person('usr_member'), helper])
      expect(await update(as, { expires_at: null })).toMatchObject(FORBIDDEN);
    expect(await update(helper, { enabled: false })).toMatchObject({ status: 200 });
    expect(await update(person('usr_member'), { enabled: true })).toMatchObject({
      status: 403,
      body: { detail: expect.stringContaining('disabled by an admin') },
    });
    expect(await update(person('usr_owner'), { enabled: true })).toMatchObject({ status: 200 });
  });
});

describe('rotating a key', () => {
  const BOUNDS = { expires_at: '2040-01-01T00:00:00Z', allowed_cidrs: ['10.0.0.0/8'] };

  test('answers a new secret this once, and tells when the older one ends', async () => {
    const api = await acme();
    const { id, start } = await api.addKey('acme');
    const answer = await api.call(ROTATE, { ...at(id), body: { overlap_seconds: 60 } });
    expect(answer).toMatchObject({
      status: 200,
      body: { key: { id }, secret: expect.stringMatching(/^kw_live_/) },
    });
    expect(api.eventsIn('acme').at(-1)).toMatchObject({
      type: 'key.rotated',
      keyId: id,
      before: { start, older_secret_ends_at: null },
      after: {
        start: answer.body.key.start,
        older_secret_ends_at: '2027-01-15T08:01:00.000Z',
        overlap_seconds: 60,
      },
    });
    expect(JSON.stringify(api.world.events)).not.toContain(answer.body.secret);
  });

  test('leaves two secrets at the most at the same time', async () => {
    const api = await acme();
    const { id } = await api.addKey('acme');
    const rotate = async (overlap_seconds: number) =>
      (await api.call(ROTATE, { ...at(id), body: { overlap_seconds } })).body.code ?? 'rotated';
    expect([await rotate(60), await rotate(60), await rotate(0), await rotate(60)]).toEqual([
      'rotated',
      'rotation_in_progress',
      'rotated',
      'rotated',
    ]);
  });

  test.each([
    [{ expires_at: '2040-01-01T00:00:00Z' }, {}],
    [{ allowed_cidrs: ['10.0.0.0/8'] }, {}],
    [{ expires_at: '2040-01-01T00:00:00Z' }, { expires_at: '2040-01-01T00:00:01Z' }],
    [{ allowed_cidrs: ['10.0.0.0/8'] }, { allowed_cidrs: ['10.0.0.0/7'] }],
    [BOUNDS, { ...BOUNDS, expires_at: '2040-01-01T00:00:01Z' }],
    [BOUNDS, { ...BOUNDS, allowed_cidrs: ['10.0.0.0/7'] }],
  ])('takes over no stronger key: an admin key of %j none of %j', async (own, its) => {
    const api = await acme();
    const as = holderOf(await api.addKey('acme', { scopes: ['admin'], ...own }));
    const { id } = await api.addKey('acme', its);
    const before = await api.call(READ, at(id));
    for (const [route, body] of [
      [UPDATE, own],
      [UPDATE, { name: 'mine' }],
      [ROTATE, { overlap_seconds: 0 }],
    ] as const)
      expect(await api.call(route, { ...at(id), as, body })).toMatchObject(FORBIDDEN);
    expect(await api.call(READ, at(id))).toEqual(before);
    // Ending it takes nothing over.
    expect(await api.call(REVOKE, { ...at(id), as })).toMatchObject({ status: 200 });
  });

  test('is not for a key with a limit of its own where the other key has a wider one, and is for keys that it issued', async () => {
    const api = await acme();
    const rate_limit = { limit: 2, window_seconds: 3_600 };
    const as = holderOf(await api.addKey('acme', { scopes: ['admin'], rate_limit }));
    const wider = at((await api.addKey('acme')).id);
    const refused = { status: 403, body: { detail: expect.stringContaining('wider rate limit') } };
    expect(await api.call(ROTATE, { ...wider, as, body: { overlap_seconds: 0 } })).toMatchObject(refused);
    expect(await api.call(UPDATE, { ...wider, as, body: { name: 'mine' } })).toMatchObject(refused);
    const own = at((await api.addKey('acme', {}, as)).id);
    expect(await api.call(UPDATE, { ...own, as, body: { name: 'mine' } })).toMatchObject({ status: 200 });
    expect(await api.call(ROTATE, { ...own, as, body: { overlap_seconds: 0 } })).toMatchObject({
      status: 200,
      body: { key: { rate_limit } },
    });
  });

  test('is nothing that a key does to itself, as little as changing itself; ending itself is', async () => {
    const api = await acme();
    const key = await api.addKey('acme', { scopes: ['admin'] });
    const as = holderOf(key);
    expect(await api.call(ROTATE, { ...at(key.id), as, body: { overlap_seconds: 0 } })).toMatchObject(
      FORBIDDEN,
    );
    expect(await api.call(UPDATE, { ...at(key.id), as, body: { name: 'x' } })).toMatchObject(FORBIDDEN);
    expect(await api.call('POST /v1/keys/self/revoke', { as })).toMatchObject({
      status: 200,
      body: { id: key.id, status: 'revoked' },
    });
  });
});

describe('the older secret of a rotated key', () => {
  async function rotated(fields: object = {}) {
    const api = await acme();
    const { id } = await api.addKey('acme', fields);
    await api.call(ROTATE, { ...at(id), body: { overlap_seconds: 60 } });
    const shown = async () => (await api.call(READ, at(id))).body.previous_secret;
    const end = (asked: object = {}) => api.call(END_PREVIOUS, { ...at(id), ...asked });
    return { api, id, shown, end };
  }

  test('is shown with its end until it ends, on the key and in lists', async () => {
    const { api, id, shown } = await rotated();
    const previous = {
      replaced_at: '2027-01-15T08:00:00.000Z',
      ends_at: '2027-01-15T08:01:00.000Z',
      last_used_at: null,
    };
    expect(await shown()).toEqual(previous);
    const list = async () => (await api.call(LIST, { path: { workspace: 'acme' } })).body.keys[0];
    expect(await list()).toMatchObject({ id, previous_secret: previous });
    api.clock.now = NOW + 60;
    expect(await shown()).toBeNull();
    expect(await list()).toMatchObject({ id, previous_secret: null });
  });

  test('ends with its key, whether that expires first or is revoked', async () => {
    const { api, id, shown } = await rotated({ expires_at: '2027-01-15T08:00:30Z' });
    expect(await shown()).toMatchObject({ ends_at: '2027-01-15T08:00:30.000Z' });
    await api.call(REVOKE, at(id));
    expect(await shown()).toBeNull();
  });

  test('ends at once when asked, with one event however often, and the key answers each time', async () => {
    const { api, id, end } = await rotated();
    const first = await end();
    expect(first).toMatchObject({ status: 200, body: { id, status: 'active', previous_secret: null } });
    api.clock.now = NOW + 5;
    expect(await end({ body: {} })).toEqual(first);
    expect(api.eventsIn('acme').filter(({ type }) => type === 'key.previous_secret_revoked')).toMatchObject([
      {
        keyId: id,
        before: { older_secret_ends_at: '2027-01-15T08:01:00.000Z' },
        after: { older_secret_ends_at: '2027-01-15T08:00:00.000Z' },
      },
    ]);
    expect(await api.call(ROTATE, { ...at(id), body: { overlap_seconds: 60 } })).toMatchObject({
      status: 200,
    });
    expect(await end({ body: { overlap_seconds: 0 } })).toMatchObject({ status: 400 });
  });

  test('is nothing that a key has which was never rotated, or has ended: nothing is left to do', async () => {
    const api = await acme();
    const { id } = await api.addKey('acme');
    for (const status of ['active', 'revoked']) {
      const events = api.world.events.length;
      expect(await api.call(END_PREVIOUS, at(id))).toMatchObject({
        status: 200,
        body: { status, previous_secret: null },
      });
      expect(api.world.events).toHaveLength(events);
      await api.call(REVOKE, at(id));
    }
  });

  test('is ended by those who may rotate the key, and by nobody else', async () => {
    const { api, id, end, shown } = await rotated();
    const before = await shown();
    const self = await api.keys.get({ workspace: 'acme', id });
    if (self === undefined) throw new Error('The key is gone.');
    const narrow = await api.addKey('acme', { scopes: ['admin'], allowed_cidrs: ['10.0.0.0/8'] });
    for (const as of [person('usr_member'), holderOf(narrow), holderOf({ ...self, scopes: ['admin'] })])
      expect(await end({ as })).toMatchObject(FORBIDDEN);
    expect(await end({ as: person('usr_stranger') })).toMatchObject({ status: 404 });
    expect(await shown()).toEqual(before);
    expect(await end({ as: person('usr_admin') })).toMatchObject({ status: 200 });
    expect(await shown()).toBeNull();
  });
});

describe('a key that has ended', () => {
  test.each([
    ['key_revoked', async (api: MemoryApi, id: string) => api.call(REVOKE, at(id))],
    [
      'key_expired',
      async (api: MemoryApi, id: string) => {
        await api.call(UPDATE, { ...at(id), body: { expires_at: '2027-01-15T08:00:10Z' } });
        api.clock.now = NOW + 10;
      },
    ],
  ])('is never changed or rotated again, and may be revoked: %s', async (code, end) => {
    const api = await acme();
    const { id } = await api.addKey('acme');
    await end(api, id);
    const before = await api.call(READ, at(id));
    for (const body of [{ name: 'x' }, { enabled: true }, { expires_at: null }])
      expect(await api.call(UPDATE, { ...at(id), body })).toMatchObject({ status: 409, body: { code } });
    expect(await api.call(ROTATE, { ...at(id), body: { overlap_seconds: 0 } })).toMatchObject({
      status: 409,
      body: { code },
    });
    expect(await api.call(READ, at(id))).toEqual(before);
    const revoked = await api.call(REVOKE, at(id));
    expect(revoked).toMatchObject({ status: 200, body: { status: 'revoked' } });
    expect(await api.call(REVOKE, { ...at(id), body: {} })).toEqual(revoked);
  });
});

describe('who reaches which key', () => {
  test('a member sees, changes, rotates and revokes their own keys, and nobody else’s', async () => {
    const api = await acme();
    const as = person('usr_member');
    const own = await api.addKey('acme', {}, as);
    const other = await api.addKey('acme');
    const all = [
      [READ, undefined],
      [UPDATE, { name: 'new' }],
      [ROTATE, { overlap_seconds: 0 }],
      [REVOKE, undefined],
    ] as const;
    const before = await api.call(READ, at(other.id));
    for (const [route, body] of all) {
      expect(await api.call(route, { ...at(other.id), as, body })).toMatchObject(FORBIDDEN);
      expect(await api.call(route, { ...at(own.id), as, body })).toMatchObject({ status: 200 });
    }
    expect(await api.call(READ, at(other.id))).toEqual(before);
    const listed = (await api.call(LIST, { path: { workspace: 'acme' }, as })).body.keys;
    expect(listed.map(({ id }: { id: string }) => id)).toEqual([own.id]);
    const everybody = (await api.call(LIST, { path: { workspace: 'acme' }, as: person('usr_admin') })).body
      .keys;
    expect(everybody.map(({ id }: { id: string }) => id)).toEqual([other.id, own.id]);
  });

  test.each(['usr_owner', 'usr_admin'])(
    '%s sees, changes, rotates and revokes everybody’s keys',
    async (user) => {
      const api = await acme();
      const { id } = await api.addKey('acme', {}, person('usr_member'));
      for (const [route, body] of [
        [READ, undefined],
        [UPDATE, { name: 'new' }],
        [ROTATE, { overlap_seconds: 0 }],
        [REVOKE, undefined],
      ] as const)
        expect(await api.call(route, { ...at(id), as: person(user), body })).toMatchObject({ status: 200 });
    },
  );

  test('a key changes and rotates what its creator could still issue, and nothing once they are gone', async () => {
    const api = await acme();
    const strong = at((await api.addKey('acme', { scopes: ['admin'] })).id);
    const weak = at((await api.addKey('acme')).id);
    const as = holderOf(await api.addKey('acme', { scopes: ['admin'] }, person('usr_admin')));
    const update = (key: typeof weak, body: object) => api.call(UPDATE, { ...key, as, body });
    const rotate = (key: typeof weak) => api.call(ROTATE, { ...key, as, body: { overlap_seconds: 0 } });
    const creator = { path: { workspace: 'acme', user_id: 'usr_admin' } };
    expect(await rotate(strong)).toMatchObject({ status: 200 });
    await api.call(PUT_MEMBER, { ...creator, body: { role: 'member' } });
    expect(await rotate(strong)).toMatchObject(FORBIDDEN);
    expect(await update(strong, { enabled: false })).toMatchObject(FORBIDDEN);
    expect(await update(weak, { scopes: ['admin'] })).toMatchObject(FORBIDDEN);
    expect(await rotate(weak)).toMatchObject({ status: 200 });
    expect(await update(weak, { name: 'weak' })).toMatchObject({ status: 200 });
    await api.call(REMOVE_MEMBER, creator);
    expect(await rotate(weak)).toMatchObject(FORBIDDEN);
    expect(await update(weak, { name: 'mine' })).toMatchObject(FORBIDDEN);
  });

  test.each([READ, UPDATE, ROTATE, REVOKE, END_PREVIOUS])(
    '%s finds no key of another workspace',
    async (route) => {
      const api = await acme();
      await api.addWorkspace('other');
      const foreign = await api.addKey('other');
      const bodies: Record<string, object> = { [UPDATE]: { name: 'x' }, [ROTATE]: { overlap_seconds: 0 } };
      const body = bodies[route];
      const before = api.world.events.length;
      for (const as of [
        OPERATOR,
        person('usr_owner'),
        holderOf(await api.addKey('acme', { scopes: ['admin'] })),
      ])
        for (const id of [foreign.id, 'key_00000000000000000000', 'kw_live_pasted', '']) {
          const answer = await api.call(route, { ...at(id), as, body });
          expect(answer).toMatchObject({ status: 404, body: { code: 'not_found' } });
          expect(answer.body.detail).toMatch(/^There is no key with this id in the workspace/);
        }
      const changes = api.world.events.slice(before).filter(({ type }) => type !== 'call.refused');
      expect(changes.map(({ type }) => type)).toEqual(['key.issued']);
      expect((await api.keys.get(foreign))?.version).toBe(foreign.version);
    },
  );
});

describe('revoking by the credential that calls', () => {
  test('ends a key, even a disabled one', async () => {
    const api = await acme();
    const key = await api.addKey('acme');
    await api.call(UPDATE, { ...at(key.id), body: { enabled: false } });
    const as = holderOf(key);
    expect(await api.call('POST /v1/keys/self/revoke', { as })).toMatchObject({
      status: 200,
      body: { id: key.id, status: 'revoked' },
    });
    expect(api.eventsIn('acme').at(-1)).toMatchObject({
      type: 'key.revoked',
      actor: { kind: 'api_key', credentialId: key.id, user: 'usr_owner' },
      before: { status: 'disabled' },
      after: { status: 'revoked' },
    });
  });

  test('is nothing for a management key or a person, who are told where theirs ends', async () => {
    const api = await acme();
    for (const as of [OPERATOR, person('usr_owner')])
      expect(await api.call('POST /v1/keys/self/revoke', { as })).toMatchObject(FORBIDDEN);
  });
});

describe('lists of keys', () => {
  test('hold every key once, newest first, page by page and by status', async () => {
    const api = await acme();
    const ids = [];
    for (let count = 0; count < 5; count += 1) ids.unshift((await api.addKey('acme')).id);
    await api.call(REVOKE, at(ids[1] ?? ''));
    const list = async (query: Readonly<Record<string, string>>) =>
      (await api.call(LIST, { path: { workspace: 'acme' }, query })).body;
    const pages: string[][] = [];
    let cursor: string | null = '';
    while (cursor !== null) {
      const page = await list(cursor === '' ? { limit: '2' } : { limit: '2', cursor });
      pages.push(page.keys.map(({ id }: { id: string }) => id));
      cursor = page.next_cursor;
    }
    expect(pages).toEqual([ids.slice(0, 2), ids.slice(2, 4), ids.slice(4)]);
    const revoked = await list({ status: 'revoked' });
    expect(revoked.keys.map(({ id }: { id: string }) => id)).toEqual([ids[1]]);
    expect(revoked.next_cursor).toBeNull();
    expect((await list({ status: 'expired' })).keys).toEqual([]);
  });

  test('hold only the keys with one external id where a call asks for it, and only the caller’s own', async () => {
    const api = await acme();
    const [first, second, other] = [
      await api.addKey('acme'),
      await api.addKey('acme'),
      await api.addKey('acme'),
    ];
    const name = (id: string, externalId: string) =>
      api.call(UPDATE, { ...at(id), body: { external_id: externalId } });
    for (const { id } of [first, second]) await name(id, 'kunde 42/ä');
    await name(other.id, 'kunde 42');
    const list = async (as: Caller) => {
      const query = { external_id: 'kunde 42/ä' };
      const { body } = await api.call(LIST, { path: { workspace: 'acme' }, query, as });
      return body.keys.map(({ id }: { id: string }) => id);
    };
    expect(await list(OPERATOR)).toEqual([second.id, first.id]);
    expect(await list(person('usr_member'))).toEqual([]);
  });

  test('hold only the keys of one creator where a call asks for it, and never another’s for a member', async () => {
    const api = await acme();
    const issue = async (created_by: string) => (await api.addKey('acme', { created_by })).id;
    const [owners, members] = [await issue('usr_owner'), await issue('usr_member')];
    const list = async (as: Caller, created_by: string) => {
      const { body } = await api.call(LIST, { path: { workspace: 'acme' }, query: { created_by }, as });
      return body.keys.map(({ id }: { id: string }) => id);
    };
    for (const as of [OPERATOR, person('usr_owner')]) {
      expect(await list(as, 'usr_owner')).toEqual([owners]);
      expect(await list(as, 'usr_member')).toEqual([members]);
      expect(await list(as, 'usr_nobody')).toEqual([]);
    }
    expect(await list(person('usr_member'), 'usr_member')).toEqual([members]);
    expect(await list(person('usr_member'), 'usr_owner')).toEqual([]);
  });

  test.each([
    [{ limit: '0' }, 'limit'],
    [{ limit: '101' }, 'limit'],
    [{ limit: '5.0' }, 'limit'],
    [{ limit: '' }, 'limit'],
    [{ cursor: 'x' }, 'cursor'],
    [{ cursor: '' }, 'cursor'],
    [{ cursor: Buffer.from('pat_00000000000000000000').toString('base64url') }, 'cursor'],
    [{ status: 'Active' }, 'status'],
    [{ status: '' }, 'status'],
    [{ external_id: '' }, 'external_id'],
    [{ external_id: 'n'.repeat(129) }, 'external_id'],
    [{ external_id: 'two\nlines' }, 'external_id'],
    [{ created_by: '' }, 'created_by'],
    [{ created_by: 'two\nlines' }, 'created_by'],
    [{ offset: '5' }, 'query'],
    [{ constructor: '5' }, 'query'],
  ])('%j is refused, and the answer names %s', async (query, field) => {
    const api = await acme();
    const answer = await api.call(LIST, {
      path: { workspace: 'acme' },
      query: query as Record<string, string>,
    });
    expect(answer).toMatchObject({ status: 400, body: { code: 'invalid_request', field } });
  });
});
