import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { MANAGEMENT_ROUTES, type ManagementRoute } from '../../core/management/route.ts';
import { eventsOf, memoryOf, send, signIn, startProduct, type TestProduct } from '../product.ts';
import { sophicOf } from './sophic.ts';

let product: TestProduct;
let sophic: ReturnType<typeof sophicOf>;
beforeAll(async () => {
  product = await startProduct('sophic');
  sophic = sophicOf(product);
});
afterAll(() => product.stop());

const tokensOf = (user: string) => `/v1/users/${user}/tokens`;
const NOT_FOUND = { status: 404, body: { code: 'not_found', title: 'Not Found' } };
const FORBIDDEN = { status: 403, body: { code: 'forbidden' } };
const TIME = expect.stringMatching(/^20\d\d-\d\d-\d\dT\d\d:\d\d:\d\d\.000Z$/);

/** Makes a user who is in a workspace of their own and nowhere else. */
async function newUser(slug: string): Promise<string> {
  await sophic.newWorkspace(slug, `usr_${slug}`);
  return `usr_${slug}`;
}

describe('a token', () => {
  test('is issued by the operator for a user, and its secret is never shown again', async () => {
    const user = await newUser('shown');
    const fields = { name: 'ci', scopes: ['read'], role: 'admin', expires_at: '2040-01-01T00:00:00Z' };
    const { token, secret } = await sophic.issueToken(fields, user);
    const shown = {
      id: expect.stringMatching(/^pat_[0-9A-Za-z]{20}$/),
      kind: 'personal_access_token',
      user,
      name: 'ci',
      start: secret.slice(0, 'sophic_pat_'.length + 4),
      scopes: ['read'],
      role: 'admin',
      workspaces: null,
      status: 'active',
      created_at: TIME,
      expires_at: '2040-01-01T00:00:00.000Z',
      last_used_at: null,
      revoked_at: null,
    };
    expect(token).toEqual(shown);
    expect((await sophic.operator(tokensOf(user))).body).toEqual({ tokens: [shown], next_cursor: null });
  });

  test('has the highest ceiling and no expiry by default', async () => {
    const { token } = await sophic.issueToken();
    expect(token).toMatchObject({ role: 'owner', expires_at: null });
  });

  test('is revoked for good: repeating it gives the same answer, and every workspace refuses the token', async () => {
    const user = await newUser('revoked');
    await sophic.newWorkspace('revoked-2', user);
    const { token, secret } = await sophic.issueToken({}, user);
    for (const slug of ['revoked', 'revoked-2'])
      expect((await sophic.get('/api/v1/documents', secret, slug)).status).toBe(200);
    const revoke = () => sophic.operator(`${tokensOf(user)}/${token.id}/revoke`, '');
    const first = await revoke();
    expect(first).toMatchObject({
      status: 200,
      body: { id: token.id, status: 'revoked', revoked_at: TIME, last_used_at: TIME },
    });
    expect((await revoke()).body).toEqual(first.body);
    const inStatus = async (status: string) =>
      (await sophic.operator(`${tokensOf(user)}?status=${status}`)).body.tokens;
    expect(await inStatus('active')).toEqual([]);
    expect(await inStatus('revoked')).toEqual([first.body]);
    for (const slug of ['revoked', 'revoked-2', 'absent'])
      expect((await sophic.get('/api/v1/documents', secret, slug)).status).toBe(401);
    expect(await sophic.verify({ credential: secret, workspace: 'revoked' })).toMatchObject({
      valid: false,
      code: 'revoked',
    });
    const events = (await eventsOf(product)).filter(({ keyId }) => keyId === token.id);
    expect(events.map(({ type, workspace }) => [type, workspace])).toEqual([
      ['token.issued', `USER#${user}`],
      ['token.revoked', `USER#${user}`],
    ]);
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
    expect((await sophic.operator(tokensOf(user))).body.tokens[0].workspaces).toEqual(['named']);
    const [event] = (await eventsOf(product)).filter(({ keyId }) => keyId === token.id);
    expect(event?.after).toMatchObject({ workspaces: ['named'] });
  });

  test('may name only workspaces of its user; an unknown workspace and a foreign one get the same answer', async () => {
    const user = await newUser('names');
    const before = await memoryOf(product);
    const body = { name: 'ci', scopes: ['read'] };
    const bad = [
      ['acme'],
      ['names', 'absent'],
      [],
      'names',
      ['NAMES'],
      [5],
      Array(81)
        .fill(0)
        .map((_, at) => `s${at}`),
    ];
    for (const workspaces of bad) {
      const { status, body: problem } = await sophic.operator(tokensOf(user), { ...body, workspaces });
      expect({ workspaces, status, field: problem.field.split('.')[0] }).toEqual({
        workspaces,
        status: 400,
        field: 'workspaces',
      });
      expect(problem.expected).toContain('a workspace that the user is in');
    }
    expect(await memoryOf(product)).toEqual(before);
    const { token } = await sophic.issueToken({ workspaces: null }, user);
    expect(token).toMatchObject({ workspaces: null });
  });

  test('is not issued for a user without a workspace', async () => {
    const before = await memoryOf(product);
    const body = { name: 'ci', scopes: ['read'] };
    expect(await sophic.operator(tokensOf('usr_nobody'), body)).toMatchObject(NOT_FOUND);
    expect(await sophic.operator(tokensOf('usr_nobody'))).toMatchObject(NOT_FOUND);
    expect(await memoryOf(product)).toEqual(before);
  });

  test('is listed newest first, page by page, among the tokens of its user alone', async () => {
    const user = await newUser('paged');
    const ids: string[] = [];
    for (let count = 0; count < 5; count += 1) ids.unshift((await sophic.issueToken({}, user)).token.id);
    const listed: string[] = [];
    let query = '?limit=2';
    for (let page = 0; page < 3; page += 1) {
      const { body } = await sophic.operator(tokensOf(user) + query);
      listed.push(...body.tokens.map(({ id }: { id: string }) => id));
      query = `?limit=2&cursor=${body.next_cursor}`;
    }
    expect(listed).toEqual(ids);
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
    for (const workspace of ['paged', 'absent', 'Not a slug', ''])
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
    const [event] = (await eventsOf(product)).filter(
      ({ keyId, type }) => keyId === token.id && type === 'token.revoked',
    );
    expect(event?.actor).toEqual({
      kind: 'personal_access_token',
      credentialId: token.id,
      user: product.users.owner,
    });
  });

  let powerful: Awaited<ReturnType<typeof sophic.issueToken>>;
  let key: { id: string };
  beforeAll(async () => {
    powerful = await sophic.issueToken({ scopes: ['read', 'capture', 'admin'] });
    key = (await sophic.issueKey(['read'])).key;
  });
  test.each(
    MANAGEMENT_ROUTES.filter(({ caller }: ManagementRoute) => caller !== 'anyone' && caller !== 'holder'),
  )(
    'makes and changes nothing by $method $path, though the token has every scope',
    async ({ method, path }) => {
      const { token, secret } = powerful;
      const filled = path
        .replace('{workspace}', 'acme')
        .replace('{key}', key.id)
        .replace('{user_id}', product.users.owner)
        .replace('{token}', token.id);
      const before = await memoryOf(product, 'any');
      const body = method === 'GET' ? undefined : { name: 'more', scopes: ['read'] };
      expect(await management(secret, method, filled, body)).toMatchObject(FORBIDDEN);
      expect(await memoryOf(product, 'any')).toEqual(before);
    },
  );
});

describe("a signed-in user's own tokens", () => {
  const ME = '/v1/me/tokens';
  const fields = { name: 'mine', scopes: ['read', 'capture'] };
  const signedIn = async (user: string) => {
    const credential = await signIn(product, user);
    return (method: string, path = '', body?: object) =>
      send(product.managementUrl + ME + path, { method, credential, ...(body && { body }) });
  };

  test('are issued, listed and revoked by that user, and no other user sees them there', async () => {
    const { users } = product;
    const me = await signedIn(users.member);
    const other = await signedIn(users.admin);
    const issued = await me('POST', '', fields);
    expect(issued).toMatchObject({ status: 201, body: { token: { user: users.member, role: 'owner' } } });
    const { token, secret } = issued.body;
    expect((await sophic.verify({ credential: secret, workspace: 'acme' })).principal.role).toBe('member');
    expect((await me('GET')).body.tokens[0].id).toBe(token.id);
    expect((await other('GET')).body.tokens).toEqual([]);
    const revoke = `/${token.id}/revoke`;
    expect((await other('POST', revoke)).status).toBe(404);
    expect((await sophic.get('/api/v1/documents', secret, 'acme')).status).toBe(200);
    expect((await me('POST', revoke)).body).toMatchObject({ id: token.id, status: 'revoked' });
    expect((await sophic.get('/api/v1/documents', secret, 'acme')).status).toBe(401);
    const [event] = (await eventsOf(product)).filter(({ keyId }) => keyId === token.id);
    expect(event?.actor).toEqual({ kind: 'person', credentialId: null, user: users.member });
  });

  test('cannot be issued before the user is in a workspace', async () => {
    const stranger = await signedIn('usr_new');
    expect(await stranger('GET')).toMatchObject({
      status: 200,
      body: { tokens: [], next_cursor: null },
    });
    expect(await stranger('POST', '', fields)).toMatchObject(NOT_FOUND);
  });

  test('are closed to management keys, and to callers who are not signed in', async () => {
    const { managementUrl, managementKey } = product;
    const list = (credential?: string) =>
      send(managementUrl + ME, credential === undefined ? {} : { credential });
    expect(await list(managementKey)).toMatchObject(FORBIDDEN);
    expect(await list((await sophic.issueKey(['admin'])).secret)).toMatchObject(FORBIDDEN);
    expect((await list()).status).toBe(401);
  });
});

test("only a management key reaches another user's tokens", async () => {
  const { secret } = await sophic.issueKey(['admin']);
  const url = product.managementUrl + tokensOf(product.users.owner);
  expect(await send(url, { credential: secret })).toMatchObject(FORBIDDEN);
  expect((await send(url)).status).toBe(401);
  expect((await send(url, { credential: product.managementKey })).status).toBe(200);
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
