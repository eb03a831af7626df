import { expect, test } from '@jest/globals';
import type { PreTokenGenerationTriggerEvent } from 'aws-lambda';
import { Unavailable } from '../../../core/errors/fault.ts';
import type { VerifiedPerson } from '../../../lambdas/sign-in/acceptance.ts';
import { createSignInHandler } from '../../../lambdas/sign-in/sign-in-handler.ts';
import { millisecondsLeft } from '../../../lambdas/time-limit.ts';
import { capturedLog } from '../captured-log.ts';

const lines = capturedLog();
const CONTEXT = { awsRequestId: 'request-1' };

const signInOf = (userAttributes: object) =>
  ({
    version: '1',
    triggerSource: 'TokenGeneration_HostedAuth',
    userName: 'user-1',
    request: { userAttributes },
    response: { claimsOverrideDetails: null },
  }) as unknown as PreTokenGenerationTriggerEvent;

/** A handler, and the people whose invitations it wanted to accept. */
function signIn(accept: () => Promise<void> = async () => {}) {
  const accepted: VerifiedPerson[] = [];
  const handler = createSignInHandler((person) => {
    accepted.push(person);
    return accept();
  });
  return { handler, accepted };
}

test('a person with a verified address accepts invitations, within the time that Cognito waits', async () => {
  let left = Number.POSITIVE_INFINITY;
  const { handler, accepted } = signIn(async () => {
    left = millisecondsLeft();
  });
  const event = signInOf({ sub: 'user-1', email: 'Ada@Example.com', email_verified: 'true' });
  expect(await handler(event, CONTEXT)).toBe(event);
  expect(accepted).toEqual([{ userId: 'user-1', email: 'ada@example.com' }]);
  expect(left).toBeLessThan(5_000);
  expect(lines).toEqual([]);
});

test('a person signs in although the store is down, and the fault is logged without their address', async () => {
  const { handler } = signIn(async () => {
    throw new Unavailable('The store is down.');
  });
  const event = signInOf({ sub: 'user-1', email: 'ada@example.com', email_verified: 'true' });
  expect(await handler(event, CONTEXT)).toBe(event);
  expect(lines.map((line): unknown => JSON.parse(line))).toEqual([
    expect.objectContaining({
      level: 'ERROR',
      message: 'fault',
      kind: 'passing',
      request_id: 'request-1',
      SignInFault: 1,
    }),
  ]);
  expect(lines.join()).not.toContain('ada');
});

test.each([
  ['is not verified', 'unverified_address', { email: 'ada@example.com', email_verified: 'false' }],
  ['is said to be neither', 'unverified_address', { email: 'ada@example.com' }],
  [
    'is verified in another spelling',
    'unverified_address',
    { email: 'ada@example.com', email_verified: 'True' },
  ],
  ['is no address', 'unusable_address', { email: 'ada', email_verified: 'true' }],
  ['is not there', 'unusable_address', { email_verified: 'true' }],
])(
  'a person whose address %s accepts no invitation, and one line says so without the address',
  async (_, reason, attributes) => {
    const { handler, accepted } = signIn();
    const event = signInOf({ sub: 'user-1', ...attributes });
    expect(await handler(event, CONTEXT)).toBe(event);
    expect(accepted).toEqual([]);
    expect(lines.map((line): unknown => JSON.parse(line))).toEqual([
      expect.objectContaining({
        level: 'WARN',
        message: 'invitations not looked for',
        reason,
        user: 'user-1',
      }),
    ]);
    expect(lines.join()).not.toContain('ada');
  },
);
