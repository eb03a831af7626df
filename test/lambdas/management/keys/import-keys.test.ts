import { createHash } from 'node:crypto';
import { beforeEach, describe, expect, test } from '@jest/globals';
import type { Profile } from '../../../../core/profile/profile.ts';
import { OLDER } from '../../../core/credential/older-keys.ts';
import { profile as standard } from '../../../standard-profile.ts';
import { MAX_KEYS_PER_MEMBER, type MemoryApi, memoryApi, NOW, OPERATOR, person } from '../memory-api.ts';

const IMPORT = 'POST /v1/workspaces/{workspace}/keys/import';
const KEY = '/v1/workspaces/{workspace}/keys/{key}';
const LIST = 'GET /v1/workspaces/{workspace}/keys';
const path = { workspace: 'acme' };

const digestOf = (text: string) => createHash('sha256').update(text).digest('hex');
let count = 0;
/** A row that is imported, unless `fields` say otherwise. */
const rowOf = (fields: object = {}) => {
  count += 1;
  const hash = digestOf(`key ${count}`);
  return { hash, algorithm: 'sha256', name: 'ci', scopes: ['read:all'], created_by: 'usr_owner', ...fields };
};

let api: MemoryApi;
beforeEach(async () => {
  api = memoryApi();
  await api.addWorkspace('acme', { usr_admin: 'admin', usr_member: 'member' });
});

const importRows = async (keys: readonly unknown[], further: object = {}) =>
  (await api.call(IMPORT, { path, body: { keys, ...further } })).body;

async function resultOf(fields: object, of = api) {
  const { body } = await of.call(IMPORT, { path, body: { keys: [rowOf(fields)] } });
  return body.results[0];
}

test('an imported key is shown as its row says, and its event tells of it without the hash', async () => {
  const row = rowOf({
    description: 'from before',
    external_id: 'customer-42',
    expires_at: '2040-01-01T00:00:00Z',
    allowed_cidrs: ['10.0.0.0/8'],
    rate_limit: { limit: 5, window_seconds: 60 },
    enabled: false,
    created_at: '2020-02-29T12:00:00Z',
    last_used_at: '2026-01-01T00:00:00Z',
    start: 'kw_live_abcdefgh',
  });
  const answer = await importRows([row]);
  const id = expect.stringMatching(/^key_\w{20}$/);
  const results = [{ index: 0, outcome: 'imported', id, code: null, reason: null }];
  expect(answer).toEqual({ results, imported: 1, present: 0, skipped: 0 });
  const shown = await api.call(`GET ${KEY}`, { path: { ...path, key: answer.results[0].id } });
  const { hash, algorithm, ...fields } = row;
  expect(shown.body).toEqual({
    ...fields,
    id: answer.results[0].id,
    kind: 'api_key',
    workspace: 'acme',
    start: 'kw_live_abcd',
    role: null,
    enabled: undefined,
    status: 'disabled',
    created_at: '2020-02-29T12:00:00.000Z',
    expires_at: '2040-01-01T00:00:00.000Z',
    last_used_at: '2026-01-01T00:00:00.000Z',
    previous_secret: null,
    revoked_at: null,
    plan: 'free',
  });
  const event = api.eventsIn('acme').at(-1);
  expect(event).toMatchObject({
    type: 'key.imported',
    at: NOW,
    actor: { kind: 'management_key', credentialId: OPERATOR.credentialId },
    keyId: answer.results[0].id,
    after: { start: 'kw_live_abcd', external_id: 'customer-42', enabled: false, created_by: 'usr_owner' },
  });
  const digest = Buffer.from(hash, 'hex').toString('base64url');
  for (const text of [hash, digest]) expect(JSON.stringify(api.world.events)).not.toContain(text);
});

test('rows that cannot be imported are skipped with a reason, and the others of the call are imported', async () => {
  const [first, second] = [rowOf(), rowOf()];
  const { results, imported, skipped } = await importRows([first, { ...second, name: '' }, 7, second, first]);
  expect([imported, skipped]).toEqual([2, 2]);
  expect(results.map(({ outcome, code }: Record<string, string>) => [outcome, code])).toEqual([
    ['imported', null],
    ['skipped', 'invalid_row'],
    ['skipped', 'invalid_row'],
    ['imported', null],
    ['present', 'already_present'],
  ]);
  expect(results[4].id).toBe(results[0].id);
  expect((await api.call(LIST, { path })).body.keys).toHaveLength(2);
});

test.each<[object, string, string]>([
  [{ hash: undefined }, 'invalid_row', 'hash must be given.'],
  [{ hash: 5 }, 'invalid_row', 'hash must be the hash of a key, as a text of at most 128 characters.'],
  [{ hash: 'ab' }, 'hash_not_accepted', 'The hash must be a SHA-256 of 64 hexadecimal digits.'],
  [{ algorithm: 'md5' }, 'invalid_row', 'algorithm must be one of sha256, bcrypt.'],
  [{ algorithm: 'sha265' }, 'invalid_row', 'algorithm must be one of sha256, bcrypt (did you mean sha256?).'],
  [{ encoding: 'utf8' }, 'invalid_row', 'encoding must be one of hex, base64, base64url.'],
  [
    { lookup_prefix: 'abcdefgh' },
    'invalid_row',
    'lookup_prefix must be left out: only hashes of bcrypt have one.',
  ],
  [{ algorithm: 'bcrypt' }, 'invalid_row', 'lookup_prefix must be given: a hash of bcrypt is found by it.'],
  [{ created_at: '2040-01-01T00:00:00Z' }, 'invalid_row', 'created_at must be a past time in ISO 8601'],
  [{ expires_at: '2001-01-01T00:00:00Z' }, 'invalid_row', 'expires_at must be a future time'],
  [{ scopes: [] }, 'invalid_row', 'scopes must be a list of at least one of'],
  [{ created_by: undefined }, 'invalid_row', 'created_by must be the id of the user'],
  [
    { created_by: 'usr_stranger' },
    'creator_not_found',
    'The user in created_by is no member of the workspace.',
  ],
  [
    { created_by: 'usr_member', scopes: ['admin'] },
    'creator_may_not_issue',
    'A user with the role member may not issue these scopes.',
  ],
  [{ secret: 'kw_live_x' }, 'invalid_row', 'secret must be left out, since no such field is known.'],
  [{ start: 'other_abcd' }, 'hash_not_accepted', 'The start must be the first characters of the key'],
  [{ shape: 'other' }, 'hash_not_accepted', 'The shape must be one of issued'],
])('a row with %j is skipped as %s', async (fields, code, reason) => {
  const result = await resultOf(fields);
  expect(result).toMatchObject({ outcome: 'skipped', id: null, code });
  expect(result.reason).toContain(reason);
  expect(result.reason).toMatch(/\.$/);
  expect(api.world.keys.size).toBe(0);
});

test('a member has no more imported keys than issued ones', async () => {
  const rows = Array.from({ length: MAX_KEYS_PER_MEMBER + 1 }, () => rowOf());
  const { results, imported } = await importRows(rows);
  expect(imported).toBe(MAX_KEYS_PER_MEMBER);
  expect(results.at(-1)).toMatchObject({ outcome: 'skipped', code: 'key_limit_reached' });
});

test('a dry run tells the same and imports nothing', async () => {
  const rows = [rowOf(), { ...rowOf(), name: '' }];
  const told = await importRows(rows, { dry_run: true });
  expect(api.world.keys.size).toBe(0);
  expect(api.eventsIn('acme').filter(({ type }) => type === 'key.imported')).toEqual([]);
  expect(await importRows(rows)).toEqual(told);
});

test('a hash of another workspace is skipped, and the reason does not tell which', async () => {
  const row = rowOf();
  await importRows([row]);
  await api.addWorkspace('other');
  const body = { keys: [row] };
  const answer = await api.call(IMPORT, { path: { workspace: 'other' }, body });
  expect(answer.body.results[0]).toMatchObject({ outcome: 'skipped', code: 'hash_taken', id: null });
  expect(JSON.stringify(answer.body)).not.toContain('acme');
});

test('an imported key that was revoked stays revoked', async () => {
  const row = rowOf();
  const [{ id }] = (await importRows([row])).results;
  await api.call(`POST ${KEY}/revoke`, { path: { ...path, key: id } });
  expect((await importRows([row])).results[0]).toMatchObject({
    outcome: 'present',
    id,
    code: 'already_ended',
  });
  expect((await api.call(`GET ${KEY}`, { path: { ...path, key: id } })).body.status).toBe('revoked');
});

test('whatever the operator has set on an imported key, a person loosens no more', async () => {
  const [{ id }] = (await importRows([rowOf({ enabled: false })])).results;
  const asked = { path: { ...path, key: id }, as: person('usr_owner'), body: { enabled: true } };
  expect((await api.call(`PATCH ${KEY}`, asked)).status).toBe(403);
});

describe('a product that accepts keys of another system', () => {
  const apiKey = { ...standard.apiKey, accepts: [OLDER.unkey, OLDER.bcrypt] };
  const profile: Profile = { ...standard, apiKey };
  const bcrypt = { hash: `$2b$10$${'a'.repeat(53)}`, algorithm: 'bcrypt', lookup_prefix: 'sk_old_abcdefgh' };

  test('imports their hashes, and shows how the keys begin', async () => {
    const accepting = memoryApi(profile);
    await accepting.addWorkspace('acme');
    const hash = createHash('sha256').update('acme_x').digest('base64');
    const unkey = { hash, encoding: 'base64', start: 'acme_3Zx', shape: 'unkey' };
    for (const [fields, start] of [
      [unkey, 'acme_3Zx'],
      [bcrypt, 'sk_old_abcdefgh'],
    ] as const) {
      const { outcome, id } = await resultOf(fields, accepting);
      expect(outcome).toBe('imported');
      const { body } = await accepting.call(`GET ${KEY}`, { path: { ...path, key: id } });
      expect(body.start).toBe(start);
    }
  });

  test('says what is missing where no shape is hashed so', async () => {
    const { code, reason } = await resultOf(bcrypt);
    expect(code).toBe('hash_not_accepted');
    expect(reason).toContain('api_key.accepts');
  });
});
