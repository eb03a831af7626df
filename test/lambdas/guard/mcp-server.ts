import middy from '@middy/core';
import type { APIGatewayProxyResult, Context } from 'aws-lambda';
import type { GuardedMcpEvent } from 'keyward/middleware';
import type { Scopes } from '../../../core/access/scope.ts';
import { digestOf } from '../../../core/credential/secret.ts';
import type { Tracking } from '../../../core/verification/last-use.ts';
import type { StoredSecret, VerificationStore } from '../../../core/verification/verification-store.ts';
import { createGuardMcp } from '../../../lambdas/guard/guard-mcp.ts';
import { verdictsByVerifying } from '../../../lambdas/guard/verdict-source.ts';
import { loadProfile } from '../../../lib/files/profile-file.ts';
import { encodedName } from '../../core/mcp/near-messages.ts';
import { apiKeyOf } from '../../core/verification/stored-secrets.ts';

const { profile } = loadProfile('supersonic');
export const KEY = `supersonic_live_${'a'.repeat(36)}`;

export function secretWith(scopes: Scopes): StoredSecret {
  return {
    principal: {
      kind: 'api_key',
      credentialId: 'key_1',
      workspace: 'acme',
      user: 'usr_1',
      role: 'owner',
      scopes,
      constraints: { expiresAt: null, allowedCidrs: [] },
    },
    state: 'active',
    expiresAt: null,
    rateLimit: null,
    window: null,
    lastUsedAt: null,
  };
}

export const storeOf = (scopes: Scopes): VerificationStore => ({
  find: async (digest) => (digest === digestOf(KEY) ? secretWith(scopes) : undefined),
  count: async () => ({ kind: 'not_counted', secret: undefined }),
  stamp: async () => {},
});

const LISTED = [
  'records.list',
  'lists.create',
  'contacts.classify',
  'unheard.of',
  'records.*',
  'récords.list',
];

/** A guarded server whose tools all exist, and what it was asked to run. */
export function server(
  scopes: Scopes,
  { publicMethods = [] as string[], store = storeOf(scopes), tracking = 'stamp' as Tracking } = {},
) {
  const ran: GuardedMcpEvent[] = [];
  const handler = middy()
    .use(
      createGuardMcp(
        { ...profile, mcp: { path: '/', unauthorizedCode: 401, verifiedBy: 'guard', publicMethods } },
        verdictsByVerifying({
          profile,
          verification: {
            credentials: [apiKeyOf({ prefix: 'supersonic_live_', randomLength: 36, hasChecksum: false })],
            store,
            tracking,
          },
          now: () => 1000,
        }),
      ),
    )
    .handler(async (event: GuardedMcpEvent): Promise<APIGatewayProxyResult> => {
      ran.push(event);
      const { id, method } = event.message;
      const result = method === 'tools/list' ? { tools: LISTED.map((name) => ({ name })) } : {};
      return { statusCode: 200, body: JSON.stringify({ jsonrpc: '2.0', id, result }) };
    });
  const post = (body: unknown, fields: object = {}) =>
    handler(
      {
        httpMethod: 'POST',
        resource: '/',
        multiValueHeaders: { authorization: [`Bearer ${KEY}`] },
        requestContext: { requestId: 'request-1', identity: { sourceIp: '192.0.2.1' } },
        body: typeof body === 'string' ? body : JSON.stringify(body),
        isBase64Encoded: false,
        ...fields,
      } as unknown as GuardedMcpEvent,
      {} as Context,
    );
  return { ran, post };
}

export const anonymous = { multiValueHeaders: {} };
export const call = (name: string, id: unknown = 1) => ({
  jsonrpc: '2.0',
  id,
  method: 'tools/call',
  params: { name },
});
/** A request as clients of 2026-07-28 send it: what is posted, and the headers that repeat it. */
export const modern = (method: string, params: { name?: string } = {}, id = 1) => {
  const _meta = { 'io.modelcontextprotocol/protocolVersion': '2026-07-28' };
  return [
    { jsonrpc: '2.0', id, method, params: { ...params, _meta } },
    {
      multiValueHeaders: {
        authorization: [`Bearer ${KEY}`],
        'mcp-protocol-version': ['2026-07-28'],
        'mcp-method': [method],
        ...(params.name !== undefined && { 'mcp-name': [encodedName(params.name)] }),
      },
    },
  ] as const;
};
