import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { loadProfile } from '../../lib/files/profile-file.ts';
import {
  AUDIENCE,
  CLIENT,
  type ForeignIssuer,
  OTHER_CLIENT,
  startForeignIssuer,
} from '../lambdas/authorizer/foreign-issuer.ts';
import { newKey, signedToken } from '../lambdas/authorizer/signed-tokens.ts';
import { send, startAssembly, type TestProduct } from '../product.ts';
import { sharedAssembly } from '../shared-assembly.ts';

/** The whole local stack, with an issuer that is not Keyward's in place of the user pool. */
let issuer: ForeignIssuer;
let product: TestProduct;
let assemblyDirectory: string;
beforeAll(async () => {
  issuer = await startForeignIssuer([newKey('current')]);
  const signIn = { kind: 'oidc' as const, issuer: issuer.url, client: CLIENT, audience: AUDIENCE };
  assemblyDirectory = await sharedAssembly('standard', { sign_in: signIn });
  const { profile } = loadProfile('standard');
  product = await startAssembly({ profile, assemblyDirectory });
});
afterAll(async () => {
  await product.stop();
  await issuer.stop();
});

const call = (path: string, credential: string, body?: object) =>
  send(`${product.managementUrl}/v1${path}`, { credential, body });

test('a member signs in at an issuer of one’s own, and does what the membership allows', async () => {
  const owner = await issuer.accessToken({ user: product.users.owner });
  expect(await call('/me', owner)).toMatchObject({
    status: 200,
    body: { kind: 'person', user: product.users.owner, workspaces: [{ slug: 'acme', role: 'owner' }] },
  });
  const key = { name: 'by-foreign-token', scopes: ['read:all'] };
  expect((await call('/workspaces/acme/keys', owner, key)).status).toBe(201);
  const stranger = await issuer.accessToken({ user: 'usr_stranger' });
  expect((await call('/workspaces/acme/keys', stranger, key)).status).toBe(404);
});

test('tokens of another client or audience, or that nobody signed so, are 401', async () => {
  const claims = { iss: issuer.url, aud: AUDIENCE, client_id: CLIENT, sub: product.users.owner };
  const end = Math.floor(Date.now() / 1000) + 600;
  const wrong = [
    await issuer.accessToken({ client: OTHER_CLIENT, user: product.users.owner }),
    await issuer.accessToken({ audience: 'https://other.example.com', user: product.users.owner }),
    signedToken({ ...claims, exp: end }, newKey('current'), { typ: 'at+jwt' }),
  ];
  for (const token of wrong) expect((await call('/me', token)).status).toBe(401);
});

test('while the issuer is down, a token with a new key is 503, and one with a known key works', async () => {
  const known = await issuer.accessToken({ user: product.users.owner });
  expect((await call('/me', known)).status).toBe(200);
  issuer.changeKeys([newKey('next')]);
  const unknown = await issuer.accessToken({ user: product.users.owner });
  issuer.answerWith({ status: 500, body: '' });
  expect((await call('/me', unknown)).status).toBe(503);
  expect((await call('/me', known)).status).toBe(200);
  issuer.answerWith();
});

test('the deployment names the issuer to its clients, invites nobody and has no user pool', async () => {
  const parameters = { resource: AUDIENCE };
  expect((await send(`${product.managementUrl}/sign-in.json`)).body).toEqual({
    ...{ issuer: issuer.url, client_id: CLIENT, scopes: ['openid'], parameters },
  });
  const config = await (await fetch(`${product.managementUrl}/console/config.json`)).json();
  expect(config).toMatchObject({
    sign_in: { issuer: issuer.url, client_id: CLIENT, scopes: ['openid'], parameters },
  });
  const body = { email: 'ada@example.com', role: 'member' };
  expect(await call('/workspaces/acme/invitations', product.managementKey, body)).toMatchObject({
    status: 409,
    body: { code: 'no_invitations' },
  });
  const data = readFileSync(join(assemblyDirectory, 'Keyward-Standard-Data.template.json'), 'utf8');
  expect(data).not.toContain('AWS::Cognito');
});
