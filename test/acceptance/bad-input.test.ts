import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { MANAGEMENT_ROUTES } from '../../core/management/route.ts';
import {
  type Answer,
  manager,
  memoryOf,
  newWorkspace,
  refusalsOf,
  send,
  signIn,
  startProduct,
  type TestProduct,
} from '../product.ts';
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

let product: TestProduct;
/** A key of this workspace, and one of another. */
let own: Issued;
let foreign: Issued;
/** A product whose users have tokens, and one of them. */
let sophic: TestProduct;
let token: TokenAddress;
/** What that user presents, signed in. */
let person: string;
/** The ids of an invitation to this workspace, and of one to another. */
let invitation: { own: string; foreign: string };
beforeAll(async () => {
  [product, sophic] = await Promise.all([startProduct(), startProduct('sophic')]);
  token = await issueToken();
  person = await signIn(sophic, token.user);
  const other = await newWorkspace(product, 'other');
  own = (await manager(product).issue()).body;
  foreign = (await manager(other).issue()).body;
  invitation = { own: await invited(product.workspace), foreign: await invited(other.workspace) };
});
afterAll(async () => {
  await Promise.all([product.stop(), sophic.stop()]);
});

async function issueToken(): Promise<TokenAddress> {
  const { managementUrl, managementKey, users } = sophic;
  const url = `${managementUrl}/v1/users/${users.owner}/tokens`;
  const { body } = await send(url, { credential: managementKey, body: VALID_TOKEN });
  return { user: users.owner, id: body.token.id, otherUser: users.member };
}

const VALID_ISSUE = () => ({ name: 'ok', scopes: ['read:all'], created_by: product.users.owner });
const VALID_TOKEN = { name: 'ok', scopes: ['read'] };
const VALID_INVITATION = { email: 'ada@example.com', role: 'member' };

async function invited(workspace: string): Promise<string> {
  const { managementUrl, managementKey } = product;
  const body = { ...VALID_INVITATION, email: 'grace@example.com' };
  const url = `${managementUrl}/v1/workspaces/${workspace}/invitations`;
  return (await send(url, { credential: managementKey, body })).body.id;
}

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
const tokenListCases = (): Case[] => listCases({ key: { id: token.id }, secret: '' });

/** What each route is sent; a route without an entry does not compile. */
const BAD: Record<RouteName, () => Case[]> = {
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
    ...fieldCases({ role: 'owner' }, ['role', 'unknown']),
    ...cases('a missing field', 400, [[{}, 'role']]),
  ],
  'DELETE /v1/workspaces/{workspace}/members/{user_id}': () => [
    ...formerMemberCases(own, foreign),
    ...UNREADABLE.filter(({ body }) => body !== ''),
    ...TOO_LARGE,
    ...fieldCases({}, ['unknown']),
  ],
  'POST /v1/workspaces/{workspace}/keys': () => [
    ...addressCases('workspace', own, foreign, VALID_ISSUE()),
    ...UNREADABLE,
    ...TOO_LARGE,
    ...fieldCases(VALID_ISSUE(), [
      ...(['name', 'description', 'scopes', 'expiry', 'networks', 'limit', 'user', 'unknown'] as const),
    ]),
    ...cases('a missing field', 400, [
      [{ ...VALID_ISSUE(), name: undefined }, 'name'],
      [{ ...VALID_ISSUE(), scopes: undefined }, 'scopes'],
      [{ ...VALID_ISSUE(), created_by: undefined }, 'created_by'],
    ]),
    ...cases('a user who is no member', 404, [[{ ...VALID_ISSUE(), created_by: `usr_${CANARY}` }, null]]),
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
      [{ created_by: product.users.owner }, 'created_by'],
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
  'POST /v1/workspaces/{workspace}/keys/{key}/rotate': () => [
    ...addressCases('key', own, foreign, { overlap_seconds: 0 }),
    ...UNREADABLE,
    ...TOO_LARGE,
    ...fieldCases({ overlap_seconds: 0 }, ['overlap', 'unknown']),
    ...cases('a missing field', 400, [[{}, 'overlap_seconds']]),
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
  'POST /v1/keys/verify': () => [
    ...UNREADABLE,
    ...TOO_LARGE,
    ...fieldCases({ credential: CANARY }, ['credential', 'slugText', 'action', 'unknown']),
    ...cases('a missing field', 400, [[{}, 'credential']]),
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

async function ask(route: RouteName, { path, query = '', body, headers }: Case): Promise<Answer> {
  const [method = '', template = ''] = route.split(' ');
  const filled = template
    .replace('{workspace}', product.workspace)
    .replace('{key}', own.key.id)
    .replace('{user_id}', route.includes('/members') ? product.users.member : token.user)
    .replace('{token}', token.id)
    .replace('{invitation}', invitation.own);
  const url = `${productOf(route).managementUrl}${path === undefined ? filled : path(template)}${query}`;
  return send(url, {
    method,
    credential: callerOf(route),
    ...(method !== 'GET' && body !== undefined && { body }),
    ...(headers && { headers }),
  });
}

/** Keys end by themselves, and people have tokens of their own; all the rest is the operator's to ask. */
function callerOf(route: RouteName): string {
  if (route === 'POST /v1/keys/self/revoke') return own.secret;
  return route.includes('/me/tokens') ? person : productOf(route).managementKey;
}

function productOf(route: RouteName): TestProduct {
  return route.includes('/tokens') ? sophic : product;
}

/** @returns what is wrong with the answer to a bad request; empty when nothing is. */
async function complaints(route: RouteName, one: Case): Promise<string[]> {
  const { status, body, headers } = await ask(route, one);
  const title = { 400: 'Bad Request', 404: 'Not Found', 413: 'Content Too Large' }[one.status];
  const code = { 400: 'invalid_request', 404: 'not_found', 413: 'body_too_large' }[one.status];
  const isField = one.status === 404 || (body?.field === one.field && body?.expected?.length > 4);
  const says = one.status === 404 || body?.detail === `${one.field} must be ${body?.expected}.`;
  const found = {
    [`status ${status}`]: status === one.status && body?.status === one.status,
    [`code ${body?.code}`]: body?.code === code && body?.title === title,
    [`field ${body?.field}, expected ${body?.expected}`]: isField && says,
    [`content type ${headers.get('content-type')}`]:
      headers.get('content-type') === 'application/problem+json' &&
      headers.get('cache-control') === 'no-store',
    'the input comes back': !JSON.stringify(body).includes(CANARY),
  };
  return Object.entries(found).flatMap(([what, isRight]) => (isRight ? [] : [`${one.what}: ${what}`]));
}

function partitioned(all: Case[], isFirst: (one: Case) => boolean): [Case[], Case[]] {
  return [all.filter(isFirst), all.filter((one) => !isFirst(one))];
}

test.each(MANAGEMENT_ROUTES.map(({ method, path }) => `${method} ${path}` as RouteName))(
  '%s refuses bad input, says what was expected where, repeats none of it, and changes nothing',
  async (route) => {
    const at = productOf(route);
    const before = await memoryOf(at, [own.key.id]);
    const found: string[] = [];
    const [missing, malformed] = partitioned(BAD[route](), ({ status }) => status === 404);
    for (const one of missing) found.push(...(await complaints(route, one)));
    const refusals = await refusalsOf(at);
    for (const one of malformed) found.push(...(await complaints(route, one)));
    expect(found).toEqual([]);
    expect(await memoryOf(at, [own.key.id])).toEqual(before);
    // What is not there was asked for by somebody known; what cannot be read is not even noted.
    expect(await refusalsOf(at)).toEqual(refusals);
    expect(JSON.stringify(refusals)).not.toContain(CANARY);
  },
  60_000,
);

test('the longest body is read, and one byte more is not', async () => {
  const bodyOf = (bytes: number) => {
    const empty = JSON.stringify({ ...VALID_ISSUE(), name: '' });
    return JSON.stringify({ ...VALID_ISSUE(), name: 'n'.repeat(bytes - empty.length) });
  };
  const url = manager(product).keys;
  const credential = product.managementKey;
  expect(await send(url, { credential, body: bodyOf(65_536) })).toMatchObject({
    status: 400,
    body: { field: 'name' },
  });
  expect((await send(url, { credential, body: bodyOf(65_537) })).status).toBe(413);
});
