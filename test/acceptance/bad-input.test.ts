import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { MANAGEMENT_ROUTES } from '../../core/management-route.ts';
import {
  type Answer,
  manager,
  memoryOf,
  newWorkspace,
  send,
  startProduct,
  type TestProduct,
} from '../product.ts';
import { addressCases, invitationAddressCases, listCases } from './bad-addresses.ts';
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
/** The ids of an invitation to this workspace, and of one to another. */
let invitation: { own: string; foreign: string };
beforeAll(async () => {
  product = await startProduct();
  const other = await newWorkspace(product, 'other');
  own = (await manager(product).issue()).body;
  foreign = (await manager(other).issue()).body;
  invitation = { own: await invited(product.workspace), foreign: await invited(other.workspace) };
});
afterAll(() => product.stop());

const VALID_ISSUE = () => ({ name: 'ok', scopes: ['read:all'], created_by: product.users.owner });
const VALID_INVITATION = { email: 'ada@example.com', role: 'member' };

async function invited(workspace: string): Promise<string> {
  const { managementUrl, managementKey } = product;
  const body = { ...VALID_INVITATION, email: 'grace@example.com' };
  const url = `${managementUrl}/v1/workspaces/${workspace}/invitations`;
  return (await send(url, { credential: managementKey, body })).body.id;
}

const VALID_WORKSPACE = { slug: 'fresh', name: 'Fresh', created_by: 'usr_somebody' };

/** What each route is sent; a route without an entry does not compile. */
const BAD: Record<RouteName, () => Case[]> = {
  'POST /v1/workspaces': () => [
    ...UNREADABLE,
    ...TOO_LARGE,
    ...fieldCases(VALID_WORKSPACE, ['name', 'slug', 'plan', 'user', 'unknown']),
    ...cases('a missing field', 400, [[{ slug: 'fresh', name: 'Fresh' }, 'created_by']]),
  ],
  'GET /v1/workspaces/{workspace}': () => addressCases('workspace', own, foreign),
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
  // Neither takes any input.
  'GET /v1/me': () => [],
  'GET /v1/scopes': () => [],
};

async function ask(
  route: RouteName,
  { path, query = '', body, headers }: Case,
): Promise<Answer & { text: string }> {
  const [method = '', template = ''] = route.split(' ');
  const filled = template
    .replace('{workspace}', product.workspace)
    .replace('{key}', own.key.id)
    .replace('{invitation}', invitation.own);
  // Self-revocation is asked for by the key itself.
  const credential = route === 'POST /v1/keys/self/revoke' ? own.secret : product.managementKey;
  const url = `${product.managementUrl}${path === undefined ? filled : path(template)}${query}`;
  const answer = await send(url, {
    method,
    credential,
    ...(method !== 'GET' && body !== undefined && { body }),
    ...(headers && { headers }),
  });
  return { ...answer, text: JSON.stringify(answer.body) };
}

/** @returns what is wrong with the answer to a bad request; empty when nothing is. */
async function complaints(route: RouteName, one: Case): Promise<string[]> {
  const { status, body, headers, text } = await ask(route, one);
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
    'the input comes back': !text.includes(CANARY),
  };
  return Object.entries(found).flatMap(([what, isRight]) => (isRight ? [] : [`${one.what}: ${what}`]));
}

test.each(MANAGEMENT_ROUTES.map(({ method, path }) => `${method} ${path}` as RouteName))(
  '%s refuses bad input, says what was expected where, repeats none of it, and changes nothing',
  async (route) => {
    const before = await memoryOf(product, [own.key.id]);
    const found: string[] = [];
    for (const one of BAD[route]()) found.push(...(await complaints(route, one)));
    expect(found).toEqual([]);
    expect(await memoryOf(product, [own.key.id])).toEqual(before);
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
