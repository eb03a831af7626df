import { afterAll, beforeAll, beforeEach, describe, expect } from '@jest/globals';
import type { APIGatewayRequestAuthorizerEvent } from 'aws-lambda';
import fc from 'fast-check';
import { accessTokenVerifier } from '../../lambdas/authorizer/access-token.ts';
import { createAuthorizer } from '../../lambdas/authorizer/authorizer.ts';
import { writeSignedInUser } from '../../lambdas/authorizer/principal-context.ts';
import { scaled } from '../campaigns/campaign.ts';
import { memoryVerificationStore } from '../core/verification/memory-verification-store.ts';
import { apiKeyOf, NOW } from '../core/verification/stored-secrets.ts';
import {
  encodePart,
  type KeyServer,
  newKey,
  signedToken,
  startKeyServer,
} from '../lambdas/authorizer/signed-tokens.ts';
import { capturedLog } from '../lambdas/captured-log.ts';
import {
  CLIENT,
  claimsOf,
  type Forge,
  ISSUER,
  WRONG_CLAIMS,
  WRONG_HEADERS,
  WRONG_SHAPES,
  WRONG_SIGNATURES,
} from './forged-tokens.ts';
import { runs, tallied } from './tally.ts';

const tally = tallied(
  'No forged or confused token signs anybody in, and none makes Keyward ask anybody but its issuer',
);

const lines = capturedLog();
let issuer: KeyServer;
let attacker: KeyServer;
let forge: Forge;
let authorize: (authorization: string) => Promise<unknown>;
beforeAll(async () => {
  const [key, sameName, otherName] = [newKey('current'), newKey('current'), newKey('attacker')];
  [issuer, attacker] = [await startKeyServer([key]), await startKeyServer([sameName, otherName])];
  forge = { key, sameName, otherName, jwksUri: attacker.jwksUri };
});
afterAll(() => Promise.all([issuer.stop(), attacker.stop()]));
beforeEach(() => {
  const options = { issuer: ISSUER, clientId: CLIENT, insecureJwksUri: issuer.jwksUri };
  const authorizer = createAuthorizer({
    verification: {
      credentials: [apiKeyOf({ prefix: 'kw_live_', randomLength: 30, hasChecksum: true })],
      store: memoryVerificationStore(),
      tracking: 'stamp',
    },
    presentation: { kind: 'bearer' },
    requirement: () => 'any',
    signIn: { verify: accessTokenVerifier(options), routes: ['GET /v1/me'] },
    now: () => NOW,
  });
  authorize = (authorization) =>
    authorizer({
      methodArn: 'arn:aws:execute-api:us-east-1:123456789012:api/live/GET/v1/me',
      httpMethod: 'GET',
      resource: '/v1/me',
      multiValueHeaders: { Authorization: [authorization] },
      requestContext: { requestId: 'request-1', identity: { sourceIp: '203.0.113.7' } },
    } as unknown as APIGatewayRequestAuthorizerEvent);
});

const outcomeOf = (authorization: string) =>
  authorize(authorization).then(
    () => 'allowed',
    (error: Error) => error.message,
  );

const FORGERIES = [...WRONG_SIGNATURES, ...WRONG_HEADERS, ...WRONG_CLAIMS, ...WRONG_SHAPES];

describe.each(FORGERIES)('a token that is %s', (_, token) => {
  tally.test('is answered like any bad key, is not logged, and sends nobody anywhere', async () => {
    const text = token(forge);
    tally.count('forged tokens');
    const asked = issuer.asked();
    expect(await outcomeOf(`Bearer ${text}`)).toBe('Unauthorized');
    expect([attacker.asked(), issuer.asked() - asked <= 1]).toEqual([0, true]);
    const [, payload = ''] = text.split('.');
    if (payload.length > 3) expect(lines.join()).not.toContain(payload);
    // The right one, right behind it, still is.
    expect(await outcomeOf(`Bearer ${signedToken(claimsOf(), forge.key)}`)).toBe('allowed');
  });
});

describe('a right token', () => {
  const AROUND: readonly (readonly [string, (token: string) => string])[] = [
    ['behind another scheme', (token) => `Basic ${token}`],
    ['behind no scheme', (token) => token],
    ['with a space behind it', (token) => `Bearer ${token} `],
    ['behind a tab', (token) => `Bearer\t${token}`],
    ['with a line break within', (token) => `Bearer ${token.replace('.', '.\n')}`],
    ['with a space within', (token) => `Bearer ${token.replace('.', ' .')}`],
    ['twice in one header', (token) => `Bearer ${token}, Bearer ${token}`],
    ['in quotes', (token) => `Bearer "${token}"`],
    ['as a parameter', (token) => `Bearer token=${token}`],
  ];
  describe.each(AROUND)('%s', (_, around) => {
    tally.test('is none', async () => {
      tally.count('confused headers');
      expect(await outcomeOf(around(signedToken(claimsOf(), forge.key)))).toBe('Unauthorized');
    });
  });
});

tally.test('whatever has nearly the shape of a token is refused, and is no fault', async () => {
  const { key, otherName } = forge;
  const json = fc.jsonValue().map(encodePart);
  const header = fc
    .record({
      alg: fc.constantFrom('RS256', 'none', 'HS256', 7),
      kid: fc.constantFrom(key.kid, otherName.kid, 'x', null),
    })
    .map(encodePart);
  const claims = fc
    .record({
      iss: fc.constantFrom(ISSUER, 'x'),
      exp: fc.oneof(fc.nat(), fc.jsonValue()),
      sub: fc.jsonValue(),
    })
    .map((over) => encodePart(claimsOf(over)));
  const part = fc.stringMatching(/^[A-Za-z0-9_-]{0,40}$/);
  const signature = fc.oneof(part, fc.constant(signedToken(claimsOf(), key).split('.')[2] ?? ''));
  const token = fc.tuple(fc.oneof(part, json, header), fc.oneof(part, json, claims), signature);
  await fc.assert(
    fc.asyncProperty(token, async (parts) => {
      tally.count('forged tokens');
      const outcome = await outcomeOf(`Bearer ${parts.join('.')}`);
      // Only of a key that the issuer may have made by now it cannot be said yet.
      if (outcome === 'Unauthorized') return;
      const { kid } = JSON.parse(Buffer.from(parts[0], 'base64url').toString());
      expect([outcome, typeof kid]).toEqual(['The credential could not be checked.', 'string']);
      expect(kid).not.toBe(key.kid);
    }),
    runs(scaled({ few: 60, part: 300, whole: 10_000 })),
  );
  expect(attacker.asked()).toBe(0);
});

tally.test('a name that would break a line of the access log is written so that it does not', () => {
  for (const user of ['a"b', 'a\\b', 'a","credential_id":"key_1', '$context.requestId', '{{x}}', 'ü|1']) {
    tally.count('odd names');
    const { credentialId = '', user: written } = writeSignedInUser({ kind: 'signed_in', user });
    expect(written).toBe(user);
    expect(JSON.parse(`{"credential_id":"${credentialId}"}`)).toEqual({ credential_id: credentialId });
    expect(decodeURI(credentialId)).toBe(user);
  }
});
