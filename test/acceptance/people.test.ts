import { createHash, randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { Browser } from '../browser.ts';
import { manager, newWorkspace, send, signIn, startProduct, type TestProduct } from '../product.ts';

const ROLES = ['owner', 'admin', 'member'] as const;
type Role = (typeof ROLES)[number];

let product: TestProduct;
let tokens: Record<Role | 'stranger', string>;
const as = (who: Role | 'stranger') => manager(product, tokens[who]);

beforeAll(async () => {
  product = await startProduct();
  const { owner, admin, member } = product.users;
  tokens = {
    owner: await signIn(product, owner),
    admin: await signIn(product, admin),
    member: await signIn(product, member),
    stranger: await signIn(product, 'usr_stranger'),
  };
});
afterAll(() => product.stop());

const me = (credential: string) => send(`${product.managementUrl}/v1/me`, { credential });

/** A key that somebody has issued in their own name. */
async function issuedBy(who: Role, fields: object = {}): Promise<{ id: string; secret: string }> {
  const { status, body } = await as(who).issue(fields);
  expect(status).toBe(201);
  expect(body.key.created_by).toBe(product.users[who]);
  return { id: body.key.id, secret: body.secret };
}

const idsOf = (answer: { body: { keys: { id: string }[] } }) => answer.body.keys.map(({ id }) => id);

describe('a person who has signed in', () => {
  test('learns their user id, and their workspaces and roles', async () => {
    for (const role of ROLES)
      expect(await me(tokens[role])).toMatchObject({
        status: 200,
        body: {
          kind: 'person',
          user: product.users[role],
          workspaces: [{ slug: 'acme', name: 'Acme', role }],
        },
      });
  });

  test('can read the scopes, and cannot use routes of the operator', async () => {
    const { managementUrl } = product;
    const credential = tokens.owner;
    expect((await send(`${managementUrl}/v1/scopes`, { credential })).status).toBe(200);
    const forbidden = { status: 403, body: { code: 'forbidden' } };
    const workspace = { slug: 'mine', name: 'Mine', created_by: product.users.owner };
    expect(await send(`${managementUrl}/v1/workspaces`, { credential, body: workspace })).toMatchObject(
      forbidden,
    );
    expect(await as('owner').verify({ credential: 'x' })).toMatchObject(forbidden);
    const self = `${managementUrl}/v1/keys/self/revoke`;
    expect(await send(self, { method: 'POST', credential })).toMatchObject(forbidden);
  });

  test('cannot use the product’s own API, because an access token is no API key', async () => {
    const { apiUrl } = product;
    expect((await send(`${apiUrl}/users`, { credential: tokens.owner })).status).toBe(401);
  });

  test('cannot name another creator or set a limit', async () => {
    for (const role of ROLES) {
      expect(await as(role).issue({ created_by: product.users[role] })).toMatchObject({
        status: 400,
        body: { code: 'invalid_request', field: 'created_by' },
      });
      const rate_limit = { limit: 5, window_seconds: 60 };
      const forbidden = { status: 403, body: { code: 'forbidden' } };
      expect(await as(role).issue({ rate_limit })).toMatchObject(forbidden);
      const { id } = await issuedBy(role);
      expect(await as(role).update(id, { rate_limit })).toMatchObject(forbidden);
    }
  });

  test('issues keys that work, and whose events name that person', async () => {
    const { secret } = await issuedBy('member');
    expect((await send(`${product.apiUrl}/users`, { credential: secret })).status).toBe(200);
  });
});

describe('a member', () => {
  test('issues keys with the scopes of members, and no others', async () => {
    await issuedBy('member', { scopes: ['read:all', 'write:all'] });
    for (const scopes of [['admin'], ['read:all', 'admin']])
      expect(await as('member').issue({ scopes })).toMatchObject({
        status: 403,
        body: { code: 'forbidden' },
      });
  });

  test('sees, changes, rotates and revokes their own keys', async () => {
    const { id } = await issuedBy('member');
    const { get, update, rotate, revoke, list } = as('member');
    expect((await get(id)).status).toBe(200);
    expect((await update(id, { name: 'renamed', scopes: ['write:all'] })).body.name).toBe('renamed');
    expect((await update(id, { scopes: ['admin'] })).status).toBe(403);
    expect((await rotate(id, 0)).status).toBe(200);
    expect(idsOf(await list())).toContain(id);
    expect((await revoke(id)).body.status).toBe('revoked');
  });

  test('cannot see, change, rotate or revoke another member’s keys', async () => {
    const { id } = await issuedBy('owner');
    const { get, update, rotate, revoke, list } = as('member');
    for (const answer of [
      await get(id),
      await update(id, { name: 'x' }),
      await rotate(id, 0),
      await revoke(id),
    ])
      expect(answer).toMatchObject({ status: 403, body: { code: 'forbidden' } });
    const creators = (await list()).body.keys.map(({ created_by }: { created_by: string }) => created_by);
    expect(new Set(creators)).toEqual(new Set([product.users.member]));
    expect((await as('owner').get(id)).body.status).toBe('active');
  });
});

describe.each(['owner', 'admin'] as const)('an %s', (role) => {
  test('lists, changes and revokes everybody’s keys, and issues any scope', async () => {
    const own = await issuedBy(role, { scopes: ['admin'] });
    const { id } = await issuedBy('member');
    const { get, update, revoke, list } = as(role);
    expect(idsOf(await list('?limit=100'))).toEqual(expect.arrayContaining([own.id, id]));
    expect((await get(id)).status).toBe(200);
    expect((await update(id, { name: 'renamed' })).body.name).toBe('renamed');
    expect((await revoke(id)).body.status).toBe('revoked');
  });

  test('cannot give a member’s key more than that member could issue', async () => {
    const { id } = await issuedBy('member');
    expect((await as(role).update(id, { scopes: ['admin'] })).status).toBe(403);
  });
});

describe('a stranger', () => {
  test('gets the same 404 for a workspace that exists and for one that does not', async () => {
    const { id } = await issuedBy('owner');
    const { issue, list, get, update, rotate, revoke } = as('stranger');
    const answers = [issue(), list(), get(id), update(id, { name: 'x' }), rotate(id, 0), revoke(id)];
    for (const answer of await Promise.all(answers))
      expect(answer).toMatchObject({ status: 404, body: { code: 'not_found' } });
    const { managementUrl } = product;
    const [there, nowhere] = await Promise.all(
      ['acme', 'nowhere'].map((slug) =>
        send(`${managementUrl}/v1/workspaces/${slug}`, { credential: tokens.stranger }),
      ),
    );
    expect({ ...there?.body, request_id: '' }).toEqual({ ...nowhere?.body, request_id: '' });
  });

  test('may be an owner elsewhere', async () => {
    const other = await newWorkspace(product, 'elsewhere');
    expect((await manager(other, tokens.owner).list()).status).toBe(404);
    const credential = await signIn(product, other.users.owner);
    expect((await manager(other, credential).list()).status).toBe(200);
    expect((await manager(product, credential).list()).status).toBe(404);
  });
});

test('nobody gets in with an id token, a token of another issuer, or one that was changed', async () => {
  const other = await startProduct();
  try {
    const foreign = await signIn(other, product.users.owner);
    const [header = '', , signature = ''] = tokens.member.split('.');
    const claims = JSON.parse(Buffer.from(tokens.member.split('.')[1] ?? '', 'base64url').toString());
    const payload = Buffer.from(JSON.stringify({ ...claims, sub: product.users.owner })).toString(
      'base64url',
    );
    const unsigned = Buffer.from('{"alg":"none"}').toString('base64url');
    const bad = [
      ...[foreign, [header, payload, signature].join('.'), `${unsigned}.${payload}.`],
      ...[tokens.owner.slice(0, -8), `${tokens.owner}.`, (await signInByCode('owner')).id_token],
    ];
    const answers = await Promise.all([...bad, 'garbage'].map(me));
    for (const { status, body, headers } of answers) {
      expect({ status, ...body, request_id: '' }).toEqual({ ...answers.at(-1)?.body, request_id: '' });
      expect(status).toBe(401);
      expect(headers.get('www-authenticate')).toBe('Bearer realm="standard management"');
    }
  } finally {
    await other.stop();
  }
});

/** What a console's page does: sends the browser away, picks somebody on the page, and redeems the code. */
async function signInByCode(label: Role): Promise<{ access_token: string; id_token: string }> {
  const discovery = await (await fetch(`${product.issuerUrl}/.well-known/openid-configuration`)).json();
  const { authorization_endpoint, token_endpoint } = discovery as Record<string, string>;
  const verifier = randomBytes(32).toString('base64url');
  const redirect_uri = 'http://127.0.0.1:4000/console/';
  const query = new URLSearchParams({
    response_type: 'code',
    client_id: 'keyward-console',
    redirect_uri,
    scope: 'openid email',
    state: 's1',
    code_challenge: createHash('sha256').update(verifier).digest('base64url'),
    code_challenge_method: 'S256',
  });
  const url = `${authorization_endpoint}?${query}`;
  const browser = new Browser();
  const page = await browser.open(url);
  const offer = new RegExp(`<button name="person" value="([^"]+)"><b>${label}</b>`).exec(await page.text());
  const sent = await browser.open(page.url, { person: offer?.[1] ?? '' });
  const back = new URL(sent.headers.get('location') ?? '');
  expect([back.origin + back.pathname, back.searchParams.get('state')]).toEqual([redirect_uri, 's1']);
  const code = back.searchParams.get('code') ?? '';
  const form = { grant_type: 'authorization_code', client_id: 'keyward-console', redirect_uri, code };
  const answer = await fetch(token_endpoint ?? '', {
    method: 'POST',
    body: new URLSearchParams({ ...form, code_verifier: verifier }),
  });
  return (await answer.json()) as { access_token: string; id_token: string };
}

test.each(ROLES)('the code flow with PKCE signs in the %s whom the page offers', async (role) => {
  const { access_token } = await signInByCode(role);
  expect((await me(access_token)).body).toMatchObject({ user: product.users[role] });
  expect((await manager(product, access_token).list()).status).toBe(200);
});

test('only the authorizer of the management API holds what verifies tokens', () => {
  const bundles = Object.values(product.assembly.functions).map(({ constructPath, environment }) => ({
    constructPath,
    code: readFileSync(join(environment.LAMBDA_TASK_ROOT ?? '', 'index.mjs'), 'utf8'),
  }));
  const holders = bundles.filter(({ code }) => /jwks/i.test(code)).map(({ constructPath }) => constructPath);
  expect(holders).toEqual(['Keyward-Standard-Api/ManagementAuthorizer']);
});
