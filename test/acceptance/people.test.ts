import { createHash, randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { Browser } from '../browser.ts';
import { encodePart, newKey, signedToken, unsignedToken } from '../lambdas/authorizer/signed-tokens.ts';
import { manager, newWorkspace, send, signIn, startProduct, type TestProduct } from '../product.ts';

let product: TestProduct;
let tokens: Record<'owner' | 'member', string>;
const as = (who: keyof typeof tokens) => manager(product, tokens[who]);

beforeAll(async () => {
  product = await startProduct();
  const { owner, member } = product.users;
  tokens = { owner: await signIn(product, owner), member: await signIn(product, member) };
});
afterAll(() => product.stop());

const me = (credential: string) => send(`${product.managementUrl}/v1/me`, { credential });

/** A key that somebody has issued in their own name. */
async function issuedBy(who: keyof typeof tokens): Promise<{ id: string; secret: string }> {
  const { status, body } = await as(who).issue();
  expect(status).toBe(201);
  expect(body.key.created_by).toBe(product.users[who]);
  return { id: body.key.id, secret: body.secret };
}

describe('a person who has signed in', () => {
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

  test('issues keys that work, and whose events name that person', async () => {
    const { secret } = await issuedBy('member');
    expect((await send(`${product.apiUrl}/users`, { credential: secret })).status).toBe(200);
  });
});

describe('a member', () => {
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

test('a stranger to one workspace may be an owner elsewhere', async () => {
  const other = await newWorkspace(product, 'elsewhere');
  expect((await manager(other, tokens.owner).list()).status).toBe(404);
  const credential = await signIn(product, other.users.owner);
  expect((await manager(other, credential).list()).status).toBe(200);
  expect((await manager(product, credential).list()).status).toBe(404);
});

test('nobody gets in with an id token, a token of another issuer, or one that was changed', async () => {
  const [header = '', payload = '', signature = ''] = tokens.member.split('.');
  const claims = JSON.parse(Buffer.from(payload, 'base64url').toString());
  const asOwner = { ...claims, sub: product.users.owner };
  const bad = [
    signedToken({ ...claims, iss: 'https://issuer.example' }, newKey('other')),
    signedToken(claims, newKey(JSON.parse(Buffer.from(header, 'base64url').toString()).kid)),
    ...[[header, encodePart(asOwner), signature].join('.'), unsignedToken(asOwner, 'any')],
    ...[tokens.owner.slice(0, -8), `${tokens.owner}.`, (await signInByCode('owner')).id_token],
  ];
  const answers = await Promise.all([...bad, 'garbage'].map(me));
  for (const { status, body, headers } of answers) {
    expect({ status, ...body, request_id: '' }).toEqual({ ...answers.at(-1)?.body, request_id: '' });
    expect(status).toBe(401);
    expect(headers.get('www-authenticate')).toBe('Bearer realm="standard management"');
  }
});

/** What a console's page does: sends the browser away, picks somebody on the page, and redeems the code. */
async function signInByCode(label: string): Promise<{ access_token: string; id_token: string }> {
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

test('the code flow with PKCE signs in the person whom the page offers', async () => {
  const { access_token } = await signInByCode('admin');
  expect((await me(access_token)).body).toMatchObject({
    kind: 'person',
    user: product.users.admin,
    workspaces: [{ slug: 'acme', name: 'Acme', role: 'admin' }],
  });
  expect((await manager(product, access_token).list()).status).toBe(200);
});

test('only the authorizer of the management API holds what verifies tokens', () => {
  const bundles = Object.values(product.assembly.functions).map(({ constructPath, environment }) => ({
    constructPath,
    code: readFileSync(join(environment.LAMBDA_TASK_ROOT ?? '', 'index.mjs'), 'utf8'),
  }));
  const holders = bundles.filter(({ code }) => /jwks/i.test(code)).map(({ constructPath }) => constructPath);
  expect(holders).toEqual(['Keyward-Standard-Api/Default/ManagementAuthorizer']);
});
