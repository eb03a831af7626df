import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { MANAGEMENT_ROUTES } from '../../core/management/route.ts';
import { scaled } from '../campaigns/campaign.ts';
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
import type { TokenAddress } from './bad-addresses.ts';
import { CANARY, type Case, type Issued, type RouteName } from './bad-inputs.ts';
import { badRequests, VALID_INVITATION, VALID_KEY, VALID_TOKEN } from './bad-requests.ts';

/**
 * A part of the campaign sends each route one of so many bad requests, the whole campaign all of them. Every bad body also goes to
 * the operations themselves, in `lambdas/management/http/bad-bodies`.
 */
const ONE_OF = scaled({ part: 4, whole: 1 });

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

async function invited(workspace: string): Promise<string> {
  const { managementUrl, managementKey } = product;
  const body = { ...VALID_INVITATION, email: 'grace@example.com' };
  const url = `${managementUrl}/v1/workspaces/${workspace}/invitations`;
  return (await send(url, { credential: managementKey, body })).body.id;
}

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
    const world = { own, foreign, invitation, token, owner: product.users.owner };
    const sent = badRequests(world)
      [route]()
      .filter((_, index) => index % ONE_OF === 0);
    const [missing, malformed] = partitioned(sent, ({ status }) => status === 404);
    for (const one of missing) found.push(...(await complaints(route, one)));
    const refusals = await refusalsOf(at);
    for (const one of malformed) found.push(...(await complaints(route, one)));
    expect(found).toEqual([]);
    expect(await memoryOf(at, [own.key.id])).toEqual(before);
    // What is not there was asked for by somebody known; what cannot be read is not even noted.
    expect(await refusalsOf(at)).toEqual(refusals);
    expect(JSON.stringify(refusals)).not.toContain(CANARY);
  },
);

test('the longest body is read, and one byte more is not', async () => {
  const bodyOf = (bytes: number) => {
    const empty = JSON.stringify({ ...VALID_KEY, created_by: product.users.owner, name: '' });
    return JSON.stringify({
      ...VALID_KEY,
      created_by: product.users.owner,
      name: 'n'.repeat(bytes - empty.length),
    });
  };
  const url = manager(product).keys;
  const credential = product.managementKey;
  expect(await send(url, { credential, body: bodyOf(65_536) })).toMatchObject({
    status: 400,
    body: { field: 'name' },
  });
  expect((await send(url, { credential, body: bodyOf(65_537) })).status).toBe(413);
});
