import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { LINK_FORMAT } from '../../../core/credential/credential-type.ts';
import { generateKey } from '../../../core/credential/key-text.ts';
import { MANAGEMENT_ROUTES, type ManagementRoute } from '../../../core/management/route.ts';
import { isRepeatable } from '../../../core/management/route-path.ts';
import { createTables, type TestTables } from '../../stores/dynamodb/tables.ts';
import { capturedLog } from '../captured-log.ts';
import { type Asked, managementHandlers } from './handlers.ts';

let tables: TestTables;
let handlers: ReturnType<typeof managementHandlers>;
/** What every operation fails with. */
let fault: Error | undefined;
beforeAll(async () => {
  tables = await createTables();
  handlers = managementHandlers(tables);
  handlers.client.middlewareStack.add(
    (next) => async (args) => {
      if (fault !== undefined) throw fault;
      return next(args);
    },
    { step: 'initialize', name: 'fault' },
  );
});
beforeEach(() => {
  fault = undefined;
});
afterAll(() => tables.release());
const lines = capturedLog();

const BODIES: Readonly<Record<string, object>> = {
  'create-workspace': { slug: 'another', name: 'Another', created_by: 'usr_owner' },
  'update-workspace': { name: 'x' },
  'put-member': { role: 'member' },
  'issue-key': { name: 'n', scopes: ['read:all'], created_by: 'usr_owner' },
  'update-key': { name: 'x' },
  'revoke-keys': { dry_run: false, status: 'active' },
  'rotate-key': { overlap_seconds: 0 },
  'create-session': { user_id: 'usr_owner', workspace: 'acme' },
  'exchange-session': { code: generateKey(LINK_FORMAT, randomBytes) },
  'revoke-sessions': { user_id: 'usr_owner', workspace: 'acme' },
  'create-invitation': { email: 'a@example.com', role: 'member' },
};

/** Every route that reaches the store, asked for as it should be; secrets are verified with a client of their own. */
const routes = (MANAGEMENT_ROUTES as readonly ManagementRoute[]).filter(
  ({ needs, handler, path }) =>
    needs === undefined &&
    !['describe-scopes', 'describe-caller', 'verify-key', 'end-session'].includes(handler) &&
    path !== '/v1/keys/self/revoke',
);
function askedOf({ method, path: resource, handler }: ManagementRoute): Asked {
  const [key, invitation] = [`key_${'0'.repeat(20)}`, `inv_${'0'.repeat(20)}`];
  const path = { workspace: 'acme', key, invitation, user_id: 'usr_other' };
  return { method, resource, path, ...(BODIES[handler] && { body: BODIES[handler] }) };
}

const named = (name: string, members: object = {}) =>
  Object.assign(new Error(`${name} of the test`), { name, ...members });

test.each([
  ['InternalServerError', named('InternalServerError')],
  ['a time-out', named('TimeoutError')],
  ['a broken connection', named('Error', { code: 'ECONNRESET' })],
])(
  'a trouble that passes is 503 with Retry-After on every route, and promises a safe repetition only where it is: %s',
  async (_, error) => {
    for (const route of routes) {
      fault = error;
      const { status, headers, body } = await handlers.call(route.handler, askedOf(route));
      const isSession = route.path.startsWith('/v1/sessions');
      const makes = route.method === 'POST' && !/\/(revoke|import)$/.test(route.path) && !isSession;
      expect({ route, status, code: body.code, retryAfter: headers['Retry-After'] }).toEqual({
        route,
        status: 503,
        code: 'unavailable',
        retryAfter: '1',
      });
      expect(/safe to try again/.test(body.detail)).toBe(!makes);
      expect(/List what exists before you repeat it/.test(body.detail)).toBe(makes);
      if (!makes) continue;
      const once = await handlers.call(route.handler, { ...askedOf(route), idempotencyKey: 'k1' });
      expect(once.body.detail).toMatch(/safe to try again with the same Idempotency-Key/);
    }
  },
);

test.each([
  ['AccessDeniedException', named('AccessDeniedException')],
  ['ValidationException', named('ValidationException')],
  ['ResourceNotFoundException', named('ResourceNotFoundException')],
  ['a TypeError', new TypeError('x is not a function')],
])(
  'a defect or a missing right is 500 on every route, with a fault line and nothing of it told: %s',
  async (_, error) => {
    for (const route of routes) {
      fault = error;
      const before = lines.length;
      const { status, headers, body } = await handlers.call(route.handler, askedOf(route));
      expect({ route, status, code: body.code }).toEqual({ route, status: 500, code: 'internal_error' });
      expect(headers).not.toHaveProperty('Retry-After');
      expect(JSON.stringify(body)).not.toMatch(/Exception|TypeError|of the test|try again/);
      const [line, answered] = lines.slice(before).map((text) => JSON.parse(text));
      expect(line).toMatchObject({ level: 'ERROR', message: 'fault', kind: 'defect' });
      expect(answered).toMatchObject({ message: 'answered', outcome: 'fault', ManagementCall: 1 });
    }
  },
);

test('only a POST that makes something may not be repeated', () => {
  const making = (MANAGEMENT_ROUTES as readonly ManagementRoute[]).filter(
    ({ method, path }) => !isRepeatable(method, path),
  );
  expect(new Set(making.map(({ handler }) => handler))).toEqual(
    new Set(['create-workspace', 'issue-key', 'rotate-key', 'create-invitation', 'issue-token']),
  );
  expect(isRepeatable('POST', '/v1/what/comes/later')).toBe(false);
  for (const method of ['GET', 'PUT', 'PATCH', 'DELETE']) expect(isRepeatable(method, '/v1/any')).toBe(true);
});
