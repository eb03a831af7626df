import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { AccessTokenMark } from '../../../core/management/sign-in.ts';
import { parseAccessTokenMark } from '../../../core/management/sign-in.ts';
import { type AccessTokenOptions, accessTokenVerifier } from '../../../lambdas/authorizer/access-token.ts';
import { UndecidedToken } from '../../../lambdas/authorizer/authorizer-options.ts';
import { AUDIENCE, CLIENT, type ForeignIssuer, OTHER_CLIENT, startForeignIssuer } from './foreign-issuer.ts';
import { hmacToken, newKey, type SigningKey, signedToken, unsignedToken } from './signed-tokens.ts';

const DISCOVERY = '/.well-known/openid-configuration';
const KEYS = '/jwks';

let issuer: ForeignIssuer;
let key: SigningKey;
beforeAll(async () => {
  key = newKey('current');
  issuer = await startForeignIssuer([key]);
  // Its first answers take long, and a verifier waits a second.
  for (const path of [DISCOVERY, KEYS]) await (await fetch(`${issuer.url}${path}`)).text();
});
afterAll(() => issuer.stop());

let time = 0;

function verifier(over: Partial<NonNullable<AccessTokenOptions['rules']>> = {}, url = issuer.url) {
  const rules = { audience: AUDIENCE, userClaim: 'sub', clientClaim: 'client_id', mark: 'at+jwt' as const };
  return accessTokenVerifier({
    issuer: url,
    clientId: CLIENT,
    rules: { ...rules, ...over },
    now: () => time,
  });
}

/** What a verifier makes of a token; what it throws says nothing about the token. */
const outcomeOf = async (verify: ReturnType<typeof verifier>, token: string) =>
  verify(token).then(
    (verdict) => (verdict.kind === 'allow' ? verdict.user.user : verdict.code),
    (error: Error) => (error instanceof UndecidedToken ? 'undecided' : 'fault'),
  );

const now = () => Math.floor(Date.now() / 1000);

/** What this issuer says in its access tokens. */
const claimsOf = (over: object = {}) => ({
  iss: issuer.url,
  sub: 'user-1',
  aud: AUDIENCE,
  client_id: CLIENT,
  iat: now() - 60,
  exp: now() + 600,
  jti: 'one',
  scope: 'openid',
  ...over,
});

const token = (over: object = {}, header: object = {}, by = key) =>
  signedToken(claimsOf(over), by, { typ: 'at+jwt', ...header });

test('an access token that an issuer of one’s own has made for our client and audience says who has signed in', async () => {
  const verify = verifier();
  expect(await outcomeOf(verify, await issuer.accessToken())).toBe('user-1');
  expect(await outcomeOf(verify, await issuer.accessToken({ user: 'auth0|5f7c' }))).toBe('auth0|5f7c');
  expect(await outcomeOf(verify, token())).toBe('user-1');
  expect(await outcomeOf(verify, token({ aud: [`${issuer.url}/me`, AUDIENCE] }))).toBe('user-1');
  expect(await outcomeOf(verify, token({}, { typ: 'application/AT+JWT' }))).toBe('user-1');
});

describe('a token that is not for us signs nobody in:', () => {
  test('those that the issuer itself makes for others', async () => {
    const verify = verifier();
    expect(await outcomeOf(verify, await issuer.accessToken({ client: OTHER_CLIENT }))).toBe('unknown');
    expect(await outcomeOf(verify, await issuer.accessToken({ audience: `${AUDIENCE}/` }))).toBe('unknown');
    const other = await startForeignIssuer([key]);
    expect(await outcomeOf(verify, await other.accessToken())).toBe('unknown');
    await other.stop();
  });

  test.each<[string, object, object?]>([
    ['of another issuer', { iss: 'https://other.example.com' }],
    ['of an issuer with a slash more', { iss: 'SLASH' }],
    ['without an issuer', { iss: undefined }],
    ['of another audience', { aud: 'https://other.example.com' }],
    ['of no audience', { aud: undefined }],
    ['of an audience that begins like ours', { aud: `${AUDIENCE}.evil.example` }],
    ['of an audience in an object', { aud: { 0: AUDIENCE } }],
    ['of another client', { client_id: OTHER_CLIENT }],
    ['of no client', { client_id: undefined }],
    ['of several clients', { client_id: [CLIENT] }],
    ['an id token', { aud: CLIENT, client_id: undefined, nonce: 'n' }, { typ: 'JWT' }],
    ['an id token with our audience too', { aud: [CLIENT, AUDIENCE] }, { typ: 'JWT' }],
    ['an id token that says it is an access token', { aud: [CLIENT, AUDIENCE] }],
    ['an id token for our audience alone', {}, { typ: 'JWT' }],
    ['without a type', {}, { typ: undefined }],
    ['of a logout', {}, { typ: 'logout+jwt' }],
    ['not valid yet', { nbf: now() + 600 }],
    ['without an end', { exp: undefined }],
    ['of an end that is a text', { exp: '9999999999' }],
    ['of nobody', { sub: undefined }],
    ['of a name that is no text', { sub: 7 }],
    ['of a name that steers a terminal', { sub: 'user\u001b[2J' }],
    ['that asks for what is not understood', {}, { crit: ['exp'] }],
  ])('one %s', async (_, over, header = {}) => {
    const claims = 'iss' in over && over.iss === 'SLASH' ? { iss: `${issuer.url}/` } : over;
    expect(await outcomeOf(verifier(), token(claims, header))).toMatch(/^(unknown|malformed)$/);
  });

  test('one that has expired', async () => {
    expect(await outcomeOf(verifier(), token({ exp: now() - 2 }))).toBe('expired');
  });

  test('one that is signed wrongly, by nobody, or with the public key as a secret', async () => {
    const forged = newKey('current');
    const verify = verifier();
    expect(await outcomeOf(verify, token())).toBe('user-1');
    const wrong = [
      token({}, {}, forged),
      unsignedToken(claimsOf(), 'current'),
      unsignedToken(claimsOf(), 'current', 'AAAA'),
      hmacToken(claimsOf(), key),
      token({}, { alg: 'none' }),
      token({}, { alg: 'HS256' }),
      token({}, { jwk: forged.publicKey.export({ format: 'jwk' }) }, forged),
      token({}, { jku: 'https://attacker.example/jwks' }, forged),
      token({}, { kid: undefined }),
    ];
    for (const each of wrong) expect(await outcomeOf(verify, each)).toMatch(/^(unknown|malformed)$/);
  });
});

describe('the settings of an issuer say', () => {
  const MARKS: readonly [string, object, object, string][] = [
    ['token_use=access', { token_use: 'access' }, {}, 'user-1'],
    ['token_use=access', { token_use: 'id' }, {}, 'unknown'],
    ['token_use=access', { token_use: ['access'] }, {}, 'unknown'],
    ['token_use=access', {}, {}, 'unknown'],
    ['toString=x', {}, {}, 'unknown'],
    ['typ=Bearer', { typ: 'Bearer' }, { typ: 'JWT' }, 'user-1'],
    ['audience', {}, { typ: 'JWT' }, 'user-1'],
    ['audience', { aud: [CLIENT, AUDIENCE] }, { typ: 'JWT' }, 'unknown'],
  ];
  test.each(MARKS)('what marks an access token: %s of %j under %j', async (text, claims, header, outcome) => {
    const mark = parseAccessTokenMark(text) as AccessTokenMark;
    expect(await outcomeOf(verifier({ mark }), token(claims, header))).toBe(outcome);
  });

  test('which claims name the user and the client', async () => {
    const verify = verifier({ userClaim: 'https://example.com/user', clientClaim: 'azp' });
    const own = { azp: CLIENT, 'https://example.com/user': 'crm-7' };
    expect(await outcomeOf(verify, token(own))).toBe('crm-7');
    expect(await outcomeOf(verify, token({ ...own, azp: OTHER_CLIENT }))).toBe('unknown');
    expect(await outcomeOf(verify, token())).toBe('unknown');
    expect(await outcomeOf(verifier({ userClaim: 'constructor' }), token())).toBe('unknown');
  });
});

describe('the keys of an issuer of one’s own', () => {
  test('are where its description says, and both are fetched once', async () => {
    const verify = verifier();
    const before = [issuer.asked(DISCOVERY), issuer.asked(KEYS)];
    for (let count = 0; count < 3; count += 1) await verify(token());
    expect([issuer.asked(DISCOVERY), issuer.asked(KEYS)]).toEqual(before.map((count) => count + 1));
    await verify(token({ aud: 'other' }));
    expect(issuer.asked(KEYS)).toBe((before[1] ?? 0) + 1);
  });

  test('may change: a token with a new key is undecided until they are fetched again, and a known key works on', async () => {
    const verify = verifier();
    expect(await outcomeOf(verify, await issuer.accessToken())).toBe('user-1');
    const next = newKey('next');
    issuer.changeKeys([next, key]);
    expect(await outcomeOf(verify, await issuer.accessToken())).toBe('undecided');
    time += 5_000;
    expect(await outcomeOf(verify, await issuer.accessToken())).toBe('user-1');
    expect(await outcomeOf(verify, token({}, {}, next))).toBe('user-1');
    issuer.changeKeys([key]);
    expect(await outcomeOf(verify, token())).toBe('user-1');
  });

  test.each([
    ['an error', { status: 500, body: '' }],
    ['a page', { status: 200, body: '<html>' }],
    ['nothing', { status: 200, body: 'null' }],
    ['another issuer’s description', { status: 200, body: '{"issuer":"https://other.example.com"}' }],
    ['far too much', { status: 200, body: `{"issuer":"${'x'.repeat(300_000)}"}` }],
  ])('that cannot be had are a fault, never a verdict: it answers with %s', async (_, answer) => {
    const verify = verifier();
    issuer.answerWith(answer);
    expect(await outcomeOf(verify, token())).toBe('fault');
    issuer.answerWith();
    expect(await outcomeOf(verify, token())).toBe('undecided');
    time += 1_000;
    expect(await outcomeOf(verify, token())).toBe('user-1');
  });

  test('are not fetched without TLS from elsewhere', async () => {
    const verify = verifier();
    issuer.answerWith({
      status: 200,
      body: JSON.stringify({ issuer: issuer.url, jwks_uri: 'http://keys.example.com/jwks' }),
    });
    expect(await outcomeOf(verify, token())).toBe('fault');
    issuer.answerWith();
  });

  test('are a fault if nobody answers', async () => {
    const gone = await startForeignIssuer([key]);
    await gone.stop();
    const verify = verifier({}, gone.url);
    expect(await outcomeOf(verify, token({ iss: gone.url }))).toBe('fault');
  });
});
