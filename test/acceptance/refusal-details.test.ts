import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import {
  type Answer,
  manager,
  newWorkspace,
  send,
  signIn,
  startProduct,
  type TestProduct,
} from '../product.ts';

let product: TestProduct;
/** A key of the workspace that the requests name, and one that administers. */
let subject: { id: string; secret: string };
let admin: { id: string; secret: string };
let people: Record<'owner' | 'member' | 'stranger', string>;

beforeAll(async () => {
  product = await startProduct();
  subject = await issued({});
  admin = await issued({ scopes: ['admin'] });
  await newWorkspace(product, 'other');
  people = {
    owner: await signIn(product, product.users.owner),
    member: await signIn(product, product.users.member),
    stranger: await signIn(product, 'usr_stranger'),
  };
});
afterAll(() => product.stop());

async function issued(fields: object): Promise<{ id: string; secret: string }> {
  const { body } = await manager(product).issue(fields);
  return { id: body.key.id, secret: body.secret };
}

const call = (method: string, path: string, credential?: string, body?: unknown): Promise<Answer> =>
  send(product.managementUrl + path, { method, credential, body });

const WS = '/v1/workspaces/acme';

/** What is not there, and what the sentence has to name. */
const MISSING: Record<string, readonly [request: string, names: RegExp, body?: object]> = {
  'a workspace': ['GET /v1/workspaces/nowhere/keys', /workspace with this slug.*POST \/v1\/workspaces/],
  'a text that is no valid slug': ['GET /v1/workspaces/AC%20ME', /workspace with this slug/],
  'a key': [`GET ${WS}/keys/key_00000000000000000000`, /no key with this id.*GET .*\/keys lists/],
  'a secret for an id': [`POST ${WS}/keys/kw_live_abc/revoke`, /no key with this id.*secret .*is not an id/],
  'a key to change': [`PATCH ${WS}/keys/key_00000000000000000000`, /no key with this id/, { name: 'x' }],
  'a key to rotate': [`POST ${WS}/keys/nothing/rotate`, /no key with this id/, { overlap_seconds: 0 }],
  'an invitation': [`DELETE ${WS}/invitations/inv_00000000000000000000`, /no open invitation.*accepted/],
  'a member': [`DELETE ${WS}/members/usr_nobody`, /user is not a member.*\/members lists/],
  'what can be no member': [`DELETE ${WS}/members/%20`, /user is not a member/],
  'who is to have a key': [
    `POST ${WS}/keys`,
    /created_by is not a member.*PUT \/v1\/workspaces\/\{workspace\}\/members\/\{user_id\}/,
    { name: 'x', scopes: ['read:all'], created_by: 'usr_nobody' },
  ],
};

describe('a 404 says what is missing to the operator, and what to do about it', () => {
  test.each(Object.entries(MISSING))('%s', async (_, [request, names, body]) => {
    const [method = '', path = ''] = request.split(' ');
    const answer = await call(method, path, product.managementKey, body);
    expect(answer).toMatchObject({ status: 404, body: { code: 'not_found', title: 'Not Found' } });
    expect(answer.body.detail).toMatch(names);
  });
});

test('to those who belong to the workspace a 404 says what is missing, and to strangers one and the same', async () => {
  const inside = Object.values(MISSING).filter(
    ([request]) => !request.includes('nowhere') && request.includes(WS),
  );
  for (const [request, names, body] of inside) {
    const [method = '', path = ''] = request.split(' ');
    // Who names nobody issues in their own name.
    if (body !== undefined && 'created_by' in body) continue;
    expect((await call(method, path, people.owner, body)).body.detail).toMatch(names);
    for (const slug of ['acme', 'nowhere'])
      expect(await call(method, path.replace('acme', slug), people.stranger, body)).toMatchObject({
        status: 404,
        body: { detail: 'There is no such resource.' },
      });
  }
  const { body } = await call('GET', `${WS}/keys/key_00000000000000000000`, admin.secret);
  expect(body.detail).toMatch(/no key with this id/);
  for (const slug of ['other', 'nowhere', 'AC%20ME'])
    expect((await call('GET', `/v1/workspaces/${slug}/keys`, admin.secret)).body.detail).toBe(
      'There is no such resource.',
    );
});

test('a path or method that is not there is answered with the routes that are, and with where a key is revoked', async () => {
  for (const [method, path] of [
    ['DELETE', `${WS}/keys/${subject.id}`],
    ['GET', '/users'],
    ['PUT', `${WS}/keys`],
  ] as const)
    for (const credential of [product.managementKey, people.stranger, undefined]) {
      const { status, body } = await call(method, path, credential);
      expect([status, body.code]).toEqual([404, 'not_found']);
      expect(body.detail).toMatch(/This is the management API: the API of the product has another address\./);
      expect(body.detail).toMatch(/POST and GET \/v1\/workspaces\/\{workspace\}\/keys, /);
      expect(body.detail).toMatch(/POST \/v1\/workspaces\/\{workspace\}\/keys\/\{key\}\/revoke/);
    }
});

test('a 401 says where a credential is expected and which kinds there are, and never which check failed', async () => {
  const wrong = [
    ...[undefined, 'garbage', `${subject.secret.slice(0, 12)}…`.replace('…', '...'), 'kw_live_'],
    `${people.member.split('.').slice(0, 2).join('.')}.c2ln`,
  ];
  const details = new Set<string>();
  for (const credential of wrong) {
    const { status, body } = await call('GET', `${WS}/keys`, credential);
    expect([status, body.code]).toEqual([401, 'unauthorized']);
    details.add(body.detail);
  }
  const [detail] = details;
  expect(details.size).toBe(1);
  for (const part of ['Authorization: Bearer', 'kwm_', 'kw_live_', 'access token', 'not the id token'])
    expect(detail).toContain(part);
});
