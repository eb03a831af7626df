import { beforeEach, describe, expect, test } from '@jest/globals';
import type { Caller } from '../../../../core/access/principal.ts';
import type { ApiKey } from '../../../../core/credential/credential.ts';
import { Unavailable } from '../../../../core/errors/fault.ts';
import { formatTimestamp } from '../../../../core/text/timestamp.ts';
import { loadProfile } from '../../../../lib/files/profile-file.ts';
import { addressOf, newIdAt } from '../../../stores/memory/world.ts';
import { capturedLog } from '../../captured-log.ts';
import { holderOf, type MemoryApi, memoryApi, NOW, OPERATOR, person } from '../memory-api.ts';

const REVOKE_KEYS = 'POST /v1/workspaces/{workspace}/keys/revoke';
const DAY = 86_400;
const logged = capturedLog();

let api: MemoryApi;
beforeEach(async () => {
  api = memoryApi();
  await api.addWorkspace('acme', { usr_admin: 'admin', usr_member: 'member' });
});

async function ask(body: object, as: Caller = OPERATOR) {
  return api.call(REVOKE_KEYS, { as, path: { workspace: 'acme' }, body });
}
const revoke = async (filter: object, as?: Caller) => (await ask({ dry_run: false, ...filter }, as)).body;
const dryRun = async (filter: object, as?: Caller) => (await ask({ dry_run: true, ...filter }, as)).body;

const idsOf = ({ keys }: { keys: readonly { id: string }[] }) => keys.map(({ id }) => id).sort();
const sorted = (...keys: readonly ApiKey[]) => keys.map(({ id }) => id).sort();
const isRevoked = async ({ id }: ApiKey) =>
  (await api.keys.get({ workspace: 'acme', id }))?.revokedAt !== null;
const revocations = () => api.eventsIn('acme').filter(({ type }) => type === 'key.revoked');

/** Puts keys into the store as they would be after a life of their own. */
function put(over: Partial<ApiKey>, template: ApiKey): ApiKey {
  const key = { ...template, id: newIdAt('key', over.createdAt ?? NOW), ...over };
  api.world.keys.set(addressOf('acme', key.id), { key, creatorVersion: null, secretEnds: [null] });
  return key;
}

describe('the filter', () => {
  test('ends the keys that meet all of it, with an event each, and no others', async () => {
    const mine = await api.addKey('acme', { scopes: ['write:all'], expires_at: '2030-01-01T00:00:00Z' });
    const others = [
      await api.addKey('acme', { scopes: ['read:all'], expires_at: '2030-01-01T00:00:00Z' }),
      await api.addKey('acme', { scopes: ['write:all'] }),
      await api.addKey('acme', { scopes: ['write:all'], created_by: 'usr_member' }),
    ];
    const filter = { created_by: 'usr_owner', scope: 'write:all', expires_before: '2031-01-01T00:00:00Z' };
    const answer = await revoke(filter);
    expect(answer).toEqual({
      dry_run: false,
      keys: [
        {
          ...{ id: mine.id, name: 'ci', start: mine.start, created_by: 'usr_owner', last_used_at: null },
          ...{ expires_at: '2030-01-01T00:00:00.000Z', status_before: 'active', outcome: 'revoked' },
        },
      ],
      counts: { would_be_revoked: 0, revoked: 1, already_revoked: 0, own_key_kept: 0, failed: 0 },
      unknown_ids: [],
      next_cursor: null,
    });
    expect(await isRevoked(mine)).toBe(true);
    for (const other of others) expect(await isRevoked(other)).toBe(false);
    expect(revocations()).toMatchObject([
      {
        keyId: mine.id,
        actor: { kind: 'management_key' },
        before: { status: 'active' },
        after: { status: 'revoked' },
      },
    ]);
  });

  test('by external id finds the keys that have it', async () => {
    const [mine] = [await api.addKey('acme', { external_id: 'a-1' }), await api.addKey('acme')];
    expect(idsOf(await dryRun({ external_id: 'a-1' }))).toEqual([mine.id]);
    expect(idsOf(await dryRun({ external_id: 'a-1', ids: [mine.id] }))).toEqual([mine.id]);
    expect(idsOf(await dryRun({ external_id: 'a-2', ids: [mine.id] }))).toEqual([]);
  });

  test('by scope finds the keys that hold it by name, by implication or with all scopes', async () => {
    const broad = await api.addKey('acme', { scopes: ['admin'] });
    const named = await api.addKey('acme', { scopes: ['read:all', 'write:all'] });
    await api.addKey('acme', { scopes: ['read:all'] });
    const all = put({ scopes: 'all' }, named);
    expect(idsOf(await dryRun({ scope: 'write:all' }))).toEqual(sorted(broad, named, all));
    expect(idsOf(await dryRun({ scope: 'admin' }))).toEqual(sorted(broad, all));
  });

  test('by use counts the last use, and the creation of a key that was never used', async () => {
    const template = await api.addKey('acme');
    const [old, then] = [NOW - 90 * DAY, NOW - 30 * DAY];
    const neverUsed = put({ createdAt: old, lastUsedAt: null }, template);
    const usedBefore = put({ createdAt: old, lastUsedAt: then - 1 }, template);
    put({ createdAt: old, lastUsedAt: then }, template);
    put({ createdAt: then, lastUsedAt: null }, template);
    const { keys } = await dryRun({ unused_since: formatTimestamp(then) });
    expect(idsOf({ keys })).toEqual(sorted(neverUsed, usedBefore));
  });

  test('by expiry leaves out keys without one, and keys that expire at that very moment', async () => {
    const [end, template] = ['2030-01-01T00:00:00Z', await api.addKey('acme')];
    const seconds = Date.parse(end) / 1000;
    const soon = put({ expiresAt: seconds - 1 }, template);
    const expired = put({ expiresAt: NOW - 1 }, template);
    put({ expiresAt: seconds }, template);
    const { keys } = await dryRun({ expires_before: end });
    expect(idsOf({ keys })).toEqual(sorted(soon, expired));
  });

  test.each(['active', 'disabled', 'expired'])('by status finds keys that are %s', async (status) => {
    const template = await api.addKey('acme');
    put({ enabled: false }, template);
    put({ expiresAt: NOW }, template);
    put({ revokedAt: NOW }, template);
    const { keys } = await dryRun({ status });
    expect(keys).toMatchObject([{ status_before: status }]);
  });

  test('by id names the ids of no key, and what was revoked before', async () => {
    const [one, ended] = [await api.addKey('acme'), await api.addKey('acme')];
    await revoke({ ids: [ended.id] });
    await api.addWorkspace('other');
    const foreign = await api.addKey('other');
    const unknown = `key_${'9'.repeat(20)}`;
    const answer = await revoke({ ids: [unknown, one.id, ended.id, one.id, foreign.id] });
    expect(answer.unknown_ids).toEqual([unknown, foreign.id].sort().reverse());
    const outcomes = Object.fromEntries(answer.keys.map(({ id, outcome }: never) => [id, outcome]));
    expect(outcomes).toEqual({ [one.id]: 'revoked', [ended.id]: 'already_revoked' });
    expect(revocations()).toHaveLength(2);
    expect((await api.keys.get({ workspace: 'other', id: foreign.id }))?.revokedAt).toBe(null);
  });

  test('takes no scope where keys carry none', async () => {
    api = memoryApi(loadProfile('supertone').profile);
    await api.addWorkspace('acme');
    expect(await ask({ dry_run: false, scope: 'admin' })).toMatchObject({
      status: 400,
      body: { field: 'scope', expected: 'left out: keys carry no scopes here' },
    });
    expect((await ask({ dry_run: false })).body.expected).not.toMatch('scope');
  });
});

test('a dry run names the same keys, changes nothing and writes no event', async () => {
  const keys = [await api.addKey('acme'), await api.addKey('acme', { created_by: 'usr_member' })];
  const before = JSON.stringify([[...api.world.keys], api.world.events]);
  const seen = await dryRun({ status: 'active' });
  expect(seen.keys.map(({ outcome }: { outcome: string }) => outcome)).toEqual(
    keys.map(() => 'would_be_revoked'),
  );
  expect(JSON.stringify([[...api.world.keys], api.world.events])).toBe(before);
  expect(idsOf(await revoke({ status: 'active' }))).toEqual(idsOf(seen));
});

describe('who calls', () => {
  test('a plain member ends only their own keys, and learns of no other', async () => {
    const own = await api.addKey('acme', {}, person('usr_member'));
    const foreign = await api.addKey('acme');
    const as = person('usr_member');
    expect(idsOf(await dryRun({ status: 'active' }, as))).toEqual([own.id]);
    expect(await dryRun({ created_by: 'usr_owner' }, as)).toMatchObject({ keys: [], unknown_ids: [] });
    expect(await revoke({ ids: [foreign.id, own.id] }, as)).toMatchObject({
      keys: [{ id: own.id, outcome: 'revoked' }],
      unknown_ids: [foreign.id],
    });
    expect(await isRevoked(foreign)).toBe(false);
  });

  test('an admin ends the keys of others, even of the owner', async () => {
    const key = await api.addKey('acme');
    expect((await revoke({ status: 'active' }, person('usr_admin'))).counts.revoked).toBe(1);
    expect(await isRevoked(key)).toBe(true);
  });

  test('a key that calls is kept, so that it can go on with the next page', async () => {
    const admin = await api.addKey('acme', { scopes: ['admin'] });
    const other = await api.addKey('acme', { scopes: ['admin'] });
    const { keys } = await revoke({ scope: 'admin' }, holderOf(admin));
    expect(keys).toHaveLength(2);
    expect(keys).toContainEqual(expect.objectContaining({ id: admin.id, outcome: 'own_key_kept' }));
    expect([await isRevoked(admin), await isRevoked(other)]).toEqual([false, true]);
  });

  test('a stranger finds no workspace, whatever the body', async () => {
    const key = await api.addKey('acme');
    const answers = [await ask({ dry_run: false, ids: [key.id] }, person('usr_stranger'))];
    answers.push(await ask({ nonsense: 1 }, person('usr_stranger')));
    for (const answer of answers) expect(answer).toMatchObject({ status: 404, body: { code: 'not_found' } });
    expect(await isRevoked(key)).toBe(false);
  });
});

describe('many keys', () => {
  const LONG_AGO = NOW - 365 * DAY;
  async function putMany(count: number): Promise<readonly ApiKey[]> {
    const template = await api.addKey('acme', { created_by: 'usr_member' });
    return Array.from({ length: count }, (_, index) =>
      put({ createdAt: LONG_AGO + index, createdBy: 'usr_many' }, template),
    );
  }

  test('are revoked call after call, each once, with the cursor of the answer before', async () => {
    const keys = await putMany(250);
    const seen: string[] = [];
    let cursor: string | null | undefined;
    for (let calls = 1; cursor !== null; calls += 1) {
      const body = await revoke({ created_by: 'usr_many', limit: 120, ...(cursor && { cursor }) });
      seen.push(...idsOf(body));
      cursor = body.next_cursor;
      expect(calls).toBeLessThan(4);
    }
    expect(seen.sort()).toEqual(sorted(...keys));
    expect(revocations()).toHaveLength(250);
  });

  test('named by their ids are revoked in the same way, and every unknown id is named once', async () => {
    const keys = await putMany(150);
    const unknown = Array.from({ length: 150 }, (_, index) => newIdAt('key', LONG_AGO + index));
    const ids = [...sorted(...keys), ...unknown];
    const named: string[] = [];
    let cursor: string | null | undefined;
    while (cursor !== null) {
      const body = await revoke({ ids, limit: 70, ...(cursor && { cursor }) });
      named.push(...body.unknown_ids);
      cursor = body.next_cursor;
    }
    expect(named.sort()).toEqual([...unknown].sort());
    for (const key of keys) expect(await isRevoked(key)).toBe(true);
  });

  test('beyond the time of a call are left to the next: the answer says what was done', async () => {
    const keys = await putMany(250);
    const { revoke: revokeOne } = api.keys;
    let revoked = 0;
    api.keys.revoke = (revocation) => {
      revoked += 1;
      if (revoked === 130) api.clock.millisecondsLeft = 2_000;
      return revokeOne(revocation);
    };
    const first = await revoke({ created_by: 'usr_many' });
    expect(first.counts.revoked).toBe(revoked);
    expect(revoked).toBeLessThan(250);
    api.clock.millisecondsLeft = Number.POSITIVE_INFINITY;
    const second = await revoke({ created_by: 'usr_many', cursor: first.next_cursor });
    expect([second.counts.revoked, second.next_cursor]).toEqual([250 - first.counts.revoked, null]);
    expect([...idsOf(first), ...idsOf(second)].sort()).toEqual(sorted(...keys));
  });

  test('of which one cannot be revoked now: it is told, the others end, and a repeated call ends it', async () => {
    const keys = await putMany(40);
    const { revoke: revokeOne } = api.keys;
    const stubborn = keys[7]?.id;
    api.keys.revoke = async (revocation) => {
      if (revocation.address.id === stubborn) throw new Unavailable('The store did not take a write.');
      return revokeOne(revocation);
    };
    const { status, body } = await ask({ dry_run: false, created_by: 'usr_many' });
    expect([status, body.counts.revoked, body.counts.failed]).toEqual([200, 39, 1]);
    expect(body.keys).toContainEqual(expect.objectContaining({ id: stubborn, outcome: 'failed' }));
    expect(logged.join()).toMatch(/Of 40 keys, 1 could not be revoked.*did not take a write/);
    api.keys.revoke = revokeOne;
    expect(await revoke({ created_by: 'usr_many' })).toMatchObject({
      keys: [{ id: stubborn, outcome: 'revoked' }],
      next_cursor: null,
    });
  });

  test('that cannot be listed any further: the answer says what was done before, and where to go on', async () => {
    await putMany(250);
    const { list } = api.keys;
    api.keys.list = async (query) => {
      if (query.after !== undefined) throw new Unavailable('The store did not answer a read.');
      return list(query);
    };
    const body = await revoke({ created_by: 'usr_many' });
    expect([body.counts.revoked, typeof body.next_cursor]).toEqual([100, 'string']);
    const { next_cursor: cursor } = body;
    await expect(revoke({ created_by: 'usr_many', cursor })).rejects.toThrow('did not answer');
    api.keys.list = list;
    expect((await revoke({ created_by: 'usr_many', cursor })).counts.revoked).toBe(150);
  });

  test('without any time are a passing fault: nothing was begun', async () => {
    await putMany(3);
    api.clock.millisecondsLeft = 1_000;
    await expect(ask({ dry_run: false, created_by: 'usr_many' })).rejects.toThrow(Unavailable);
    expect(revocations()).toHaveLength(0);
  });
});
