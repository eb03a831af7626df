import { expect, test } from '@jest/globals';
import type { APIGatewayProxyEvent, Context } from 'aws-lambda';
import { Unavailable, Unfinished } from '../../../../core/errors/fault.ts';
import { writeSignedInUser } from '../../../../lambdas/authorizer/principal-context.ts';
import { serve } from '../../../../lambdas/management/http/serve.ts';
import { profile } from '../../../standard-profile.ts';
import { capturedLog } from '../../captured-log.ts';

const NOW = 1_800_000_000;

const lines = capturedLog();

const EVENT = {
  httpMethod: 'PUT',
  resource: '/v1/workspaces/{workspace}/members/{user_id}',
  pathParameters: {},
  requestContext: {
    requestId: 'req-1',
    identity: { sourceIp: '203.0.113.7' },
    authorizer: writeSignedInUser({ kind: 'signed_in', user: 'usr_1' }),
  },
} as unknown as APIGatewayProxyEvent;
const CONTEXT = { awsRequestId: 'aws-1', getRemainingTimeInMillis: () => 9_000 } as Context;

async function answerTo(error: unknown, event = EVENT) {
  const operation = async () => {
    throw error;
  };
  const handler = serve(operation, { profile, now: () => NOW });
  const { statusCode, headers, body } = await handler(event, CONTEXT);
  return { statusCode, headers, body: JSON.parse(body), lines: lines.map((line) => JSON.parse(line)) };
}

test('a change that reaches many says how far it is, when to ask again, and counts as no fault', async () => {
  const answer = await answerTo(new Unfinished({ done: 12_400, left: 11_600 }));
  expect(answer).toMatchObject({
    statusCode: 503,
    headers: { 'Retry-After': '30' },
    body: {
      code: 'change_in_progress',
      progress: { done: 12_400, left: 11_600 },
      detail:
        'The change has reached 12400 credentials, and 11600 are left. It goes on by itself; repeat the call to wait for it.',
    },
  });
  expect(answer.lines).toMatchObject([
    { message: 'answered', status: 503, outcome: 'unfinished', code: 'change_in_progress' },
  ]);
});

test.each([
  'POST /v1/workspaces',
  'POST /v1/workspaces/{workspace}/keys',
  'POST /v1/workspaces/{workspace}/keys/{key}/rotate',
  'POST /v1/workspaces/{workspace}/invitations',
  'POST /v1/users/{user_id}/tokens',
])('%s is asked to be repeated by no trouble, since it would make a second one', async (route) => {
  const [httpMethod, resource] = route.split(' ');
  const event = { ...EVENT, httpMethod, resource } as APIGatewayProxyEvent;
  for (const error of [
    new Unfinished({ done: 1, left: 2 }),
    new Unavailable('Too busy.'),
    new Error('Defect'),
  ]) {
    const { detail } = (await answerTo(error, event)).body;
    expect(detail).not.toMatch(/safe to try again|repeat the call to wait/);
  }
});

test('a store that is in trouble is a fault, and says so in a line of its own', async () => {
  const answer = await answerTo(new Unavailable('The store did not answer a read.'));
  expect(answer).toMatchObject({ statusCode: 503, body: { code: 'unavailable' } });
  expect(answer.lines).toMatchObject([{ message: 'fault' }, { message: 'answered', outcome: 'fault' }]);
});
