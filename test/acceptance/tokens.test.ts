import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { MANAGEMENT_ROUTES, type ManagementRoute } from '../../core/management/route.ts';
import { memoryOf, send, signIn, startProduct, type TestProduct } from '../product.ts';
import { sophicOf } from './sophic.ts';

let product: TestProduct;
let sophic: ReturnType<typeof sophicOf>;
beforeAll(async () => {
  product = await startProduct('sophic');
  sophic = sophicOf(product);
});
afterAll(() => product.stop());

const tokensOf = (user: string) => `/v1/users/${user}/tokens`;
const FORBIDDEN = { status: 403, body: { code: 'forbidden' } };
const TIME = expect.stringMatching(/^20\d\d-\d\d-\d\dT\d\d:\d\d:\d\d\.000Z$/);

const FOR_TOKENS: readonly ManagementRoute['caller'][] = ['anyone', 'holder', 'public'];
const isForOthers = ({ caller }: ManagementRoute) => !FOR_TOKENS.includes(caller);

/** Makes a user who is in a workspace of their own and nowhere else. */
async function newUser(slug: string): Promise<string> {
  await sophic.newWorkspace(slug, `usr_${slug}`);
  return `usr_${slug}`;
}

describe('a token', () => {
  test('is revoked for good: every workspace refuses it', async () => {
    const user = await newUser('revoked');
    await sophic.newWorkspace('revoked-2', user);
    const { token, secret } = await sophic.issueToken({}, user);
    for (const slug of ['revoked', 'revoked-2'])
      expect((await sophic.get('/api/v1/documents', secret, slug)).status).toBe(200);
    expect(await sophic.operator(`${tokensOf(user)}/${token.id}/revoke`, '')).toMatchObject({
      status: 200,
      body: { id: token.id, status: 'revoked', revoked_at: TIME, last_used_at: TIME },
    });
    for (const slug of ['revoked', 'revoked-2', 'absent'])
      expect((await sophic.get('/api/v1/documents', secret, slug)).status).toBe(401);
    expect(await sophic.verify({ credential: secret, workspace: 'revoked' })).toMatchObject({
      valid: false,
      code: 'revoked',
    });
  });

  test('works at once in a workspace that its user joins later', async () => {
    const user = await newUser('first');
    const { secret } = await sophic.issueToken({}, user);
    expect((await sophic.get('/api/v1/documents', secret, 'second')).status).toBe(403);
    await sophic.newWorkspace('second', user);
    for (const slug of ['first', 'second'])
      expect((await sophic.get('/api/v1/documents', secret, slug)).status).toBe(200);
  });

  test('that names its workspaces works only there, even if its user joins others later', async () => {
    const user = await newUser('named');
    await sophic.newWorkspace('unnamed', user);
    const { token, secret } = await sophic.issueToken({ workspaces: ['named', 'named'] }, user);
    expect(token).toMatchObject({ workspaces: ['named'] });
    await sophic.newWorkspace('unnamed-later', user);
    const statuses = [];
    for (const slug of ['named', 'unnamed', 'unnamed-later'])
      statuses.push((await sophic.get('/api/v1/documents', secret, slug)).status);
    expect(statuses).toEqual([200, 403, 403]);
  });

  test('can be verified: whether it is in force, and what it may do in which workspace', async () => {
    const { token, secret } = await sophic.issueToken({ scopes: ['read'] });
    const principal = { credential_id: token.id, kind: 'personal_access_token', user: product.users.owner };
    const verify = (fields: object) => sophic.verify({ credential: secret, ...fields });
    expect(await verify({})).toMatchObject({
      valid: true,
      principal: { ...principal, workspace: null, role: null, scopes: ['read'] },
    });
    expect(await verify({ workspace: 'acme', action: 'GET /api/v1/documents' })).toMatchObject({
      valid: true,
      principal: { ...principal, workspace: 'acme', role: 'owner' },
    });
    const code = async (fields: object) => (await verify(fields)).code;
    expect(await code({ workspace: 'acme', action: 'capture' })).toBe('insufficient_scope');
    expect(await code({ action: 'GET /api/v1/documents' })).toBe('wrong_workspace');
    for (const workspace of ['named', 'Not a slug'])
      expect(await code({ workspace })).toBe('wrong_workspace');
    const { key, secret: keySecret } = await sophic.issueKey(['capture']);
    expect(key.id).toMatch(/^key_/);
    expect(await sophic.verify({ credential: keySecret, action: 'capture' })).toMatchObject({ valid: false });
  });
});

describe('the holder of a token', () => {
  const management = (secret: string, method: string, path: string, body?: unknown) =>
    send(product.managementUrl + path, { method, credential: secret, ...(body !== undefined && { body }) });

  test('learns their user id', async () => {
    const { token, secret } = await sophic.issueToken({ scopes: ['admin'] });
    expect(await management(secret, 'GET', '/v1/me')).toMatchObject({
      status: 200,
      body: {
        credential_id: token.id,
        kind: 'personal_access_token',
        user: product.users.owner,
        workspace: null,
      },
    });
    expect((await management(secret, 'GET', '/v1/scopes')).status).toBe(200);
  });

  test('can revoke it with the token itself', async () => {
    const { token, secret } = await sophic.issueToken();
    const end = () => management(secret, 'POST', '/v1/keys/self/revoke');
    expect(await end()).toMatchObject({ status: 200, body: { id: token.id, status: 'revoked' } });
    expect((await end()).status).toBe(401);
  });

  test('makes and changes nothing by any route, though the token has every scope', async () => {
    const { token, secret } = await sophic.issueToken({ scopes: ['read', 'capture', 'admin'] });
    const { key } = await sophic.issueKey(['read']);
    const before = await memoryOf(product, 'any');
    for (const { method, path } of MANAGEMENT_ROUTES.filter(isForOthers)) {
      const filled = path
        .replace('{workspace}', 'acme')
        .replace('{key}', key.id)
        .replace('{user_id}', product.users.owner)
        .replace('{token}', token.id);
      const body = method === 'GET' ? undefined : { name: 'more', scopes: ['read'] };
      const answer = await management(secret, method, filled, body);
      expect({ method, path, answer }).toMatchObject({ method, path, answer: FORBIDDEN });
    }
    expect(await memoryOf(product, 'any')).toEqual(before);
  });
});

test("only a management key reaches another user's tokens, and only a user who has signed in their own", async () => {
  const { managementUrl, managementKey, users } = product;
  const { secret } = await sophic.issueKey(['admin']);
  const list = (path: string, credential?: string) => send(managementUrl + path, { credential });
  const credential = await signIn(product, users.owner);
  for (const [path, may, mayNot] of [
    [tokensOf(users.owner), managementKey, credential],
    ['/v1/me/tokens', credential, managementKey],
  ] as const) {
    expect((await list(path, may)).status).toBe(200);
    for (const each of [mayNot, secret]) expect(await list(path, each)).toMatchObject(FORBIDDEN);
    expect((await list(path)).status).toBe(401);
  }
});

test('a repeated request with an Idempotency-Key makes no second token and no second workspace', async () => {
  const { managementUrl, managementKey, users } = product;
  const credential = await signIn(product, users.member);
  const asked = { body: { name: 'once', scopes: ['read'] }, headers: { 'Idempotency-Key': 'once' } };
  for (const [path, caller] of [
    [tokensOf(users.member), managementKey],
    ['/v1/me/tokens', credential],
  ] as const) {
    const issue = () => send(managementUrl + path, { ...asked, credential: caller });
    const { id } = (await issue()).body.token;
    expect(await issue()).toMatchObject({ status: 409, body: { code: 'already_done', made_id: id } });
  }
  const body = { slug: 'made-once', name: 'Once', created_by: users.owner };
  const headers = { 'Idempotency-Key': 'once-more' };
  const create = () => send(`${managementUrl}/v1/workspaces`, { credential: managementKey, body, headers });
  expect((await create()).status).toBe(201);
  expect(await create()).toMatchObject({ status: 409, body: { made_id: 'made-once' } });
});

test('every action on every resource of Keyward that a role allows was used, and every call was allowed', async () => {
  const { key, secret } = await sophic.issueKey(['admin']);
  const headers = { Authorization: `Bearer ${secret}` };
  const url = `${product.managementUrl}/v1/workspaces/acme`;
  await fetch(url, { headers });
  const token = await sophic.issueToken();
  expect((await sophic.post({ method: 'tools/list' }, secret)).status).toBe(200);
  expect((await sophic.post({ method: 'tools/list' }, token.secret, 'acme')).status).toBe(200);
  await sophic.get('/api/v1/documents', secret);
  await sophic.operator(`/v1/workspaces/acme/keys/${key.id}/revoke`, '');
  // Of a user without tokens it has to find out whether there is such a user.
  for (const user of [product.users.admin, 'usr_nobody']) await sophic.operator(tokensOf(user));
  const calls = product.assembly.recordedCalls();
  expect(calls.filter(({ allowed }) => !allowed)).toEqual([]);
  const used = new Set(
    calls.map(({ functionId, action, resource }) => `${functionId} ${action} ${resource}`),
  );
  // What tokens add: the rest is every profile's, and tested with the standard one.
  const ofTokens = Object.values(product.assembly.functions).filter(({ constructPath }) =>
    /(Token|Tokens|Authorizer|VerifyKey|SampleMcp|CreateWorkspace)$/.test(constructPath),
  );
  expect(ofTokens).toHaveLength(8);
  const unused = ofTokens.flatMap(({ id, constructPath, statements }) =>
    statements.flatMap(({ actions, resources }) =>
      resources
        .filter((resource) => resource.includes('Keyward-Sophic-Data'))
        .flatMap((resource) => actions.map((action) => `${action} ${resource}`))
        .filter((grant) => !used.has(`${id} ${grant}`))
        .map((grant) => `${constructPath} ${grant}`),
    ),
  );
  expect(unused).toEqual([]);
});
