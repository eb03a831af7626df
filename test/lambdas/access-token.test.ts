import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import type { APIGatewayRequestAuthorizerEvent } from 'aws-lambda';
import { accessTokenVerifier } from '../../lambdas/authorizer/access-token.ts';
import { createAuthorizer } from '../../lambdas/authorizer/authorizer.ts';
import { readDecision, readSignedInUser } from '../../lambdas/authorizer/principal-context.ts';
import { memoryVerificationStore } from '../core/memory-verification-store.ts';
import { apiKeyOf, NOW } from '../core/stored-secrets.ts';
import { CLIENT, claimsOf, ISSUER } from '../security/forged-tokens.ts';
import { capturedLog } from './captured-log.ts';
import { type KeyServer, newKey, type SigningKey, signedToken, startKeyServer } from './signed-tokens.ts';

const STAGE = 'arn:aws:execute-api:us-east-1:123456789012:api/live';

const lines = capturedLog();
let key: SigningKey;
let keys: KeyServer;
beforeAll(async () => {
  key = newKey('current');
  keys = await startKeyServer([key]);
});
beforeEach(() => keys.serve([key]));
afterAll(() => keys.stop());

const verifier = () =>
  accessTokenVerifier({ issuer: ISSUER, clientId: CLIENT, insecureJwksUri: keys.jwksUri });
test('an access token that the issuer gave to our client says who has signed in', async () => {
  expect(await verifier()(signedToken(claimsOf(), key))).toEqual({
    kind: 'allow',
    user: { kind: 'signed_in', user: 'user-1' },
  });
});

describe('the issuer’s keys', () => {
  test('are fetched once, and once more for a name that is not among them, however often it is tried', async () => {
    const verify = verifier();
    const before = keys.asked();
    for (let count = 0; count < 3; count += 1) await verify(signedToken(claimsOf(), key));
    expect(keys.asked() - before).toBe(1);
    for (let count = 0; count < 5; count += 1)
      await verify(signedToken(claimsOf(), key, { kid: `made-up-${count}` }));
    expect(keys.asked() - before).toBe(2);
    expect(await verify(signedToken(claimsOf(), key))).toMatchObject({ kind: 'allow' });
  });

  test('are fetched again when the issuer has a new one', async () => {
    const verify = verifier();
    await verify(signedToken(claimsOf(), key));
    const next = newKey('next');
    keys.serve([key, next]);
    expect(await verify(signedToken(claimsOf(), next))).toMatchObject({ kind: 'allow' });
  });

  test.each([
    ['answers with an error', { status: 500, body: '' }],
    ['answers with something else', { status: 200, body: '<html>' }],
    ['answers with keys that are none', { status: 200, body: '{"keys":[7]}' }],
  ])('that cannot be had are a fault, never a verdict: it %s', async (_, answer) => {
    keys.serve(answer);
    const verify = verifier();
    await expect(verify(signedToken(claimsOf(), key))).rejects.toThrow();
    keys.serve([key]);
    expect(await verify(signedToken(claimsOf(), key))).toMatchObject({ kind: 'allow' });
  });

  test('that cannot be reached are a fault', async () => {
    const gone = await startKeyServer([]);
    await gone.stop();
    const options = { issuer: ISSUER, clientId: CLIENT, insecureJwksUri: gone.jwksUri };
    await expect(accessTokenVerifier(options)(signedToken(claimsOf(), key))).rejects.toThrow();
  });

  test('never come without TLS, unless it is said by name, and then from this machine only', async () => {
    const options = { issuer: new URL(keys.jwksUri).origin, clientId: CLIENT };
    const token = signedToken(claimsOf({ iss: options.issuer }), key);
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
    const { principalId, policyDocument, context } = await authorize(signedToken(claimsOf(), key));
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

  test('throws what is no verdict where the keys cannot be had, and never Unauthorized', async () => {
    keys.serve({ status: 503, body: '' });
    const failure = await authorize(signedToken(claimsOf(), key)).catch((error: unknown) => error);
    expect(failure).toMatchObject({ message: 'The credential could not be checked.' });
    expect(JSON.parse(lines[0] ?? '')).toMatchObject({ level: 'ERROR', message: 'fault' });
  });
});
