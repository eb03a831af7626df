import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { Principal } from '../../../core/access/principal.ts';
import { HIGHEST_LIMIT, LIMIT_SOURCES, LONGEST_WINDOW_SECONDS } from '../../../core/access/rate-limit.ts';
import { ROLES } from '../../../core/access/role.ts';
import type { Scopes } from '../../../core/access/scope.ts';
import type { RateState } from '../../../core/verification/verdict.ts';
import {
  type AuthorizerContext,
  type Decision,
  readDecision,
  writeDecision,
} from '../../../lambdas/authorizer/principal-context.ts';
import { PRINCIPAL } from '../../core/verification/stored-secrets.ts';

const text = fc.string({ unit: 'binary', minLength: 1, maxLength: 40 });
const orNull = <T>(arbitrary: fc.Arbitrary<T>) => fc.option(arbitrary, { nil: null });
const scopeName = fc.stringMatching(/^[a-z][a-z0-9:._-]{0,31}$/);
const someScopes = fc.tuple(scopeName, fc.array(scopeName)).map(([first, rest]): Scopes => [first, ...rest]);
const network = fc.oneof(
  fc.tuple(fc.ipV4(), fc.nat(32)).map(([address, length]) => `${address}/${length}`),
  fc.tuple(fc.ipV6(), fc.nat(128)).map(([address, length]) => `${address}/${length}`),
);

const principal: fc.Arbitrary<Principal> = fc.record({
  kind: fc.constantFrom('api_key', 'personal_access_token', 'management_key'),
  credentialId: text,
  workspace: orNull(text),
  user: orNull(text),
  role: orNull(fc.constantFrom(...ROLES)),
  scopes: fc.oneof(fc.constant<Scopes>('all'), someScopes),
  constraints: fc.record(
    {
      expiresAt: orNull(fc.nat(4_000_000_000)),
      allowedCidrs: fc.array(network, { maxLength: 8 }),
      ownLimit: fc.record({
        from: fc.constantFrom(...LIMIT_SOURCES),
        limit: fc.integer({ min: 1, max: HIGHEST_LIMIT }),
        windowSeconds: fc.integer({ min: 1, max: LONGEST_WINDOW_SECONDS }),
      }),
    },
    { requiredKeys: ['expiresAt', 'allowedCidrs'] },
  ),
});

const rate: fc.Arbitrary<RateState> = fc.record({
  limit: fc.integer({ min: 1 }),
  windowSeconds: fc.integer({ min: 1 }),
  remaining: fc.nat(),
  resetSeconds: fc.integer({ min: 1 }),
});

const decision: fc.Arbitrary<Decision> = fc.oneof(
  fc.record({ kind: fc.constant('allow' as const), principal }),
  fc.record({ kind: fc.constant('allow' as const), principal, rate }),
  fc.record({ kind: fc.constant('rate_limited' as const), principal, rate }),
);

/** As API Gateway carries it from the authorizer to the backend. */
const carried = (context: AuthorizerContext): Record<string, unknown> => JSON.parse(JSON.stringify(context));

test('a backend reads the very decision that the authorizer wrote, about any kind of caller', () => {
  fc.assert(
    fc.property(decision, (decided) => {
      const context = writeDecision(decided);
      for (const value of Object.values(context)) expect(typeof value).toBe('string');
      expect(readDecision(carried(context))).toEqual(decided);
    }),
  );
});

const NAMES = [
  ...['decision', 'kind', 'credentialId', 'scopes', 'workspace', 'user', 'role', 'expiresAt', 'allowedCidrs'],
  ...['ownLimit', 'rateLimit', 'rateWindowSeconds', 'rateRemaining', 'rateResetSeconds'],
];
const nearlyRight = fc.constantFrom(
  'allow',
  'rate_limited',
  'api_key',
  'management_key',
  'personal_access_token',
  'person',
  '*',
  'read',
  '',
  ' ',
  '1',
);
const isText = (value: unknown) => typeof value === 'string' && value !== '';

test('reading a context never throws, and nothing is allowed without the marks of a decision', () => {
  const contexts = fc.oneof(
    fc.anything(),
    fc.object(),
    fc.dictionary(fc.constantFrom(...NAMES), fc.oneof(nearlyRight, fc.anything())),
    fc.record(Object.fromEntries(NAMES.map((name) => [name, nearlyRight])), { requiredKeys: [] }),
  );
  fc.assert(
    fc.property(contexts, (unverified) => {
      const context = unverified as Record<string, unknown> | null | undefined;
      const read = readDecision(context);
      if (read === undefined) return;
      expect(context?.decision).toBe(read.kind);
      expect(['api_key', 'personal_access_token', 'management_key']).toContain(context?.kind);
      expect(isText(context?.credentialId) && isText(context?.scopes)).toBe(true);
      if (read.kind === 'rate_limited') expect(isText(context?.rateLimit)).toBe(true);
      if (read.principal.scopes === 'all') expect(context?.scopes).toBe('*');
    }),
    { numRuns: 2_000 },
  );
});

test('a context that lacks one of its marks is read as none', () => {
  fc.assert(
    fc.property(decision, fc.constantFrom('decision', 'kind', 'credentialId', 'scopes'), (decided, mark) => {
      const { [mark]: _, ...rest } = writeDecision(decided);
      expect(readDecision(rest)).toBeUndefined();
    }),
  );
});

test('a limit of its own that cannot be read makes no decision: what it issues would be bound by less', () => {
  const context = writeDecision({ kind: 'allow', principal: PRINCIPAL });
  expect(readDecision({ ...context, ownLimit: 'operator 5 60' })?.principal.constraints.ownLimit).toEqual({
    from: 'operator',
    limit: 5,
    windowSeconds: 60,
  });
  for (const ownLimit of [
    'operator',
    'operator 5',
    'operator 5 x',
    '5 60',
    'somebody 5 60',
    'operator -5 60',
    ' ',
  ])
    expect(readDecision({ ...context, ownLimit })).toBeUndefined();
});

test('an expiry that is no number makes no decision: such a key would never expire', () => {
  const context = { ...writeDecision({ kind: 'allow', principal: PRINCIPAL }), expiresAt: 'soon' };
  expect(readDecision(context)).toBeUndefined();
});
