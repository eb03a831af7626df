import { createServer, type Server } from 'node:http';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { PreTokenGenerationTriggerEvent } from 'aws-lambda';
import { close, listen } from '../../local/listening.ts';
import { capturedLog } from './captured-log.ts';

const lines = capturedLog();

/** A store that answers nothing but faults. */
let store: Server;
let asked = 0;
let handler: typeof import('../../lambdas/sign-in/sign-in.ts').handler;
beforeAll(async () => {
  store = createServer((_, outgoing) => {
    asked += 1;
    outgoing.writeHead(500).end('{"__type":"InternalServerError"}');
  });
  Object.assign(process.env, {
    AWS_ENDPOINT_URL: await listen(store, 0),
    ...{ AWS_REGION: 'us-east-1', AWS_ACCESS_KEY_ID: 'test', AWS_SECRET_ACCESS_KEY: 'test' },
    ...{ KEYWARD_RECORDS_TABLE: 'records', KEYWARD_EVENTS_TABLE: 'events', KEYWARD_SECRETS_TABLE: 'secrets' },
    KEYWARD_EVENT_RETENTION_DAYS: '400',
  });
  ({ handler } = await import('../../lambdas/sign-in/sign-in.ts'));
});
afterAll(() => close(store));

const signInOf = (userAttributes: object) =>
  ({
    ...{ version: '1', triggerSource: 'TokenGeneration_HostedAuth', userName: 'user-1' },
    request: { userAttributes },
    response: { claimsOverrideDetails: null },
  }) as unknown as PreTokenGenerationTriggerEvent;

test('whoever signs in while the store is down signs in all the same, and the fault is logged without their address', async () => {
  const event = signInOf({ sub: 'user-1', email: 'ada@example.com', email_verified: 'true' });
  expect(await handler(event, { awsRequestId: 'request-1' })).toBe(event);
  expect(asked).toBeGreaterThan(0);
  expect(JSON.parse(lines[0] ?? '')).toMatchObject({
    level: 'ERROR',
    message: 'fault',
    request_id: 'request-1',
  });
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
  'one line says who signs in with an address that %s and takes no invitation, and not the address',
  async (_, reason, attributes) => {
    const before = asked;
    const event = signInOf({ sub: 'user-1', ...attributes });
    expect(await handler(event, { awsRequestId: 'request-1' })).toBe(event);
    expect(asked).toBe(before);
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
