import { expect } from '@jest/globals';
import fc from 'fast-check';
import { scaled } from '../campaigns/campaign.ts';
import { anyText } from '../core/text/any-text.ts';
import { capturedLog } from '../lambdas/captured-log.ts';
import { BEARER, guardedFunction } from '../lambdas/guard/guarded-function.ts';
import { EVENT_KINDS, type SentRequest } from '../lambdas/guard/http-events.ts';
import { twisted } from './near-inputs.ts';
import { runs, tallied } from './tally.ts';

const RUNS = runs(scaled({ few: 100, part: 500, whole: 8_000 }));
const tally = tallied(
  'A guard lets nobody in without the key, or to a route that the key may not call, whatever kind of event it reads',
);
const lines = capturedLog();
const [NAME, CREDENTIAL] = BEARER;

const headers = fc.array(
  fc.oneof(
    { weight: 4, arbitrary: fc.constant(BEARER) },
    { weight: 2, arbitrary: fc.tuple(fc.constantFrom(NAME, 'authorization'), twisted(CREDENTIAL)) },
    { weight: 1, arbitrary: fc.tuple(fc.constantFrom('X-Forwarded-For', 'X-Amzn-Trace-Id'), anyText()) },
    { weight: 1, arbitrary: fc.tuple(fc.constantFrom('__proto__', 'constructor', '', 'Cookie'), anyText()) },
  ),
  { maxLength: 3 },
);

const paths = fc.oneof(
  fc.constantFrom('/orders', '/orders/17', '/orders/settings', '/', ''),
  twisted('/orders/17'),
  twisted('/orders/settings'),
  anyText().map((text) => `/orders/${text}`),
  anyText(),
);

const requests: fc.Arbitrary<SentRequest> = fc.record({
  method: fc.oneof(
    { weight: 6, arbitrary: fc.constant('GET') },
    fc.constantFrom('POST', 'get', 'HEAD', '', '*'),
  ),
  path: paths,
  route: fc.constantFrom(undefined, '/orders', '/orders/{id}', '/orders/settings', '/{proxy+}', '*', ''),
  headers,
});

/** The credentials that an event of this kind can show. */
function shownCredentials(kind: string, { headers: sent = [] }: SentRequest): readonly string[] {
  const values = sent.filter(([name]) => name.toLowerCase() === 'authorization').map(([, value]) => value);
  return kind === 'a load balancer' ? values.slice(-1) : values;
}

/** Whether the key may do it, told without the code that is tried: by the route, or by a path with nothing odd about it. */
function mayCall(kind: string, { method, path, route }: SentRequest): boolean {
  const isRouted = !/URL|balancer/.test(kind) && (route !== undefined || kind === 'a REST API');
  const matched = isRouted ? (route ?? path) : path;
  if (method !== 'GET') return false;
  if (matched === '/orders') return true;
  if (isRouted) return matched === '/orders/{id}';
  // An HTTP API hands the path over decoded, so a part may hold blanks.
  const part = /^\/orders\/([^/\\;?#*\p{Cc}]+)$/u.exec(matched)?.[1]?.trim() ?? '';
  return part !== '' && !/^(?:settings|\.+)$/i.test(part);
}

tally.test(
  'a guard answers 200, 401 or 403, and lets nobody in without the key or beyond its routes',
  async () => {
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(...EVENT_KINDS), requests, async (kind, request) => {
        tally.count('inputs');
        const { call, product } = guardedFunction();
        const { statusCode } = await call(kind, request);
        expect([200, 401, 403]).toContain(statusCode);
        expect(product).toHaveBeenCalledTimes(statusCode === 200 ? 1 : 0);
        const [credential = '', ...others] = shownCredentials(kind.name, request);
        const isKnown = others.length === 0 && credential.replace(/^bearer +/i, 'Bearer ') === CREDENTIAL;
        if (!isKnown) expect(statusCode).toBe(401);
        else if (!mayCall(kind.name, request)) expect(statusCode).toBe(403);
      }),
      RUNS,
    );
    expect(lines.join()).not.toContain(CREDENTIAL.slice('Bearer '.length));
  },
);
