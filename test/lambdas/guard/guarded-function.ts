import { jest } from '@jest/globals';
import middy from '@middy/core';
import type { Context } from 'aws-lambda';
import type { Scopes } from '../../../core/access/scope.ts';
import { digestOf } from '../../../core/credential/secret.ts';
import { parseProfile } from '../../../core/profile/parse-profile.ts';
import type { StoredSecret } from '../../../core/verification/verification-store.ts';
import { createGuardAlone, type GuardAloneOptions } from '../../../lambdas/guard/profile-guards.ts';
import type { HttpEvent } from '../../../lambdas/http/http-event.ts';
import { apiKeyOf, NOW, PRINCIPAL, SECRET } from '../../core/verification/stored-secrets.ts';
import type { EventKind, SentRequest } from './http-events.ts';

const KEY = `ord_${'a'.repeat(36)}`;
export const BEARER = ['Authorization', `Bearer ${KEY}`] as const;

const LIMIT = { limit: 60, windowSeconds: 60 };

const profile = parseProfile({
  name: 'orders',
  realm: 'orders',
  presentation: { kind: 'bearer' },
  api_key: { prefix: 'ord_', random_length: 30, checksum: true },
  issuing: { requires_name: true, requires_scopes: true },
  scopes: [
    { name: 'orders.read', description: 'See orders', grants: ['GET /orders', 'GET /orders/{id}'] },
    { name: 'orders.write', description: 'Place orders', grants: ['POST /orders'] },
    { name: 'settings', description: 'See settings', grants: ['GET /orders/settings'] },
  ],
  routes: ['GET /orders', 'GET /orders/{id}', 'GET /orders/settings', 'POST /orders'],
});

// biome-ignore lint/suspicious/noExplicitAny: the events and answers of every kind.
export type Any = any;

interface Guarded {
  readonly scopes?: Scopes;
  readonly state?: StoredSecret['state'];
  readonly allowedCidrs?: readonly string[];
  /** How many calls of the limit are used up. Without it, nothing is counted. */
  readonly used?: number;
  readonly answer?: (event: Any) => unknown;
  readonly route?: GuardAloneOptions<HttpEvent>['route'];
}

/** A function with the guard alone, and the handler behind the guard. */
export function guardedFunction(guarded: Guarded = {}) {
  const { scopes = ['orders.read'], state = 'active', allowedCidrs = [], used, answer, route } = guarded;
  const principal = { ...PRINCIPAL, scopes, constraints: { expiresAt: null, allowedCidrs } };
  const limited = (calls: number) => ({ rateLimit: LIMIT, window: { endsAt: NOW + 60, used: calls } });
  const secret: StoredSecret = { ...SECRET, principal, state, ...(used !== undefined && limited(used)) };
  const verification = {
    credentials: [apiKeyOf({ prefix: 'ord_', randomLength: 36, hasChecksum: false })],
    store: {
      find: async (digest: unknown) => (digest === digestOf(KEY) ? secret : undefined),
      count: async () =>
        used === undefined || used >= LIMIT.limit
          ? ({ kind: 'not_counted', secret } as const)
          : ({ kind: 'counted', secret: { ...secret, ...limited(used + 1) } } as const),
      stamp: async () => {},
    },
    tracking: used === undefined ? 'stamp' : 'count',
  } as const;
  const product = jest.fn(async (event: Any) => answer?.(event) ?? { statusCode: 200, body: 'run' });
  const handler = middy()
    .use(createGuardAlone<HttpEvent>({ profile, verification, now: () => NOW }, route))
    .handler(product as Any);
  const call = async (kind: Pick<EventKind, 'toEvent'>, request: SentRequest): Promise<Any> =>
    handler(kind.toEvent(request) as Any, {} as Context);
  return { call, product };
}
