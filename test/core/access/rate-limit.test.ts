import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { Principal } from '../../../core/access/principal.ts';
import {
  effectiveLimit,
  isWithinLimit,
  type OwnLimit,
  type RateLimit,
} from '../../../core/access/rate-limit.ts';
import { limitForIssuedKeys, limitOfCaller } from '../../../core/management/caller.ts';
import { PRINCIPAL } from '../verification/stored-secrets.ts';

const per = (limit: number, windowSeconds: number): RateLimit => ({ limit, windowSeconds });
const anyLimit = fc.record({
  limit: fc.integer({ min: 1, max: 40 }),
  windowSeconds: fc.integer({ min: 1, max: 24 }),
});

/** The most calls that one limit lets through in any window of another, second by second over all ways in which they overlap. */
function mostCalls({ limit, windowSeconds }: RateLimit, outerSeconds: number): number {
  let most = 0;
  for (let start = 0; start < windowSeconds * outerSeconds; start += outerSeconds) {
    const windows = new Set<number>();
    for (let second = start; second < start + outerSeconds; second += 1)
      windows.add(Math.floor(second / windowSeconds));
    most = Math.max(most, windows.size * limit);
  }
  return most;
}

describe('comparing two rate limits', () => {
  test('a limit is within another exactly when no window of the other ever sees more calls than the other allows', () => {
    fc.assert(
      fc.property(anyLimit, anyLimit, (inner, outer) => {
        expect(isWithinLimit(inner, outer)).toBe(mostCalls(inner, outer.windowSeconds) <= outer.limit);
      }),
      { numRuns: 2_000 },
    );
  });

  test('being within a limit is reflexive and transitive', () => {
    fc.assert(
      fc.property(anyLimit, anyLimit, anyLimit, (one, two, three) => {
        expect(isWithinLimit(one, one)).toBe(true);
        if (isWithinLimit(one, two) && isWithinLimit(two, three))
          expect(isWithinLimit(one, three)).toBe(true);
      }),
      { numRuns: 2_000 },
    );
  });

  test('compares burst and rate; every limit is within “no limit”, and “no limit” is within no other', () => {
    expect(isWithinLimit(per(1, 60), per(1, 60))).toBe(true);
    expect(isWithinLimit(per(60, 3_600), per(1, 60))).toBe(false);
    expect(isWithinLimit(per(1, 1), per(1, 60))).toBe(false);
    expect(isWithinLimit(per(1, 1), per(60, 60))).toBe(true);
    // Two of its windows meet in one of the other's.
    expect(isWithinLimit(per(60, 90), per(60, 60))).toBe(false);
    expect(isWithinLimit(per(60, 120), per(60, 60))).toBe(true);
    expect([
      isWithinLimit(null, per(1, 1)),
      isWithinLimit(per(1, 1), null),
      isWithinLimit(null, null),
    ]).toEqual([...[false, true, true]]);
  });
});

const key = (rateLimit: RateLimit | null, issuerLimit: RateLimit | null) => ({ rateLimit, issuerLimit });
const caller = (ownLimit?: OwnLimit): Principal => ({
  ...PRINCIPAL,
  constraints: { expiresAt: null, allowedCidrs: [], ...(ownLimit && { ownLimit }) },
});

describe('a key', () => {
  test('has the limit that the operator set, or else the narrower of its plan’s and its issuer’s', () => {
    const [plan, narrow, wide] = [per(60, 60), per(5, 60), per(600, 60)];
    expect(effectiveLimit(plan, key(null, null))).toEqual(plan);
    expect(effectiveLimit(plan, key(wide, narrow))).toEqual(wide);
    expect(effectiveLimit(plan, key(null, narrow))).toEqual(narrow);
    expect(effectiveLimit(plan, key(null, wide))).toEqual(plan);
    expect(effectiveLimit(per(6_000, 60), key(null, wide))).toEqual(wide);
    // Neither is within the other: what it was issued under holds.
    expect(effectiveLimit(plan, key(null, per(100, 3_600)))).toEqual(per(100, 3_600));
    expect(effectiveLimit(null, key(null, null))).toBeNull();
  });

  test('passes its own limit on to the keys that it issues, but never the limit of its plan', () => {
    const plan = per(60, 60);
    expect(limitForIssuedKeys(caller(), plan)).toBeNull();
    for (const from of ['operator', 'issuer', 'unknown'] as const)
      expect(limitForIssuedKeys(caller({ ...per(5, 60), from }), plan)).toEqual(per(5, 60));
    expect(limitForIssuedKeys(caller({ ...plan, from: 'operator' }), plan)).toEqual(plan);
    // Stored before the difference was: what is the same as the plan's is taken for it.
    expect(limitForIssuedKeys(caller({ ...plan, from: 'unknown' }), plan)).toBeNull();
  });

  test('and every key issued by it, never gets a wider limit than its issuer, even after a change of plan', () => {
    fc.assert(
      fc.property(
        fc.option(anyLimit),
        fc.constantFrom('operator' as const, 'issuer' as const),
        fc.array(anyLimit, { minLength: 2, maxLength: 5 }),
        (own, from, plans) => {
          const [atIssue] = plans;
          let keys = [key(from === 'operator' ? own : null, from === 'issuer' ? own : null)];
          for (let generation = 0; generation < 3; generation += 1) {
            const parent = keys.at(-1) ?? key(null, null);
            const limit = parent.rateLimit ?? parent.issuerLimit;
            const ownLimit = limit && {
              ...limit,
              from: parent.rateLimit ? ('operator' as const) : ('issuer' as const),
            };
            const issuer = ownLimit === null ? caller() : caller(ownLimit);
            expect(limitOfCaller(issuer, atIssue ?? null)).toEqual(effectiveLimit(atIssue ?? null, parent));
            keys = [...keys, key(null, limitForIssuedKeys(issuer, atIssue ?? null))];
          }
          const [parent, ...children] = keys;
          // A parent that has less than its own limit has its plan's, which holds the child as well.
          for (const plan of plans)
            for (const child of children)
              expect(
                isWithinLimit(effectiveLimit(plan, child), effectiveLimit(plan, parent ?? key(null, null))),
              ).toBe(true);
        },
      ),
    );
  });

  test('passes limits on; a person and a management key have none and pass none on', () => {
    for (const kind of ['person', 'management_key'] as const) {
      const other = { ...caller({ ...per(1, 60), from: 'operator' }), kind };
      expect([limitForIssuedKeys(other, per(1, 60)), limitOfCaller(other, per(1, 60))]).toEqual([null, null]);
    }
  });
});
