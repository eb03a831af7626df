import { expect, test } from '@jest/globals';
import type { APIGatewayProxyEvent } from 'aws-lambda';
import { createSignInAddressHandler } from '../../lambdas/sign-in-address.ts';

test('everybody is told the issuer, the client with which people sign in and what to ask for, and may keep it for some minutes', async () => {
  const handler = createSignInAddressHandler({
    issuer: 'https://issuer.example',
    clientId: 'client-1',
    scopes: ['openid'],
    parameters: { resource: 'https://keys.example' },
  });
  const event = { multiValueHeaders: {}, stageVariables: null } as unknown as APIGatewayProxyEvent;
  expect(await handler(event)).toEqual({
    statusCode: 200,
    headers: { 'Content-Type': 'application/json', 'Cache-Control': 'public, max-age=300' },
    body: '{"issuer":"https://issuer.example","client_id":"client-1","scopes":["openid"],"parameters":{"resource":"https://keys.example"}}',
  });
});
