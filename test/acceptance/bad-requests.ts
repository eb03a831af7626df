import {
  addressCases,
  eventListCases,
  formerMemberCases,
  invitationAddressCases,
  listCases,
  memberListCases,
  newMemberCases,
  type TokenAddress,
  tokenAddressCases,
} from './bad-addresses.ts';
import { BAD_FILTERS, BAD_VERIFICATIONS } from './bad-filters.ts';
import {
  CANARY,
  type Case,
  cases,
  fieldCases,
  type Issued,
  type RouteName,
  TOO_LARGE,
  UNREADABLE,
} from './bad-inputs.ts';

export const VALID_KEY = { name: 'ok', scopes: ['read:all'] };
export const VALID_TOKEN = { name: 'ok', scopes: ['read'] };
export const VALID_INVITATION = { email: 'ada@example.com', role: 'member' };
const VALID_WORKSPACE = { slug: 'fresh', name: 'Fresh', created_by: 'usr_somebody' };

const NO_BODY = (): Case[] => [
  ...UNREADABLE.filter(({ body }) => body !== ''),
  ...TOO_LARGE,
  ...fieldCases({}, ['unknown']),
];
const tokenBodyCases = (): Case[] => [
  ...UNREADABLE,
  ...TOO_LARGE,
  ...fieldCases(VALID_TOKEN, ['name', 'tokenScopes', 'role', 'expiry', 'unknown']),
  ...cases('a missing field', 400, [
    [{ ...VALID_TOKEN, name: undefined }, 'name'],
    [{ ...VALID_TOKEN, scopes: undefined }, 'scopes'],
  ]),
];
/** What the bad requests name. */
export interface BadRequestWorld {
  /** A key of the workspace that is asked, and one of another. */
  readonly own: Issued;
  readonly foreign: Issued;
  /** The ids of an invitation to this workspace, and of one to another. */
  readonly invitation: { readonly own: string; readonly foreign: string };
  readonly token: TokenAddress;
  /** A member of the workspace. */
  readonly owner: string;
}

/** What each route is sent. A route without an entry does not compile. */
export function badRequests(world: BadRequestWorld): Record<RouteName, () => Case[]> {
  const { own, foreign, invitation, token } = world;
  const validKey = { ...VALID_KEY, created_by: world.owner };
  const tokenListCases = (): Case[] => listCases({ key: { id: token.id }, secret: '' });
  return {
    'POST /v1/workspaces': () => [
      ...UNREADABLE,
      ...TOO_LARGE,
      ...fieldCases(VALID_WORKSPACE, ['name', 'slug', 'plan', 'user', 'unknown']),
      ...cases('a missing field', 400, [[{ slug: 'fresh', name: 'Fresh' }, 'created_by']]),
    ],
    'GET /v1/workspaces/{workspace}': () => addressCases('workspace', own, foreign),
    'PATCH /v1/workspaces/{workspace}': () => [
      ...addressCases('workspace', own, foreign, { name: 'changed' }),
      ...UNREADABLE,
      ...TOO_LARGE,
      ...fieldCases({}, ['name', 'plan', 'unknown']),
      ...fieldCases({ name: 'changed' }, ['plan', 'unknown']),
      ...cases('nothing to change', 400, [[{}, 'body']]),
      ...cases('a field that is never changed', 400, [
        [{ slug: 'other' }, 'slug'],
        [{ owners: 5 }, 'owners'],
        [{ version: 5 }, 'version'],
      ]),
    ],
    'GET /v1/workspaces/{workspace}/members': () => [
      ...addressCases('workspace', own, foreign),
      ...memberListCases(),
    ],
    'PUT /v1/workspaces/{workspace}/members/{user_id}': () => [
      ...newMemberCases(own, foreign, { role: 'member' }),
      ...UNREADABLE,
      ...TOO_LARGE,
      ...fieldCases({ role: 'owner' }, ['role', 'memberName', 'unknown']),
      ...cases('a missing field', 400, [[{}, 'role']]),
    ],
    'DELETE /v1/workspaces/{workspace}/members/{user_id}': () => [
      ...formerMemberCases(own, foreign),
      ...UNREADABLE.filter(({ body }) => body !== ''),
      ...TOO_LARGE,
      ...fieldCases({}, ['unknown']),
    ],
    'POST /v1/workspaces/{workspace}/keys': () => [
      ...addressCases('workspace', own, foreign, validKey),
      ...UNREADABLE,
      ...TOO_LARGE,
      ...fieldCases(validKey, [
        ...(['name', 'description', 'scopes', 'expiry', 'networks', 'limit', 'user', 'unknown'] as const),
      ]),
      ...cases('a missing field', 400, [
        [{ ...validKey, name: undefined }, 'name'],
        [{ ...validKey, scopes: undefined }, 'scopes'],
        [{ ...validKey, created_by: undefined }, 'created_by'],
      ]),
      ...cases('a user who is no member', 404, [[{ ...validKey, created_by: `usr_${CANARY}` }, null]]),
    ],
    'POST /v1/workspaces/{workspace}/keys/import': () => [
      ...addressCases('workspace', own, foreign, { keys: [{}] }),
      ...UNREADABLE,
      ...TOO_LARGE,
      ...fieldCases({ keys: [{}] }, ['imported', 'unknown']),
    ],
    'GET /v1/workspaces/{workspace}/keys': () => [
      ...addressCases('workspace', own, foreign),
      ...listCases(own),
    ],
    'GET /v1/workspaces/{workspace}/keys/{key}': () => addressCases('key', own, foreign),
    'PATCH /v1/workspaces/{workspace}/keys/{key}': () => [
      ...addressCases('key', own, foreign, { name: 'changed' }),
      ...UNREADABLE,
      ...TOO_LARGE,
      ...fieldCases({}, [
        ...(['name', 'description', 'scopes', 'expiry', 'networks', 'limit', 'enabled', 'unknown'] as const),
      ]),
      ...cases('nothing to change', 400, [[{}, 'body']]),
      ...cases('a field that is never changed', 400, [
        [{ created_by: world.owner }, 'created_by'],
        [{ id: own.key.id }, 'id'],
        [{ revoked_at: null }, 'revoked_at'],
        [{ status: 'active' }, 'status'],
      ]),
    ],
    'POST /v1/workspaces/{workspace}/keys/{key}/revoke': () => [
      ...addressCases('key', own, foreign, ''),
      ...UNREADABLE.filter(({ body }) => body !== ''),
      ...TOO_LARGE,
      ...fieldCases({}, ['unknown']),
    ],
    'POST /v1/workspaces/{workspace}/keys/revoke': () => [
      ...addressCases('workspace', own, foreign, { dry_run: false, status: 'active' }),
      ...UNREADABLE,
      ...TOO_LARGE,
      ...BAD_FILTERS,
    ],
    'POST /v1/workspaces/{workspace}/keys/{key}/rotate': () => [
      ...addressCases('key', own, foreign, { overlap_seconds: 0 }),
      ...UNREADABLE,
      ...TOO_LARGE,
      ...fieldCases({ overlap_seconds: 0 }, ['overlap', 'unknown']),
      ...cases('a missing field', 400, [[{}, 'overlap_seconds']]),
    ],
    'POST /v1/workspaces/{workspace}/keys/{key}/previous-secret/revoke': () => [
      ...addressCases('key', own, foreign, ''),
      ...UNREADABLE.filter(({ body }) => body !== ''),
      ...TOO_LARGE,
      ...fieldCases({}, ['unknown']),
    ],
    'POST /v1/workspaces/{workspace}/invitations': () => [
      ...addressCases('workspace', own, foreign, VALID_INVITATION),
      ...UNREADABLE,
      ...TOO_LARGE,
      ...fieldCases(VALID_INVITATION, ['email', 'role', 'unknown']),
      ...cases('a missing field', 400, [
        [{ role: 'member' }, 'email'],
        [{ email: 'ada@example.com' }, 'role'],
      ]),
    ],
    'GET /v1/workspaces/{workspace}/invitations': () => [
      ...addressCases('workspace', own, foreign),
      // Asked for by limit and cursor alone.
      ...listCases({ key: { id: invitation.own }, secret: '' }).map((one) =>
        one.field === 'status' ? { ...one, field: 'query' } : one,
      ),
    ],
    'DELETE /v1/workspaces/{workspace}/invitations/{invitation}': () => [
      ...invitationAddressCases(invitation.own, invitation.foreign),
      ...UNREADABLE.filter(({ body }) => body !== ''),
      ...TOO_LARGE,
      ...fieldCases({}, ['unknown']),
    ],
    'GET /v1/workspaces/{workspace}/events': () => [
      ...addressCases('workspace', own, foreign),
      ...eventListCases(),
    ],
    'GET /v1/me/events': () => eventListCases(),
    'POST /v1/keys/self/revoke': () => [
      ...UNREADABLE.filter(({ body }) => body !== ''),
      ...TOO_LARGE,
      ...fieldCases({}, ['unknown']),
    ],
    'POST /v1/keys/verify': () => [...UNREADABLE, ...TOO_LARGE, ...BAD_VERIFICATIONS],
    'POST /v1/sessions': () => [
      ...UNREADABLE,
      ...TOO_LARGE,
      ...fieldCases({ user_id: world.owner, workspace: 'acme' }, ['memberName', 'unknown']),
      ...cases('a missing or bad field', 400, [
        [{ workspace: 'acme' }, 'user_id'],
        [{ user_id: world.owner }, 'workspace'],
        [{ user_id: '', workspace: 'acme' }, 'user_id'],
        [{ user_id: world.owner, workspace: `${CANARY} ` }, 'workspace'],
        [{ user_id: world.owner, workspace: 'acme', expires_in: 59 }, 'expires_in'],
        [{ user_id: world.owner, workspace: 'acme', expires_in: 28_801 }, 'expires_in'],
        [{ user_id: world.owner, workspace: 'acme', expires_in: '900' }, 'expires_in'],
      ]),
      ...cases('somebody who is not there', 404, [
        [{ user_id: `usr_${CANARY}`, workspace: 'acme' }, null],
        [{ user_id: world.owner, workspace: 'nowhere' }, null],
      ]),
    ],
    'POST /v1/sessions/exchange': () => [
      ...UNREADABLE,
      ...TOO_LARGE,
      ...fieldCases({ code: CANARY }, ['unknown']),
      ...cases('a missing or bad field', 400, [
        [{}, 'code'],
        [{ code: 7 }, 'code'],
        [{ code: null }, 'code'],
      ]),
    ],
    'POST /v1/sessions/self/revoke': NO_BODY,
    'POST /v1/sessions/revoke': () => [
      ...UNREADABLE,
      ...TOO_LARGE,
      ...fieldCases({ user_id: 'usr_nobody' }, ['unknown']),
      ...cases('a missing field', 400, [[{}, 'user_id']]),
      ...cases('what is no workspace', 400, [[{ user_id: 'usr_nobody', workspace: 'No Slug' }, 'workspace']]),
    ],
    'POST /v1/me/tokens': () => tokenBodyCases(),
    'GET /v1/me/tokens': () => tokenListCases(),
    'POST /v1/me/tokens/{token}/revoke': () => [
      ...tokenAddressCases('token', token, '').filter(({ path }) => path?.('{user_id}') === token.user),
      ...NO_BODY(),
    ],
    'POST /v1/users/{user_id}/tokens': () => [
      ...tokenAddressCases('user', token, VALID_TOKEN),
      ...tokenBodyCases(),
    ],
    'GET /v1/users/{user_id}/tokens': () => [...tokenAddressCases('user', token), ...tokenListCases()],
    'POST /v1/users/{user_id}/tokens/{token}/revoke': () => [
      ...tokenAddressCases('token', token, ''),
      ...NO_BODY(),
    ],
    // Neither takes any input.
    'GET /v1/me': () => [],
    'GET /v1/scopes': () => [],
  };
}
