import { beforeAll, expect, test } from '@jest/globals';
import { loadProfile } from '../../../../lib/files/profile-file.ts';
import { BAD_FILTERS, BAD_VERIFICATIONS } from '../../../acceptance/bad-filters.ts';
import {
  CANARY,
  type Case,
  cases,
  fieldCases,
  type RouteName,
  TOO_LARGE,
  UNREADABLE,
} from '../../../acceptance/bad-inputs.ts';
import { type MemoryApi, memoryApi } from '../memory-api.ts';

const ISSUE = { name: 'ok', scopes: ['read:all'], created_by: 'usr_owner' };
const TOKEN = { name: 'ok', scopes: ['read'] };
const WORKSPACE = { slug: 'fresh', name: 'Fresh', created_by: 'usr_somebody' };
const INVITATION = { email: 'ada@example.com', role: 'member' };

/** For routes that need no body. */
const NO_BODY: readonly Case[] = [
  ...UNREADABLE.filter(({ body }) => body !== ''),
  ...TOO_LARGE,
  ...fieldCases({}, ['unknown']),
];

const BODY: readonly Case[] = [...UNREADABLE, ...TOO_LARGE];

/** What each route that takes a body is sent. */
const BAD: Partial<Record<RouteName, readonly Case[]>> = {
  'POST /v1/workspaces': [
    ...BODY,
    ...fieldCases(WORKSPACE, ['name', 'slug', 'plan', 'user', 'unknown']),
    ...cases('a missing field', 400, [[{ slug: 'fresh', name: 'Fresh' }, 'created_by']]),
  ],
  'PATCH /v1/workspaces/{workspace}': [
    ...BODY,
    ...fieldCases({}, ['name', 'plan', 'unknown']),
    ...cases('a field that is never changed', 400, [
      [{ slug: 'other' }, 'slug'],
      [{ owners: 5 }, 'owners'],
      [{ version: 5 }, 'version'],
    ]),
  ],
  'PUT /v1/workspaces/{workspace}/members/{user_id}': [
    ...BODY,
    ...fieldCases({ role: 'owner' }, ['role', 'unknown']),
    ...cases('a missing field', 400, [[{}, 'role']]),
  ],
  'DELETE /v1/workspaces/{workspace}/members/{user_id}': NO_BODY,
  'POST /v1/workspaces/{workspace}/keys': [
    ...BODY,
    ...fieldCases(ISSUE, [
      'name',
      'description',
      'externalId',
      'scopes',
      'expiry',
      'networks',
      'limit',
      'user',
      'unknown',
    ]),
    ...cases('a missing field', 400, [
      [{ ...ISSUE, name: undefined }, 'name'],
      [{ ...ISSUE, scopes: undefined }, 'scopes'],
      [{ ...ISSUE, created_by: undefined }, 'created_by'],
    ]),
  ],
  'POST /v1/workspaces/{workspace}/keys/import': [
    ...BODY,
    ...fieldCases({ keys: [{}] }, ['imported', 'unknown']),
    ...cases('a missing field', 400, [[{}, 'keys']]),
  ],
  'PATCH /v1/workspaces/{workspace}/keys/{key}': [
    ...BODY,
    ...fieldCases({}, [
      ...([
        'name',
        'description',
        'externalId',
        'scopes',
        'expiry',
        'networks',
        'limit',
        'enabled',
        'unknown',
      ] as const),
    ]),
    ...cases('a field that is never changed', 400, [
      [{ created_by: 'usr_owner' }, 'created_by'],
      [{ revoked_at: null }, 'revoked_at'],
      [{ status: 'active' }, 'status'],
    ]),
  ],
  'POST /v1/workspaces/{workspace}/keys/{key}/revoke': NO_BODY,
  'POST /v1/workspaces/{workspace}/keys/revoke': [...BODY, ...BAD_FILTERS],
  'POST /v1/workspaces/{workspace}/keys/{key}/rotate': [
    ...BODY,
    ...fieldCases({ overlap_seconds: 0 }, ['overlap', 'unknown']),
    ...cases('a missing field', 400, [[{}, 'overlap_seconds']]),
  ],
  'POST /v1/workspaces/{workspace}/invitations': [
    ...BODY,
    ...fieldCases(INVITATION, ['email', 'role', 'unknown']),
    ...cases('a missing field', 400, [
      [{ role: 'member' }, 'email'],
      [{ email: 'ada@example.com' }, 'role'],
    ]),
  ],
  'DELETE /v1/workspaces/{workspace}/invitations/{invitation}': NO_BODY,
  'POST /v1/keys/self/revoke': NO_BODY,
  'POST /v1/keys/verify': [...BODY, ...BAD_VERIFICATIONS],
  'POST /v1/users/{user_id}/tokens': [
    ...BODY,
    ...fieldCases(TOKEN, ['name', 'tokenScopes', 'role', 'expiry', 'unknown']),
    ...cases('a missing field', 400, [
      [{ ...TOKEN, name: undefined }, 'name'],
      [{ ...TOKEN, scopes: undefined }, 'scopes'],
    ]),
  ],
  'POST /v1/users/{user_id}/tokens/{token}/revoke': NO_BODY,
};

let acme: MemoryApi;
let sophic: MemoryApi;
let path: Readonly<Record<string, string>>;
beforeAll(async () => {
  [acme, sophic] = [memoryApi(), memoryApi(loadProfile('sophic').profile)];
  for (const api of [acme, sophic]) await api.addWorkspace('acme', { usr_member: 'member' });
  const key = await acme.addKey('acme');
  const { id: invitation } = (
    await acme.call('POST /v1/workspaces/{workspace}/invitations', {
      path: { workspace: 'acme' },
      body: { ...INVITATION, email: 'grace@example.com' },
    })
  ).body;
  const { token } = (
    await sophic.call('POST /v1/users/{user_id}/tokens', { path: { user_id: 'usr_member' }, body: TOKEN })
  ).body;
  path = { workspace: 'acme', key: key.id, invitation, user_id: 'usr_member', token: token.id };
});

/** A body as API Gateway hands it on: text, in which it has replaced what is not UTF-8. */
function textOf(body: unknown): string {
  if (Buffer.isBuffer(body)) return body.toString('utf8');
  return typeof body === 'string' ? body : JSON.stringify(body);
}

const dump = ({ world }: MemoryApi) =>
  JSON.stringify([
    [...world.workspaces],
    [...world.members],
    [...world.keys],
    [...world.tokens],
    [...world.invitations],
    world.events,
  ]);

test.each(Object.entries(BAD))(
  '%s refuses every bad body, names the field, repeats nothing of it, and changes nothing',
  async (route, bad) => {
    const api = route.includes('/tokens') ? sophic : acme;
    const before = dump(api);
    for (const { what, status, field, body } of bad) {
      const answer = await api.call(route as RouteName, { path, body: textOf(body) });
      expect({ what, status: answer.status, field: answer.body.field }).toEqual({ what, status, field });
      expect(JSON.stringify(answer)).not.toContain(CANARY);
    }
    expect(dump(api)).toBe(before);
  },
);

test('a text that shows to others may not hold a secret of the product or a management key', async () => {
  const { secret } = (await acme.call('POST /v1/workspaces/{workspace}/keys', { path, body: ISSUE })).body;
  const body = (fields: object) =>
    acme.call('POST /v1/workspaces/{workspace}/keys', { path, body: { ...ISSUE, ...fields } });
  for (const [field, value] of [
    ['name', `our key ${secret}`],
    ['description', `${secret}, do not lose it`],
    ['external_id', `${secret}`],
    ['created_by', secret],
  ]) {
    const answer = await body({ [field as string]: value });
    expect(answer).toMatchObject({ status: 400, body: { field } });
    expect(JSON.stringify(answer)).not.toContain(secret);
  }
});
