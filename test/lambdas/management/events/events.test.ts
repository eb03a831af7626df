import { describe, expect, test } from '@jest/globals';
import { holderOf, type MemoryApi, memoryApi, NOW, OPERATOR, person, SOURCE_ADDRESS } from '../memory-api.ts';

const READ = 'GET /v1/workspaces/{workspace}/events';
const MINE = 'GET /v1/me/events';
const KEY = '/v1/workspaces/{workspace}/keys/{key}';
const path = { workspace: 'acme' };

async function acme(): Promise<MemoryApi> {
  const api = memoryApi();
  await api.addWorkspace('acme', { usr_admin: 'admin', usr_member: 'member' });
  return api;
}

test('an event is shown with every field, and null for what it does not have', async () => {
  const api = await acme();
  const key = await api.addKey('acme');
  const { events } = (await api.call(READ, { path, query: { limit: '1' } })).body;
  expect(events).toEqual([
    {
      id: expect.stringMatching(/^evt_/),
      at: '2027-01-15T08:00:00.000Z',
      type: 'key.issued',
      actor: { kind: 'management_key', credential_id: OPERATOR.credentialId, user: null },
      source_address: SOURCE_ADDRESS,
      workspace: 'acme',
      key_id: key.id,
      user_id: null,
      invitation_id: null,
      before: null,
      after: expect.objectContaining({ name: 'ci' }),
      outcome: 'done',
      action: null,
      code: null,
    },
  ]);
});

describe('the log of a workspace is open', () => {
  test('to the operator, owners, admins and keys that administer, and not to a plain member', async () => {
    const api = await acme();
    const key = holderOf(await api.addKey('acme', { scopes: ['admin'] }));
    for (const as of [OPERATOR, person('usr_owner'), person('usr_admin'), key])
      expect(await api.call(READ, { path, as })).toMatchObject({ status: 200 });
    expect(await api.call(READ, { path, as: person('usr_member') })).toMatchObject({
      status: 403,
      body: { code: 'forbidden' },
    });
  });

  test('to nobody for refusals outside it: each person reads those in their own log', async () => {
    const api = await acme();
    await api.call(READ, { path, as: person('usr_stranger') });
    const { events } = (await api.call(MINE, { as: person('usr_stranger') })).body;
    expect(events).toMatchObject([{ type: 'call.refused', workspace: null, code: 'not_found' }]);
    expect((await api.call(MINE, { as: person('usr_member') })).body.events).toEqual([]);
    await api.call('POST /v1/keys/self/revoke');
    expect((await api.call(MINE)).body.events).toMatchObject([{ type: 'call.refused', workspace: null }]);
  });
});

describe('a refusal', () => {
  test('of a member is in the workspace’s log, with what was tried', async () => {
    const api = await acme();
    const { id } = await api.addKey('acme');
    const at = { path: { workspace: 'acme', key: id } };
    await api.call(`PATCH ${KEY}`, { ...at, as: person('usr_member'), body: { name: 'x' } });
    const { events } = (await api.call(READ, { path, query: { outcome: 'refused' } })).body;
    expect(events).toMatchObject([
      {
        type: 'call.refused',
        actor: { kind: 'person', credential_id: null, user: 'usr_member' },
        source_address: SOURCE_ADDRESS,
        workspace: 'acme',
        key_id: id,
        outcome: 'refused',
        action: `PATCH ${KEY}`,
        code: 'forbidden',
      },
    ]);
  });

  test('has one event a minute for each caller, route and code', async () => {
    const api = await acme();
    const refused = () => api.eventsIn('acme').filter(({ type }) => type === 'call.refused').length;
    const read = (user: string) => api.call(READ, { path, as: person(user) });
    for (let count = 0; count < 3; count += 1) await read('usr_member');
    expect(refused()).toBe(1);
    api.clock.now = NOW + 60;
    await read('usr_member');
    expect(refused()).toBe(2);
    await api.call('GET /v1/workspaces/{workspace}/invitations', { path, as: person('usr_member') });
    expect(refused()).toBe(3);
  });

  test('holds no text that the caller wrote: what cannot be an id may be a secret', async () => {
    const api = await acme();
    const pasted = `kw_live_${'0'.repeat(36)}`;
    await api.call(`GET ${KEY}`, { path: { workspace: 'acme', key: pasted }, as: person('usr_owner') });
    const { events } = (await api.call(READ, { path, query: { outcome: 'refused' } })).body;
    expect(events).toMatchObject([{ key_id: null, code: 'not_found' }]);
    expect(JSON.stringify(api.world.events)).not.toContain(pasted);
  });

  test('of an unreadable request is no event, and neither is a success without a change', async () => {
    const api = await acme();
    const { id } = await api.addKey('acme');
    const before = api.world.events.length;
    const at = { path: { workspace: 'acme', key: id } };
    await api.call(`PATCH ${KEY}`, { ...at, body: { surprise: 1 } });
    await api.call(`PATCH ${KEY}`, { ...at, body: `{"name":"${'x'.repeat(70_000)}"}` });
    await api.call(`GET ${KEY}`, at);
    await api.call('GET /v1/me');
    await api.call('GET /v1/workspaces/{workspace}/keys', { path });
    expect(api.world.events).toHaveLength(before);
  });
});

describe('the log can be searched', () => {
  test('by type, key, actor, outcome and time, newest first and page by page', async () => {
    const api = await acme();
    const first = await api.addKey('acme', {}, person('usr_member'));
    api.clock.now = NOW + 100;
    const second = await api.addKey('acme');
    await api.call(`POST ${KEY}/revoke`, { path: { workspace: 'acme', key: second.id } });
    const types = async (query: Readonly<Record<string, string>>) =>
      (await api.call(READ, { path, query })).body.events.map(({ type }: { type: string }) => type);
    expect(await types({ key_id: second.id })).toEqual(['key.revoked', 'key.issued']);
    expect(await types({ key_id: first.id })).toEqual(['key.issued']);
    expect(await types({ type: 'key.issued' })).toEqual(['key.issued', 'key.issued']);
    expect(await types({ actor: 'usr_member' })).toEqual(['key.issued']);
    expect(await types({ from: '2027-01-15T08:00:00.5Z' })).toEqual(['key.revoked', 'key.issued']);
    expect(await types({ to: '2027-01-15T08:00:00Z' })).toEqual([]);
    expect(await types({ outcome: 'refused' })).toEqual([]);
    const page = (await api.call(READ, { path, query: { limit: '2' } })).body;
    expect(page.events.map(({ type }: { type: string }) => type)).toEqual(['key.revoked', 'key.issued']);
    const rest = await types({ cursor: page.next_cursor });
    expect(rest).toEqual(['key.issued', 'member.added', 'member.added', 'workspace.created']);
  });

  test.each([
    [{ limit: '101' }, 'limit'],
    [{ cursor: Buffer.from('key_00000000000000000000').toString('base64url') }, 'cursor'],
    [{ type: 'Key.issued' }, 'type'],
    [{ type: '' }, 'type'],
    [{ key_id: 'chg_00000000000000000000' }, 'key_id'],
    [{ actor: 'a\u0000b' }, 'actor'],
    [{ actor: '' }, 'actor'],
    [{ outcome: 'failed' }, 'outcome'],
    [{ from: 'yesterday' }, 'from'],
    [{ from: '2027-02-30T00:00:00Z' }, 'from'],
    [{ to: '2027-01-01' }, 'to'],
    [{ from: '2027-01-01T00:00:00Z', to: '2027-01-01T00:00:00Z' }, 'to'],
    [{ user: 'usr_owner' }, 'query'],
    [{ __proto__: null, toString: '1' }, 'query'],
  ])('and not by %j: the answer names %s', async (query, field) => {
    const api = await acme();
    for (const route of [READ, MINE] as const)
      expect(await api.call(route, { path, query: query as Record<string, string> })).toMatchObject({
        status: 400,
        body: { code: 'invalid_request', field },
      });
  });
});
