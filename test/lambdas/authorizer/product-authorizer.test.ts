import { beforeEach, expect, test } from '@jest/globals';
import { checksum } from '../../../core/credential/key-text.ts';
import { digestOf } from '../../../core/credential/secret.ts';
import { credentialTypesOf } from '../../../core/profile/profile.ts';
import { writeGuardedRoutes } from '../../../core/verification/guarded-route.ts';
import {
  createProductAuthorizer,
  type ProductAuthorizerOptions,
} from '../../../lambdas/authorizer/product-authorizer.ts';
import { loadProfile } from '../../../lib/files/profile-file.ts';
import { memoryVerificationStore } from '../../core/verification/memory-verification-store.ts';
import { NOW, PRINCIPAL, SECRET } from '../../core/verification/stored-secrets.ts';
import { capturedLog } from '../captured-log.ts';
import { calledEvent } from './called.ts';

capturedLog();
const { profile } = loadProfile('standard');
const random = `kw_live_${'a'.repeat(30)}`;
const KEY = random + checksum(random);
const READER = { ...SECRET, principal: { ...PRINCIPAL, scopes: ['read:all'] as const } };

let store = memoryVerificationStore();
beforeEach(() => {
  store = memoryVerificationStore();
});

function call(route: string, options: Partial<ProductAuthorizerOptions> = {}) {
  const authorizer = createProductAuthorizer({
    profile,
    verification: { credentials: credentialTypesOf(profile), store, tracking: 'count' },
    isCaching: false,
    guardedRoutes: '',
    now: () => NOW,
    ...options,
  });
  return authorizer(calledEvent(route, { Authorization: `Bearer ${KEY}` }));
}

test('each route requires the scope that the profile says, by its resource', async () => {
  store.secrets.set(digestOf(KEY), READER);
  const allowed = await call('GET /users/{id}');
  expect(allowed.policyDocument.Statement).toMatchObject([{ Effect: 'Allow' }]);
  expect(allowed.context).toMatchObject({ product: 'standard', scopes: 'read:all' });
  const denied = await call('POST /users');
  expect(denied.policyDocument.Statement).toMatchObject([{ Effect: 'Deny' }]);
  expect(denied.context).toMatchObject({
    refusal: 'insufficient_scope',
    requiredScopeMember: ',"required_scope":"write:all"',
  });
  expect((await call('GET /elsewhere')).context).toMatchObject({ refusal: 'forbidden' });
});

test('where API Gateway caches verdicts, the policy names every route of the key, and the context what a guard needs', async () => {
  store.secrets.set(digestOf(KEY), READER);
  const { policyDocument, context } = await call('GET /users/{id}', { isCaching: true });
  const [allowed] = policyDocument.Statement;
  expect(allowed?.Resource.filter((path) => path.includes('/POST/'))).toEqual([]);
  expect(allowed?.Resource.filter((path) => path.includes('/GET/records'))).not.toEqual([]);
  expect(context).toMatchObject({
    credentialHeader: 'authorization',
    challenge: 'Bearer realm="standard"',
  });
  // The same policy, whichever route was called: the cache uses it for all of them.
  const { policyDocument: other } = await call('POST /users', { isCaching: true });
  expect(other).toEqual(policyDocument);
  expect((await call('GET /users')).context).not.toHaveProperty('challenge');
});

test('a call beyond its limit is handed on where the stack says that a guard stands, and denied elsewhere', async () => {
  const exhausted = {
    ...READER,
    rateLimit: { limit: 1, windowSeconds: 60 },
    window: { endsAt: NOW + 30, used: 1 },
  };
  store.secrets.set(digestOf(KEY), exhausted);
  const guardedRoutes = `api ${writeGuardedRoutes(['GET /users'])}`;
  const effectOf = async (route: string) =>
    (await call(route, { guardedRoutes })).policyDocument.Statement[0]?.Effect;
  expect(await effectOf('GET /users')).toBe('Allow');
  expect(await effectOf('GET /projects')).toBe('Deny');
});

test('where the authorizer checks MCP, the headers of a request name the tool that is decided on', async () => {
  const { profile: crm } = loadProfile('supersonic-authorized');
  const secret = `supersonic_live_${'a'.repeat(30)}`;
  const text = secret + checksum(secret);
  store.secrets.set(digestOf(text), {
    ...SECRET,
    principal: { ...PRINCIPAL, role: 'owner', scopes: ['records'] },
  });
  const authorizer = createProductAuthorizer({
    profile: crm,
    verification: { credentials: credentialTypesOf(crm), store, tracking: 'stamp' },
    isCaching: false,
    guardedRoutes: '',
    now: () => NOW,
  });
  const callTool = (name: string) =>
    authorizer(
      calledEvent('POST /', {
        Authorization: `Bearer ${text}`,
        'MCP-Protocol-Version': '2026-07-28',
        'Mcp-Method': 'tools/call',
        'Mcp-Name': name,
      }),
    );
  expect((await callTool('records.list')).policyDocument.Statement).toMatchObject([{ Effect: 'Allow' }]);
  expect((await callTool('lists.list')).context).toMatchObject({ refusal: 'insufficient_scope' });
});
