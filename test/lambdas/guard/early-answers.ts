import { jest } from '@jest/globals';
import middy, { type MiddlewareObj } from '@middy/core';
import type { APIGatewayProxyEvent, APIGatewayProxyResult, Context } from 'aws-lambda';
import { guard } from 'keyward/middleware';
import type { VerificationStore } from '../../../core/verification/verification-store.ts';
import { writeDecision } from '../../../lambdas/authorizer/principal-context.ts';
import { createGuardMcp } from '../../../lambdas/guard/guard-mcp.ts';
import { createGuardAlone } from '../../../lambdas/guard/profile-guards.ts';
import type { GuardVerdict } from '../../../lambdas/guard/verdict-source.ts';
import { loadProfile } from '../../../lib/files/profile-file.ts';
import { apiKeyOf, NOW, PRINCIPAL } from '../../core/verification/stored-secrets.ts';
import { KEY, storeOf } from './mcp-server.ts';

export const PAGE = 'https://app.example.com';
export const RATE = { limit: 1, windowSeconds: 60, remaining: 0, resetSeconds: 12 };

export const { profile } = loadProfile('supersonic');
const API_KEY = apiKeyOf({ prefix: 'supersonic_live_', randomLength: 36, hasChecksum: false });

// biome-ignore lint/suspicious/noExplicitAny: middleware of every event.
export type AnyMiddleware = MiddlewareObj<any, any>;
export type Case = readonly [name: string, status: number, guard: () => AnyMiddleware, event: object];

export const mcpGuard = (verdict: GuardVerdict) => () => createGuardMcp(profile, async () => verdict);
const { profile: standard } = loadProfile('standard');
export const aloneGuard = (find: VerificationStore['find']) => () =>
  createGuardAlone({
    profile: standard,
    now: () => NOW,
    verification: { credentials: [API_KEY], store: { ...storeOf('all'), find }, tracking: 'stamp' },
  });
export const authorized = (decision: Parameters<typeof writeDecision>[0]) => ({
  requestContext: { requestId: 'request-1', authorizer: writeDecision(decision) },
});
export const call = (message: object) => ({
  httpMethod: 'POST',
  resource: profile.mcp?.path,
  isBase64Encoded: false,
  body: JSON.stringify({ jsonrpc: '2.0', id: 1, ...message }),
});
export const tool = call({ method: 'tools/call', params: { name: 'records.list' } });
const unknownTool = call({ method: 'tools/call', params: { name: 'unheard.of' } });
const expired = { ...PRINCIPAL, constraints: { expiresAt: NOW, allowedCidrs: [] } };
export const inHeader = { multiValueHeaders: { origin: [PAGE], Authorization: [`Bearer ${KEY}`] } };
export const down = async () => {
  throw new TypeError('x is not a function');
};

/** Each way in which a guard answers instead of the handler. */
export const EARLY: readonly Case[] = [
  ['guard, expired', 401, () => guard({ now: () => NOW }), authorized({ kind: 'allow', principal: expired })],
  [
    'guard, over the limit',
    429,
    guard,
    authorized({ kind: 'rate_limited', principal: PRINCIPAL, rate: RATE }),
  ],
  ['guard, without an authorizer', 500, guard, {}],
  ['guardAlone, no key', 401, aloneGuard(down), {}],
  ['guardAlone, a defect', 500, aloneGuard(down), inHeader],
  ['guardMcp, a bad key', 401, mcpGuard({ kind: 'refuse', code: 'unknown' }), tool],
  [
    'guardMcp, over the limit',
    429,
    mcpGuard({ kind: 'refuse', code: 'rate_limited', rate: RATE }),
    { body: '' },
  ],
  ['guardMcp, another workspace', 403, mcpGuard({ kind: 'refuse', code: 'wrong_workspace' }), { body: '' }],
  ['guardMcp, a fault', 503, mcpGuard({ kind: 'fault', isPassing: true }), tool],
  [
    'guardMcp, a notification',
    202,
    mcpGuard({ kind: 'allow', principal: PRINCIPAL }),
    call({ id: undefined, method: 'notifications/initialized' }),
  ],
  ['guardMcp, an unknown tool', 200, mcpGuard({ kind: 'refuse', code: 'forbidden' }), unknownTool],
];

export const eventOf = (fields: object = {}, origin = PAGE, allowedOrigins?: string) =>
  ({
    httpMethod: 'POST',
    resource: profile.mcp?.path,
    body: null,
    isBase64Encoded: false,
    requestContext: { requestId: 'request-1', identity: { sourceIp: '192.0.2.1' } },
    ...fields,
    headers: { Origin: origin },
    multiValueHeaders: { ...(fields as typeof inHeader).multiValueHeaders, origin: [origin] },
    stageVariables: allowedOrigins === undefined ? null : { keywardAllowedOrigins: allowedOrigins },
  }) as unknown as APIGatewayProxyEvent;

export const product = jest.fn(
  async (): Promise<APIGatewayProxyResult> => ({ statusCode: 200, headers: { Vary: 'Accept' }, body: '{}' }),
);

export function chain(...middlewares: AnyMiddleware[]) {
  const handler = middy<APIGatewayProxyEvent, APIGatewayProxyResult>();
  for (const middleware of middlewares) handler.use(middleware);
  const call = handler.handler(product);
  product.mockClear();
  return (event: APIGatewayProxyEvent) => call(event, {} as Context);
}
