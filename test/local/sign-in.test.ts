import { createHash, createPublicKey, randomBytes, verify } from 'node:crypto';
import { createServer } from 'node:http';
import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals';
import { CfnOutput, Duration, Stack } from 'aws-cdk-lib';
import { OAuthScope, UserPool, type UserPoolClient, UserPoolOperation } from 'aws-cdk-lib/aws-cognito';
import { CannotRun, runAssembly } from '../../local/index.ts';
import { close, listen } from '../../local/listening.ts';
import { Browser } from '../browser.ts';
import { runSmallApp, type SmallRun, Workshop } from './small-app.ts';

const CALLBACK = 'http://127.0.0.1:4000/console/';
const PEOPLE = [
  { label: 'owner', userId: 'usr_owner', email: 'owner@acme.example' },
  { label: '<b>"mean" & co</b>', userId: 'usr_<mean>', email: 'mean@acme.example' },
];
/** Prints what it was told, fails for one person, and asks for other claims for another. */
const TRIGGER = `export const handler = async (event) => {
  console.log(JSON.stringify(event));
  if (event.userName === 'usr_unlucky') throw new Error('no');
  if (event.userName === 'usr_greedy') event.response.claimsOverrideDetails = { claimsToSuppress: ['sub'] };
  return event;
};`;

const workshop = new Workshop();
let directory: string;
let app: SmallRun;
let url: string;
beforeAll(async () => {
  directory = workshop.synthesize((cdk) => {
    const stack = new Stack(cdk, 'People');
    const pool = new UserPool(stack, 'Pool');
    pool.addTrigger(UserPoolOperation.PRE_TOKEN_GENERATION, workshop.lambda(stack, 'Trigger', TRIGGER));
    const client = addClient(pool, 'web');
    new CfnOutput(stack, 'Issuer', { value: pool.userPoolProviderUrl });
    new CfnOutput(stack, 'Client', { value: client.userPoolClientId });
  });
  app = await runSmallApp(directory, { signIn: { port: 0, people: PEOPLE } });
  url = app.run.issuerUrl ?? '';
});
afterAll(async () => {
  await app.stop();
  workshop.remove();
});

function addClient(pool: UserPool, name: string): UserPoolClient {
  return pool.addClient(name, {
    userPoolClientName: name,
    accessTokenValidity: Duration.minutes(10),
    oAuth: {
      flows: { authorizationCodeGrant: true },
      scopes: [OAuthScope.OPENID, OAuthScope.EMAIL],
      callbackUrls: [CALLBACK, 'https://console.example.com/'],
      logoutUrls: [CALLBACK],
    },
  });
}

const VERIFIER = randomBytes(32).toString('base64url');
const CHALLENGE = createHash('sha256').update(VERIFIER).digest('base64url');
const REQUEST = {
  response_type: 'code',
  client_id: 'web',
  redirect_uri: CALLBACK,
  scope: 'openid email',
  state: 'st',
  nonce: 'n1',
  code_challenge: CHALLENGE,
  code_challenge_method: 'S256',
};

const authorizeUrl = (over: object = {}) =>
  `${url}/authorize?${new URLSearchParams(
    Object.entries({ ...REQUEST, ...over }).filter(
      (entry): entry is [string, string] => entry[1] !== undefined,
    ),
  )}`;

/** Opens the page and picks somebody on it, unless there is no page to do so. */
async function pick(person: string, over: object = {}): Promise<Response> {
  const browser = new Browser();
  const page = await browser.open(authorizeUrl(over));
  const isOffered = (await page.clone().text()).includes('<form');
  return isOffered ? browser.open(page.url, { person }) : page;
}

async function codeFor(person: string, over: object = {}): Promise<string> {
  const back = new URL((await pick(person, over)).headers.get('location') ?? '');
  return back.searchParams.get('code') ?? '';
}

// biome-ignore lint/suspicious/noExplicitAny: answers of every shape.
async function token(form: Record<string, string>): Promise<{ status: number; body: any }> {
  const response = await fetch(`${url}/token`, { method: 'POST', body: new URLSearchParams(form) });
  return { status: response.status, body: await response.json() };
}

const redeem = (code: string, over: Record<string, string> = {}) =>
  token({
    grant_type: 'authorization_code',
    client_id: 'web',
    redirect_uri: CALLBACK,
    code,
    code_verifier: VERIFIER,
    ...over,
  });

const claimsOf = (jwt: string) => JSON.parse(Buffer.from(jwt.split('.')[1] ?? '', 'base64url').toString());

describe('the issuer', () => {
  test('is where the template says the provider of the pool is, and its client is known by name', () => {
    expect(url).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/);
    expect(app.run.outputs.People).toMatchObject({ Issuer: url, Client: 'web' });
  });

  test('is discovered, and signs with the key that it publishes', async () => {
    const found = (await (await fetch(`${url}/.well-known/openid-configuration`)).json()) as Record<
      string,
      string
    >;
    expect(found).toMatchObject({
      issuer: url,
      code_challenge_methods_supported: ['S256'],
      scopes_supported: ['openid', 'email'],
    });
    const jwks = (await (await fetch(found.jwks_uri ?? '')).json()) as { keys: Record<string, string>[] };
    const [key = {}] = jwks.keys;
    expect(Object.keys(key).sort()).toEqual(['alg', 'e', 'kid', 'kty', 'n', 'use']);
    const { access_token } = (await token({ grant_type: 'password', username: 'usr_1' })).body;
    const [header = '', payload = '', signature = ''] = access_token.split('.');
    expect(JSON.parse(Buffer.from(header, 'base64url').toString())).toMatchObject({
      alg: 'RS256',
      kid: key.kid,
    });
    const publicKey = createPublicKey({ key, format: 'jwk' });
    const signed = Buffer.from(`${header}.${payload}`);
    expect(verify('sha256', signed, publicKey, Buffer.from(signature, 'base64url'))).toBe(true);
  });

  test('gives pages of its clients tokens to read, and those of others none', async () => {
    const body = new URLSearchParams({ grant_type: 'password', username: 'usr_1' });
    const answered = async (origin: string) => {
      const { status, headers } = await fetch(`${url}/token`, {
        method: 'POST',
        headers: { Origin: origin },
        body,
      });
      return [status, headers.get('access-control-allow-origin')];
    };
    for (const own of ['http://127.0.0.1:4000', 'http://127.0.0.1:51000', 'https://console.example.com'])
      expect(await answered(own)).toEqual([200, own]);
    for (const other of [
      'https://evil.example',
      'http://127.0.0.1.evil.example',
      'http://localhost:4000',
      'null',
    ])
      expect(await answered(other)).toEqual([400, null]);
  });

  test('prints nothing, but what it logs', async () => {
    const printed = (['log', 'info', 'warn', 'error'] as const).map((name) => jest.spyOn(console, name));
    await redeem(await codeFor('usr_owner'));
    await token({ grant_type: 'password', username: 'usr_unlucky' });
    const calls = printed.flatMap((spy) => spy.mock.calls);
    for (const spy of printed) spy.mockRestore();
    expect(calls).toEqual([]);
  });

  test('knows no other path', async () => {
    for (const path of ['/', '/authorise', '//evil.example/', '/.well-known/jwks.json/x'])
      expect((await fetch(`${url}${path}`)).status).toBe(404);
  });
});

describe('the code flow', () => {
  test('shows whom to be, none of it as markup', async () => {
    const page = await new Browser().open(authorizeUrl());
    const html = await page.text();
    expect(page.status).toBe(200);
    expect(page.headers.get('content-security-policy')).toContain("default-src 'none'");
    expect(html).toContain('value="usr_owner"');
    expect(html).toContain('&#60;b&#62;&#34;mean&#34; &#38; co&#60;/b&#62;');
    expect(html).not.toContain('<b>"mean"');
  });

  test('shows its page every time, because it keeps no session', async () => {
    const browser = new Browser();
    for (const person of ['usr_owner', 'usr_<mean>']) {
      const page = await browser.open(authorizeUrl());
      const back = new URL((await browser.open(page.url, { person })).headers.get('location') ?? '');
      const { body } = await redeem(back.searchParams.get('code') ?? '');
      expect(claimsOf(body.access_token).sub).toBe(person);
    }
  });

  test('continues only in the browser that began it, with a valid user id', async () => {
    const browser = new Browser();
    const page = await browser.open(authorizeUrl());
    expect((await new Browser().open(page.url, { person: 'usr_owner' })).status).toBe(400);
    for (const person of ['', 'u'.repeat(256), 'a\nb'])
      expect((await browser.open(page.url, { person })).status).toBe(400);
  });

  test('asks for all scopes of the client where none is named', async () => {
    const { body } = await redeem(await codeFor('usr_owner', { scope: undefined, nonce: undefined }));
    expect(claimsOf(body.access_token).scope).toBe('openid email');
  });

  test('gives tokens with the claims that Cognito’s have', async () => {
    const { status, body } = await redeem(await codeFor('usr_owner'));
    expect(status).toBe(200);
    expect(body).toMatchObject({ token_type: 'Bearer', expires_in: 600, refresh_token: expect.any(String) });
    const access = claimsOf(body.access_token);
    expect(access).toMatchObject({
      iss: url,
      sub: 'usr_owner',
      username: 'usr_owner',
      client_id: 'web',
      token_use: 'access',
      scope: 'openid email',
    });
    expect(access.exp - access.iat).toBe(600);
    expect(access).not.toHaveProperty('aud');
    expect(claimsOf(body.id_token)).toMatchObject({
      iss: url,
      sub: 'usr_owner',
      aud: 'web',
      token_use: 'id',
      nonce: 'n1',
      email: 'owner@acme.example',
      email_verified: true,
    });
  });

  test('sends back with the state, to a registered page on any port of this machine', async () => {
    for (const redirect_uri of [
      CALLBACK,
      'http://127.0.0.1:51000/console/',
      'https://console.example.com/',
    ]) {
      const sent = await pick('usr_owner', { redirect_uri });
      const back = new URL(sent.headers.get('location') ?? '');
      expect([sent.status, back.origin + back.pathname]).toEqual([303, redirect_uri]);
      expect(back.searchParams.get('state')).toBe('st');
    }
  });

  test.each([
    'https://evil.example/',
    'http://127.0.0.1:4000/console/../',
    'http://127.0.0.1:4000/console',
    'http://127.0.0.1:4000/console/x',
    'http://127.0.0.1:4000@evil.example/console/',
    'http://127.0.0.1.evil.example:4000/console/',
    'http://localhost:4000/console/',
    'https://console.example.com:8443/',
    'https://127.0.0.1:4000/console/',
    `${CALLBACK}#x`,
    `${CALLBACK}?x=1`,
    'javascript:alert(1)',
    '',
    undefined,
  ])('sends nobody to %s', async (redirect_uri) => {
    const answer = await fetch(authorizeUrl({ redirect_uri }), { redirect: 'manual' });
    expect(answer.status).toBe(400);
    expect(answer.headers.get('location')).toBeNull();
  });

  test('redirects nowhere for an unknown client', async () => {
    expect((await pick('usr_owner', { client_id: 'other' })).status).toBe(400);
  });

  test.each([
    ['invalid_request', { code_challenge: undefined, code_challenge_method: undefined }],
    ['invalid_request', { code_challenge: undefined }],
    ['invalid_request', { code_challenge_method: undefined }],
    ['invalid_request', { code_challenge: VERIFIER, code_challenge_method: 'plain' }],
    ['unsupported_response_type', { response_type: 'token' }],
    ['invalid_scope', { scope: 'openid aws.cognito.signin.user.admin' }],
  ])('answers %s to the client and gives no code for %j', async (error, over) => {
    const back = new URL((await pick('usr_owner', over)).headers.get('location') ?? '');
    const told = Object.fromEntries(new URLSearchParams(back.search || back.hash.slice(1)));
    expect(told).toMatchObject({ error, state: 'st' });
    expect(told).not.toHaveProperty('code');
  });

  test.each([
    ['another verifier', { code_verifier: randomBytes(32).toString('base64url') }],
    ['no verifier', { code_verifier: '' }],
    ['the challenge as verifier', { code_verifier: CHALLENGE }],
    ['another page', { redirect_uri: 'http://127.0.0.1:51000/console/' }],
  ])('redeems no code with %s, nor ever after', async (_, over) => {
    const code = await codeFor('usr_owner');
    expect(await redeem(code, over)).toMatchObject({ status: 400, body: { error: 'invalid_grant' } });
    expect((await redeem(code)).status).toBe(400);
  });

  test('redeems a code once', async () => {
    const code = await codeFor('usr_owner');
    expect((await redeem(code)).status).toBe(200);
    expect(await redeem(code)).toMatchObject({ status: 400, body: { error: 'invalid_grant' } });
  });

  test('renews tokens until the refresh token is revoked', async () => {
    const { refresh_token } = (await redeem(await codeFor('usr_owner'))).body;
    const renew = () => token({ grant_type: 'refresh_token', client_id: 'web', refresh_token });
    expect(claimsOf((await renew()).body.access_token).sub).toBe('usr_owner');
    const body = new URLSearchParams({ client_id: 'web', token: refresh_token });
    expect((await fetch(`${url}/revoke`, { method: 'POST', body })).status).toBe(200);
    expect(await renew()).toMatchObject({ status: 400, body: { error: 'invalid_grant' } });
  });

  test('signs out to a registered page only', async () => {
    const out = (logout_uri: string) =>
      fetch(`${url}/logout?${new URLSearchParams({ client_id: 'web', logout_uri })}`, { redirect: 'manual' });
    expect((await out(CALLBACK)).headers.get('location')).toBe(CALLBACK);
    expect((await out('https://evil.example/')).status).toBe(400);
  });
});

describe('a script', () => {
  test('signs in as the user id or address that it names, and gets the same user every time', async () => {
    const who = async (username: string) =>
      claimsOf((await token({ grant_type: 'password', username })).body.id_token);
    expect(await who('usr_any')).toMatchObject({ sub: 'usr_any' });
    expect(await who('usr_any')).not.toHaveProperty('email');
    expect(await who('OWNER@acme.example')).toMatchObject({ sub: 'usr_owner', email: 'owner@acme.example' });
    const ada = await who('Ada@example.com');
    expect(ada).toMatchObject({
      sub: expect.stringMatching(/^[0-9a-f-]{36}$/),
      email: 'ada@example.com',
      email_verified: true,
    });
    expect((await who('ada@example.com')).sub).toBe(ada.sub);
    expect((await who('eve@example.com')).sub).not.toBe(ada.sub);
  });

  test.each([
    [400, 'invalid_request', { grant_type: 'password' }],
    [400, 'invalid_request', { grant_type: 'password', username: 'u'.repeat(256) }],
    [401, 'invalid_client', { grant_type: 'password', username: 'usr_1', client_id: 'other' }],
    [400, 'invalid_request', { grant_type: 'authorization_code', code: 'x' }],
    [400, 'unsupported_grant_type', { grant_type: 'client_credentials', client_id: 'web' }],
    [400, 'invalid_request', {}],
  ])('is answered %i %s for %j', async (status, error, form) => {
    expect(await token(form as Record<string, string>)).toMatchObject({ status, body: { error } });
  });
});

describe('the trigger of the pool', () => {
  const told = () =>
    app
      .logged(`function:${app.idOf('Trigger')}`)
      .flatMap((line) => (line.startsWith('{') ? [JSON.parse(line)] : []));

  test('gets the event that Cognito would send: who is about to get tokens, and why', async () => {
    const { refresh_token } = (await redeem(await codeFor('usr_owner'))).body;
    await token({ grant_type: 'refresh_token', client_id: 'web', refresh_token });
    await token({ grant_type: 'password', username: 'usr_script' });
    const userAttributes = {
      sub: 'usr_owner',
      'cognito:user_status': 'CONFIRMED',
      email: 'owner@acme.example',
      email_verified: 'true',
    };
    const [byCode, byRefresh, byScript] = told().slice(-3);
    expect(byCode).toMatchObject({
      version: '1',
      triggerSource: 'TokenGeneration_HostedAuth',
      userName: 'usr_owner',
      callerContext: { clientId: 'web' },
      request: { userAttributes },
    });
    expect(byRefresh.triggerSource).toBe('TokenGeneration_RefreshTokens');
    expect(byScript).toMatchObject({
      triggerSource: 'TokenGeneration_Authentication',
      userName: 'usr_script',
    });
    expect(byScript.request.userAttributes).not.toHaveProperty('email');
  });

  test.each(['usr_unlucky', 'usr_greedy'])(
    'gives nobody tokens when it fails, or wants what is not honoured: %s',
    async (username) => {
      const { status, body } = await token({ grant_type: 'password', username });
      expect([status, body.access_token]).toEqual([400, undefined]);
      expect(app.lines.some(({ source }) => source.startsWith('sign-in:People/'))).toBe(true);
    },
  );
});

describe('a run', () => {
  const run = (assemblyDirectory: string, port = 0) =>
    runAssembly({
      assemblyDirectory,
      dynamodbEndpoint: 'http://127.0.0.1:1',
      signIn: { port, people: [] },
      log: () => {},
    });

  test('refuses a taken port of the issuer in one sentence', async () => {
    const server = createServer();
    const port = Number(new URL(await listen(server, 0)).port);
    const error: unknown = await run(directory, port).catch((thrown: unknown) => thrown);
    await close(server);
    expect(error).toBeInstanceOf(CannotRun);
    expect((error as CannotRun).message).toMatch(
      new RegExp(`^Port ${port} on 127\\.0\\.0\\.1 is taken: .+\\.$`),
    );
  });

  test.each<[string, (pool: UserPool) => void, RegExp]>([
    ['two pools', (pool) => new UserPool(Stack.of(pool), 'Another'), /is a second user pool/],
    [
      'a client with a secret',
      (pool) => pool.addClient('Server', { generateSecret: true }),
      /without a secret only/,
    ],
    [
      'another trigger',
      (pool) =>
        pool.addTrigger(UserPoolOperation.PRE_SIGN_UP, workshop.lambda(Stack.of(pool), 'Other', TRIGGER)),
      /the property LambdaConfig\.PreSignUp /,
    ],
  ])('refuses %s', async (_, change, sentence) => {
    const refused = workshop.synthesize((cdk) => {
      const pool = new UserPool(new Stack(cdk, 'Refused'), 'Pool');
      addClient(pool, 'web');
      change(pool);
    });
    await expect(run(refused)).rejects.toThrow(sentence);
  });
});
