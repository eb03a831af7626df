import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import type { APIGatewayRequestAuthorizerEvent } from 'aws-lambda';
import { accessTokenVerifier } from '../../../lambdas/authorizer/access-token.ts';
import { createAuthorizer } from '../../../lambdas/authorizer/authorizer.ts';
import { UndecidedToken } from '../../../lambdas/authorizer/authorizer-options.ts';
import { readDecision, readSignedInUser } from '../../../lambdas/authorizer/principal-context.ts';
import { memoryVerificationStore } from '../../core/verification/memory-verification-store.ts';
import { apiKeyOf, NOW } from '../../core/verification/stored-secrets.ts';
import { CLIENT, claimsOf, ISSUER } from '../../security/forged-tokens.ts';
import { capturedLog } from '../captured-log.ts';
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

let time = 0;
const verifier = () =>
  accessTokenVerifier({ issuer: ISSUER, clientId: CLIENT, insecureJwksUri: keys.jwksUri, now: () => time });
/** What a verifier makes of a token; what it throws says nothing about the token. */
const outcomeOf = async (verify: ReturnType<typeof verifier>, token: string) =>
  verify(token).then(
    (verdict) => (verdict.kind === 'allow' ? 'allow' : verdict.code),
    (error: Error) => (error instanceof UndecidedToken ? 'undecided' : 'fault'),
  );

test('an access token that the issuer gave to our client says who has signed in', async () => {
  expect(await verifier()(signedToken(claimsOf(), key))).toEqual({
    kind: 'allow',
    user: { kind: 'signed_in', user: 'user-1' },
  });
});

describe('the issuer’s signing keys', () => {
  const madeUp = (name: string) => signedToken(claimsOf(), key, { kid: name });

  test('are fetched once, and again for an unknown key id, at most every five seconds', async () => {
    const verify = verifier();
    const before = keys.asked();
    for (let count = 0; count < 3; count += 1) await verify(signedToken(claimsOf(), key));
    expect(keys.asked() - before).toBe(1);
    for (let flood = 1; flood <= 3; flood += 1) {
      time += 5_000;
      const outcomes = [];
      for (let count = 0; count < 20; count += 1)
        outcomes.push(await outcomeOf(verify, madeUp(`made-up-${count}`)));
      // The issuer has said of the first that there is no such key.
      expect(outcomes).toEqual(['unknown', ...Array(19).fill('undecided')]);
      expect(keys.asked() - before).toBe(1 + flood);
      expect(await outcomeOf(verify, signedToken(claimsOf(), key))).toBe('allow');
    }
  });

  test('are taken from the next fetch, and a token with a new key is undecided until then', async () => {
    const verify = verifier();
    await verify(signedToken(claimsOf(), key));
    time += 5_000;
    expect(await outcomeOf(verify, madeUp('anybody-sends-this'))).toBe('unknown');
    const next = newKey('next');
    keys.serve([key, next]);
    for (const later of [0, 1, 4_998]) {
      time += later;
      expect(await outcomeOf(verify, signedToken(claimsOf(), next))).toBe('undecided');
      expect(await outcomeOf(verify, signedToken(claimsOf(), key))).toBe('allow');
    }
    time += 1;
    expect(await outcomeOf(verify, signedToken(claimsOf(), next))).toBe('allow');
  });

  test('are not fetched for a token that no key could make valid', async () => {
    const verify = verifier();
    const before = keys.asked();
    for (const over of [
      { iss: 'https://other.example.com' },
      { client_id: 'other' },
      { token_use: 'id' },
      { exp: undefined },
      { sub: '' },
    ])
      expect(await outcomeOf(verify, signedToken(claimsOf(over), key))).toBe('unknown');
    expect(keys.asked()).toBe(before);
  });

  test('cannot prove a token bad if the fetch began before the token arrived', async () => {
    const verify = verifier();
    const answer = keys.holdBack();
    const first = outcomeOf(verify, madeUp('the-first'));
    const second = outcomeOf(verify, madeUp('the-second'));
    const good = outcomeOf(verify, signedToken(claimsOf(), key));
    answer();
    expect(await Promise.all([first, second, good])).toEqual(['unknown', 'undecided', 'allow']);
  });

  test('are kept while the issuer fails, and are not fetched more often because of it', async () => {
    const verify = verifier();
    await verify(signedToken(claimsOf(), key));
    keys.serve({ status: 500, body: '' });
    time += 5_000;
    const before = keys.asked();
    const outcomes = [];
    for (let count = 0; count < 10; count += 1)
      outcomes.push(await outcomeOf(verify, madeUp(`made-up-${count}`)));
    expect(outcomes).toEqual(['fault', ...Array(9).fill('undecided')]);
    expect(keys.asked() - before).toBe(1);
    expect(await outcomeOf(verify, signedToken(claimsOf(), key))).toBe('allow');
  });

  test('are asked for again after a second if an instance has none yet', async () => {
    keys.serve({ status: 500, body: '' });
    const verify = verifier();
    expect(await outcomeOf(verify, signedToken(claimsOf(), key))).toBe('fault');
    keys.serve([key]);
    expect(await outcomeOf(verify, signedToken(claimsOf(), key))).toBe('undecided');
    time += 1_000;
    expect(await outcomeOf(verify, signedToken(claimsOf(), key))).toBe('allow');
  });

  test.each([
    ['answers with an error', { status: 500, body: '' }],
    ['answers with something else', { status: 200, body: '<html>' }],
    ['answers with keys that are none', { status: 200, body: '{"keys":[7]}' }],
  ])('that cannot be had are a fault, never a verdict: it %s', async (_, answer) => {
    keys.serve(answer);
    const verify = verifier();
    expect(await outcomeOf(verify, signedToken(claimsOf(), key))).toBe('fault');
    keys.serve([key]);
    time += 1_000;
    expect(await verify(signedToken(claimsOf(), key))).toMatchObject({ kind: 'allow' });
  });

  test('are a fault if the issuer cannot be reached', async () => {
    const gone = await startKeyServer([]);
    await gone.stop();
    const options = { issuer: ISSUER, clientId: CLIENT, insecureJwksUri: gone.jwksUri };
    await expect(accessTokenVerifier(options)(signedToken(claimsOf(), key))).rejects.toThrow();
  });

  test('are fetched over TLS only, unless an explicit setting names this machine', async () => {
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
      signIn: { verify, routes: ['GET /v1/me', 'POST /v1/workspaces/{workspace}/keys'] },
      now: () => NOW,
    })({
      type: 'REQUEST',
      methodArn: `${STAGE}/GET/v1/me`,
      httpMethod: 'GET',
      resource: '/v1/me',
      path: '/v1/me',
      multiValueHeaders: { Authorization: [`Bearer ${text}`] },
      requestContext: { requestId: 'request-1', identity: { sourceIp: '203.0.113.7' } },
    } as unknown as APIGatewayRequestAuthorizerEvent);

  test('hands on who has signed in, with what they called and no power', async () => {
    const { principalId, policyDocument, context } = await authorize(signedToken(claimsOf(), key));
    expect(principalId).toBe('user-1');
    expect(policyDocument.Statement).toEqual([
      {
        Action: 'execute-api:Invoke',
        Effect: 'Allow',
        Resource: [`${STAGE}/GET/v1/me`],
      },
    ]);
    expect(readSignedInUser(context)).toEqual({ kind: 'signed_in', user: 'user-1' });
    expect(readDecision(context)).toBeUndefined();
    expect(lines).toEqual([]);
  });

  test('asks a caller with an undecided token to come again, and counts it as no fault', async () => {
    const verify = verifier();
    await verify(signedToken(claimsOf(), key));
    time += 5_000;
    await outcomeOf(verify, signedToken(claimsOf(), key, { kid: 'made-up' }));
    const failure = await authorize(signedToken(claimsOf(), newKey('next')), verify).catch(
      (error: unknown) => error,
    );
    // Anything but Unauthorized is answered 503 with Retry-After.
    expect(failure).toMatchObject({ message: 'The credential could not be checked.' });
    expect(lines).toHaveLength(1);
    expect(JSON.parse(lines[0] ?? '')).toMatchObject({ level: 'WARN', message: 'undecided' });
    expect(lines[0]).not.toContain('AuthorizationFault');
  });

  test('throws what is no verdict where the keys cannot be had, and never Unauthorized', async () => {
    keys.serve({ status: 503, body: '' });
    const failure = await authorize(signedToken(claimsOf(), key)).catch((error: unknown) => error);
    expect(failure).toMatchObject({ message: 'The credential could not be checked.' });
    expect(JSON.parse(lines[0] ?? '')).toMatchObject({ level: 'ERROR', message: 'fault' });
  });
});
