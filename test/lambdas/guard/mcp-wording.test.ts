import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals';
import middy from '@middy/core';
import type { Context } from 'aws-lambda';
import type { GuardedMcpEvent } from 'keyward/middleware';
import type { RefusalCode } from '../../../core/verification/refusal.ts';
import { createGuardMcp } from '../../../lambdas/guard/guard-mcp.ts';
import type { GuardVerdict } from '../../../lambdas/guard/verdict-source.ts';
import { loadProfile } from '../../../lib/files/profile-file.ts';
import { PRINCIPAL } from '../../core/verification/stored-secrets.ts';

const { profile } = loadProfile('socialcrm');

beforeEach(() => {
  jest.spyOn(console, 'error').mockImplementation(() => {});
});
afterEach(() => {
  jest.restoreAllMocks();
});

async function answerTo(verdict: GuardVerdict, guarded = profile) {
  const handler = middy()
    .use(createGuardMcp(guarded, async () => verdict))
    .handler(async () => ({ statusCode: 200, body: '{}' }));
  const event = {
    httpMethod: 'POST',
    resource: profile.mcp?.path,
    multiValueHeaders: {},
    requestContext: { requestId: 'request-1' },
    body: JSON.stringify({
      jsonrpc: '2.0',
      id: 'call-1',
      method: 'tools/call',
      params: { name: 'brands.list' },
    }),
    isBase64Encoded: false,
  };
  return handler(event as unknown as GuardedMcpEvent, {} as Context);
}

const worded = (message: string) =>
  `{"jsonrpc":"2.0","id":null,"error":{"code":-32001,"message":${JSON.stringify(message)}}}`;

describe('if a profile words its MCP errors, the body follows the page to the letter', () => {
  test.each<[RefusalCode, string]>([
    ['missing', 'Missing Authorization header.'],
    ['malformed', 'Invalid API key.'],
    ['unknown', 'Invalid API key.'],
    ['revoked', 'Invalid API key.'],
    ['disabled', 'Invalid API key.'],
    ['network', 'Invalid API key.'],
    ['expired', 'API key expired.'],
  ])('%s: %s', async (code, message) => {
    const answer = await answerTo({ kind: 'refuse', code });
    expect(answer).toMatchObject({ statusCode: 401, body: worded(message) });
    expect(answer.headers).toMatchObject({
      'WWW-Authenticate': 'Bearer realm="socialcrm"',
      'X-Request-Id': 'request-1',
    });
  });

  test.each([true, false])('a fault: HTTP 500, whether it passes or not (%s)', async (isPassing) => {
    const answer = await answerTo({ kind: 'fault', isPassing });
    expect(answer).toMatchObject({ statusCode: 500, body: worded('Failed to validate API key.') });
    expect(answer.headers).toMatchObject({ 'X-Request-Id': 'request-1' });
  });

  test('a refusal of a valid key has no such words, and keeps its data', async () => {
    const answer = await answerTo({ kind: 'refuse', code: 'forbidden', principal: PRINCIPAL });
    expect(answer.statusCode).toBe(200);
    expect(JSON.parse(answer.body)).toMatchObject({
      id: 'call-1',
      error: { code: 403, data: { request_id: 'request-1' } },
    });
  });
});

test('where a profile does not, an expired key is told apart from no other, and a fault is 503, or 500 for a defect', async () => {
  const { wording: _, ...mcp } = profile.mcp ?? { path: '', publicMethods: [], unauthorizedCode: 0 };
  const unworded = { ...profile, mcp: { ...mcp, verifiedBy: 'guard' } } as const;
  const bodies = [];
  for (const code of ['missing', 'expired', 'unknown'] as const)
    bodies.push((await answerTo({ kind: 'refuse', code }, unworded)).body);
  expect(new Set(bodies).size).toBe(1);
  expect(JSON.parse(bodies[0] ?? '').error.data).toEqual({ code: 'unauthorized', request_id: 'request-1' });
  const passing = await answerTo({ kind: 'fault', isPassing: true }, unworded);
  expect(passing).toMatchObject({ statusCode: 503, headers: { 'Retry-After': '1' } });
  const defect = await answerTo({ kind: 'fault', isPassing: false }, unworded);
  expect(defect.statusCode).toBe(500);
  expect(defect.headers).not.toHaveProperty('Retry-After');
  expect(JSON.parse(defect.body)).toMatchObject({ error: { code: 500, data: { code: 'internal_error' } } });
});
