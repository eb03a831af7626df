import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { REFUSALS } from '../../../core/verification/refusal.ts';
import { type Claim, judge, rateStateOf } from '../../../core/verification/verdict.ts';
import type { StoredSecret } from '../../../core/verification/verification-store.ts';
import { CLAIM, NOW, PRINCIPAL, SECRET } from './stored-secrets.ts';

const codeOf = (secret: StoredSecret | undefined, claim: Partial<Claim> = {}) => {
  const verdict = judge(secret, { ...CLAIM, ...claim });
  return verdict.kind === 'allow' ? 'allow' : verdict.code;
};

interface Case {
  readonly state: StoredSecret['state'];
  readonly expiresAt: number | null;
  readonly replacedAt: number | null;
  readonly allowedCidrs: readonly string[];
  readonly workspace: 'acme' | 'other' | 'none';
  readonly requirement: 'held' | 'not held' | 'none' | 'any' | 'possession';
}

/** The order of the checks, as it is promised: the first that fails is what is answered. */
function expectedCode({ state, expiresAt, replacedAt, allowedCidrs, workspace, requirement }: Case): string {
  const checks: [boolean, string][] = [
    [state === 'revoked' || (replacedAt !== null && replacedAt <= NOW), 'revoked'],
    [expiresAt !== null && expiresAt <= NOW, 'expired'],
    [requirement === 'possession', 'allow'],
    [state === 'disabled', 'disabled'],
    [workspace === 'other', 'wrong_workspace'],
    [allowedCidrs.includes('10.0.0.0/8') && allowedCidrs.length === 1, 'network'],
    [requirement === 'none', 'forbidden'],
    [requirement === 'not held', 'insufficient_scope'],
  ];
  return checks.find(([fails]) => fails)?.[1] ?? 'allow';
}

const cases: fc.Arbitrary<Case> = fc.record({
  state: fc.constantFrom('active', 'disabled', 'revoked'),
  expiresAt: fc.constantFrom(null, NOW - 1, NOW, NOW + 1),
  replacedAt: fc.constantFrom(null, 0, NOW, NOW + 1),
  allowedCidrs: fc.constantFrom<readonly string[]>([], ['10.0.0.0/8'], ['10.0.0.0/8', '203.0.113.0/24']),
  workspace: fc.constantFrom('acme', 'other', 'none'),
  requirement: fc.constantFrom('held', 'not held', 'none', 'any', 'possession'),
});

test('a refusal names the first check that fails: state, expiry, workspace, network, scope', () => {
  const seen = new Set<string>();
  fc.assert(
    fc.property(cases, (given) => {
      const { state, expiresAt, replacedAt, allowedCidrs, workspace, requirement } = given;
      const principal = { ...PRINCIPAL, constraints: { expiresAt, allowedCidrs } };
      const required = { requiredScope: 'write', grantedBy: requirement === 'held' ? ['read'] : ['write'] };
      const code = codeOf(
        { ...SECRET, state, expiresAt, principal, ...(replacedAt !== null && { replacedAt }) },
        {
          requirement: requirement === 'held' || requirement === 'not held' ? required : requirement,
          ...(workspace !== 'none' && { workspace }),
        },
      );
      expect(code).toBe(expectedCode(given));
      seen.add(code);
    }),
    { numRuns: 3_000 },
  );
  expect(seen.size).toBe(8);
});

test('a credential that the store does not know is refused as unknown, and the refusal names no principal', () => {
  expect(judge(undefined, { ...CLAIM, requirement: 'any' })).toEqual({ kind: 'refuse', code: 'unknown' });
});

test.each([
  [NOW - 1, 'expired'],
  [NOW, 'expired'],
  [NOW + 1, 'allow'],
  [0, 'expired'],
  [null, 'allow'],
])('a secret that expires at %s is answered with %s', (expiresAt, expected) => {
  expect(codeOf({ ...SECRET, expiresAt })).toBe(expected);
});

test('all scopes are enough for every action that some scope grants, and for no other', () => {
  const principal = { ...PRINCIPAL, scopes: 'all' as const };
  expect(codeOf({ ...SECRET, principal })).toBe('allow');
  expect(codeOf({ ...SECRET, principal }, { requirement: 'none' })).toBe('forbidden');
});

test('networks are checked unless the request is not sent by the holder of the key', () => {
  const principal = { ...PRINCIPAL, constraints: { expiresAt: null, allowedCidrs: ['10.0.0.0/8'] } };
  expect(codeOf({ ...SECRET, principal }, { sourceAddress: { skip: true } })).toBe('allow');
  expect(codeOf({ ...SECRET, principal }, { sourceAddress: '' })).toBe('network');
});

test('a credential without a workspace is refused in a workspace that the request names', () => {
  const principal = { ...PRINCIPAL, workspace: null };
  expect(codeOf({ ...SECRET, principal }, { workspace: 'acme' })).toBe('wrong_workspace');
});

test('a refusal for a missing scope names the narrowest scope that would do', () => {
  const requirement = { requiredScope: 'write', grantedBy: ['write', 'admin'] };
  expect(judge(SECRET, { ...CLAIM, requirement })).toMatchObject({
    code: 'insufficient_scope',
    requiredScope: 'write',
  });
});

test('the rest of a limit is never negative, and a window never ends in less than a second', () => {
  const rateLimit = { limit: 5, windowSeconds: 60 };
  const state = (window: StoredSecret['window'], now = NOW) =>
    rateStateOf({ ...SECRET, rateLimit, window }, now);
  expect(state({ endsAt: NOW + 20, used: 2 })).toEqual({ ...rateLimit, remaining: 3, resetSeconds: 20 });
  expect(state({ endsAt: NOW + 20, used: 9 })).toMatchObject({ remaining: 0 });
  expect(state({ endsAt: NOW, used: 5 })).toMatchObject({ resetSeconds: 1 });
  expect(state(null)).toMatchObject({ remaining: 5 });
  expect(rateStateOf(SECRET, NOW)).toBeUndefined();
});

test('all bad credentials get the same public answer, so that nobody learns a key’s state without its secret', () => {
  for (const code of ['missing', 'malformed', 'revoked', 'expired', 'disabled', 'network'] as const) {
    expect(REFUSALS[code]).toEqual(REFUSALS.unknown);
  }
});

test('no public text has a character that a gateway response would have to escape', () => {
  for (const { title, code, detail } of Object.values(REFUSALS)) {
    for (const text of [title, code, detail]) expect(text).toMatch(/^[^"\\\p{Cc}$]+$/u);
  }
});
