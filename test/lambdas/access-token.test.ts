import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import type { APIGatewayRequestAuthorizerEvent } from 'aws-lambda';
import fc from 'fast-check';
import { accessTokenVerifier } from '../../lambdas/authorizer/access-token.ts';
import { createAuthorizer } from '../../lambdas/authorizer/authorizer.ts';
import { readDecision, readSignedInUser } from '../../lambdas/authorizer/principal-context.ts';
import { memoryVerificationStore } from '../core/memory-verification-store.ts';
import { apiKeyOf, NOW } from '../core/stored-secrets.ts';
import { capturedLog } from './captured-log.ts';
import {
  hmacToken,
  type KeyServer,
  newKey,
  type SigningKey,
  signedToken,
  startKeyServer,
  unsignedToken,
} from './signed-tokens.ts';

const ISSUER = 'https://cognito-idp.us-east-1.amazonaws.com/us-east-1_example';
const CLIENT = 'keyward-console';
const STAGE = 'arn:aws:execute-api:us-east-1:123456789012:api/live';

const lines = capturedLog();
let key: SigningKey;
let stranger: SigningKey;
let keys: KeyServer;
beforeAll(async () => {
  key = newKey('current');
  // Somebody else's key under the name of ours.
  stranger = newKey('current');
  keys = await startKeyServer([key]);
});
beforeEach(() => keys.serve([key]));
afterAll(() => keys.stop());

const verifier = () =>
  accessTokenVerifier({ issuer: ISSUER, clientId: CLIENT, insecureJwksUri: keys.jwksUri });
const now = () => Math.floor(Date.now() / 1000);
const claims = (over: object = {}) => ({
  ...{ iss: ISSUER, sub: 'user-1', client_id: CLIENT, token_use: 'access', scope: 'openid email' },
  ...{ iat: now() - 60, exp: now() + 600, username: 'user-1' },
  ...over,
});

test('an access token that the issuer gave to our client says who has signed in', async () => {
  expect(await verifier()(signedToken(claims(), key))).toEqual({
    kind: 'allow',
    user: { kind: 'signed_in', user: 'user-1' },
  });
});

const FORGED: [string, () => string, string][] = [
  ['signed by another key of the same name', () => signedToken(claims(), stranger), 'unknown'],
  ['of a key that the issuer does not have', () => signedToken(claims(), key, { kid: 'other' }), 'unknown'],
  ['without a key’s name', () => signedToken(claims(), key, { kid: undefined }), 'unknown'],
  ['not signed at all', () => unsignedToken(claims(), key.kid), 'malformed'],
  ['of the algorithm none', () => unsignedToken(claims(), key.kid, 'AAAA'), 'unknown'],
  ['of the algorithm NONE', () => signedToken(claims(), key, { alg: 'NONE' }), 'unknown'],
  ['signed with the public key as a shared secret', () => hmacToken(claims(), key), 'unknown'],
  ['of another algorithm than its key', () => signedToken(claims(), key, { alg: 'RS512' }), 'unknown'],
  ['of another issuer', () => signedToken(claims({ iss: `${ISSUER}2` }), key), 'unknown'],
  ['of an issuer with a slash more', () => signedToken(claims({ iss: `${ISSUER}/` }), key), 'unknown'],
  ['of no issuer', () => signedToken(claims({ iss: undefined }), key), 'unknown'],
  ['of another client', () => signedToken(claims({ client_id: 'another' }), key), 'unknown'],
  ['of no client', () => signedToken(claims({ client_id: undefined }), key), 'unknown'],
  [
    'an id token',
    () => signedToken(claims({ token_use: 'id', aud: CLIENT, client_id: undefined }), key),
    'unknown',
  ],
  ['an id token that names the client', () => signedToken(claims({ token_use: 'id' }), key), 'unknown'],
  ['of no use', () => signedToken(claims({ token_use: undefined }), key), 'unknown'],
  ['expired', () => signedToken(claims({ exp: now() - 2 }), key), 'expired'],
  ['without an end', () => signedToken(claims({ exp: undefined }), key), 'unknown'],
  ['of an end that is no number', () => signedToken(claims({ exp: '9999999999' }), key), 'malformed'],
  ['not valid yet', () => signedToken(claims({ nbf: now() + 600 }), key), 'unknown'],
  ['of nobody', () => signedToken(claims({ sub: undefined }), key), 'unknown'],
  ['of an empty name', () => signedToken(claims({ sub: '' }), key), 'unknown'],
  ['of a name too long to store', () => signedToken(claims({ sub: 'ü'.repeat(128) }), key), 'unknown'],
  ['of a name that is no text', () => signedToken(claims({ sub: 7 }), key), 'malformed'],
  ['tampered with', () => tampered(signedToken(claims(), key)), 'unknown'],
  ['whose signature is another token’s', () => mixed(), 'unknown'],
];

function tampered(token: string): string {
  const [header = '', , signature = ''] = token.split('.');
  const payload = Buffer.from(JSON.stringify(claims({ sub: 'user-2' }))).toString('base64url');
  return [header, payload, signature].join('.');
}

function mixed(): string {
  const [header = '', payload = ''] = signedToken(claims({ sub: 'user-2' }), key).split('.');
  return [header, payload, signedToken(claims(), key).split('.')[2]].join('.');
}

test.each(FORGED)('a token is refused that is %s', async (_, token, code) => {
  expect(await verifier()(token())).toEqual({ kind: 'refuse', code });
});

test('whatever has the shape of a token is refused and is no fault', async () => {
  const verify = verifier();
  await verify(signedToken(claims(), key));
  const part = fc.stringMatching(/^[A-Za-z0-9_-]{1,40}$/);
  const json = fc.jsonValue().map((value) => Buffer.from(JSON.stringify(value)).toString('base64url'));
  const parts = fc.tuple(fc.oneof(part, json), fc.oneof(part, json), part);
  await fc.assert(
    fc.asyncProperty(parts, async (token) => {
      expect(await verify(token.join('.'))).toMatchObject({ kind: 'refuse' });
    }),
  );
});

test('a header or a payload that is no object is refused and is no fault', async () => {
  const verify = verifier();
  for (const value of ['null', '[]', '7', '"text"', '{', ''])
    for (const place of [0, 1]) {
      const parts = signedToken(claims(), key).split('.');
      parts[place] = Buffer.from(value).toString('base64url');
      expect(await verify(parts.join('.'))).toMatchObject({ kind: 'refuse' });
    }
});

describe('the issuer’s keys', () => {
  test('are fetched once, and once more for a name that is not among them, however often it is tried', async () => {
    const verify = verifier();
    const before = keys.asked();
    for (let count = 0; count < 3; count += 1) await verify(signedToken(claims(), key));
    expect(keys.asked() - before).toBe(1);
    for (let count = 0; count < 5; count += 1)
      await verify(signedToken(claims(), key, { kid: `made-up-${count}` }));
    expect(keys.asked() - before).toBe(2);
    expect(await verify(signedToken(claims(), key))).toMatchObject({ kind: 'allow' });
  });

  test('are fetched again when the issuer has a new one', async () => {
    const verify = verifier();
    await verify(signedToken(claims(), key));
    const next = newKey('next');
    keys.serve([key, next]);
    expect(await verify(signedToken(claims(), next))).toMatchObject({ kind: 'allow' });
  });

  test.each([
    ['answers with an error', { status: 500, body: '' }],
    ['answers with something else', { status: 200, body: '<html>' }],
    ['answers with keys that are none', { status: 200, body: '{"keys":[7]}' }],
  ])('that cannot be had are a fault, never a verdict: it %s', async (_, answer) => {
    keys.serve(answer);
    const verify = verifier();
    await expect(verify(signedToken(claims(), key))).rejects.toThrow();
    keys.serve([key]);
    expect(await verify(signedToken(claims(), key))).toMatchObject({ kind: 'allow' });
  });

  test('that cannot be reached are a fault', async () => {
    const gone = await startKeyServer([]);
    await gone.stop();
    const options = { issuer: ISSUER, clientId: CLIENT, insecureJwksUri: gone.jwksUri };
    await expect(accessTokenVerifier(options)(signedToken(claims(), key))).rejects.toThrow();
  });

  test('never come without TLS, unless it is said by name, and then from this machine only', async () => {
    const options = { issuer: new URL(keys.jwksUri).origin, clientId: CLIENT };
    const token = signedToken(claims({ iss: options.issuer }), key);
    await expect(accessTokenVerifier(options)(token)).rejects.toThrow();
    const insecureJwksUri = 'http://issuer.example.com/jwks.json';
    expect(() => accessTokenVerifier({ ...options, insecureJwksUri })).toThrow('127.0.0.1 only');
  });
});

describe('the authorizer', () => {
  const authorize = (text: string, verify = verifier()) =>
    createAuthorizer({
      verification: {
        credentials: [apiKeyOf({ prefix: 'kw_live_', randomLength: 30, hasChecksum: true })],
        store: memoryVerificationStore(),
        tracking: 'stamp',
      },
      presentation: { kind: 'bearer' },
      requirement: () => 'any',
      routes: () => ['GET /keys'],
      answerRateLimitBy: 'authorizer',
      signIn: { verify, routes: ['GET /v1/me', 'POST /v1/workspaces/{workspace}/keys'] },
      now: () => NOW,
    })({
      type: 'REQUEST',
      methodArn: `${STAGE}/GET/v1/me`,
      ...{ httpMethod: 'GET', resource: '/v1/me', path: '/v1/me' },
      multiValueHeaders: { Authorization: [`Bearer ${text}`] },
      requestContext: { requestId: 'request-1', identity: { sourceIp: '203.0.113.7' } },
    } as unknown as APIGatewayRequestAuthorizerEvent);

  test('hands on who has signed in, with the routes of people and no power', async () => {
    const { principalId, policyDocument, context } = await authorize(signedToken(claims(), key));
    expect(principalId).toBe('user-1');
    expect(policyDocument.Statement).toEqual([
      {
        Action: 'execute-api:Invoke',
        Effect: 'Allow',
        Resource: [`${STAGE}/GET/v1/me`, `${STAGE}/POST/v1/workspaces/*/keys`],
      },
    ]);
    expect(readSignedInUser(context)).toEqual({ kind: 'signed_in', user: 'user-1' });
    expect(readDecision(context)).toBeUndefined();
    expect(lines).toEqual([]);
  });

  test.each(FORGED)(
    'answers 401 like any bad key, and logs why without the token: %s',
    async (_, token, code) => {
      const text = token();
      await expect(authorize(text)).rejects.toThrow(/^Unauthorized$/);
      // What has no signature has not even the shape.
      if (lines.length > 0) expect(JSON.parse(lines[0] ?? '')).toMatchObject({ message: 'refused', code });
      expect(lines.join()).not.toContain(text.split('.')[1]);
    },
  );

  test('throws what is no verdict where the keys cannot be had, and never Unauthorized', async () => {
    keys.serve({ status: 503, body: '' });
    const failure = await authorize(signedToken(claims(), key)).catch((error: unknown) => error);
    expect(failure).toMatchObject({ message: 'The credential could not be checked.' });
    expect(JSON.parse(lines[0] ?? '')).toMatchObject({ level: 'ERROR', message: 'fault' });
  });
});
