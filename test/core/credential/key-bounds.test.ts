import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { areWithinNetworks } from '../../../core/access/network.ts';
import { covers, type Scopes } from '../../../core/access/scope.ts';
import {
  changeBounds,
  type KeyBounds,
  type NamedFields,
  type Rank,
  UNBOUND,
} from '../../../core/credential/key-bounds.ts';
import { rankOf } from '../../../core/management/caller.ts';
import { mayLoosen } from '../../../core/management/permission.ts';
import { loadProfile } from '../../../lib/files/profile-file.ts';
import { NOW, PRINCIPAL } from '../verification/stored-secrets.ts';

const { profile } = loadProfile('standard');
/** From the lowest to the highest. */
const RANKS = ['member', 'admin', 'owner', 'operator'] as const;

const reasonOf = (bounds: KeyBounds, rank: Rank, named: NamedFields) => {
  const permission = mayLoosen(profile, { bounds, rank, named });
  return permission.kind === 'allow' ? 'allow' : permission.reason;
};

const VALUES: { readonly [Field in keyof Required<NamedFields>]: readonly NonNullable<unknown>[] } = {
  enabled: [true, false],
  expiresAt: ['never', NOW + 10, NOW + 20, NOW + 30],
  allowedCidrs: [[], ['10.0.0.0/8'], ['10.1.0.0/16'], ['10.1.0.0/16', '192.0.2.0/24'], ['0.0.0.0/0']],
  scopes: ['all', ['read:all'], ['write:all'], ['read:all', 'write:all'], ['admin']],
};
type Field = keyof typeof VALUES;
const FIELDS = Object.keys(VALUES) as Field[];

/** Whether a value takes away at least as much as another; worked out apart from the code that is tested. */
function isWithin(field: Field, asked: unknown, set: unknown): boolean {
  switch (field) {
    case 'enabled':
      return set === true || asked === false;
    case 'expiresAt':
      return set === null || (asked !== null && Number(asked) <= Number(set));
    case 'allowedCidrs': {
      const [own, outer] = [asked as string[], set as string[]];
      return outer.length === 0 || (own.length > 0 && areWithinNetworks(own, outer));
    }
    case 'scopes':
      return profile.scopes !== undefined && covers(profile.scopes, set as Scopes, asked as Scopes);
  }
}

/** One who names some fields of a key. */
interface Step {
  readonly rank: (typeof RANKS)[number];
  readonly named: Readonly<Record<string, unknown>>;
}

const anyStep: fc.Arbitrary<Step> = fc.record({
  rank: fc.constantFrom(...RANKS),
  named: fc
    .subarray(FIELDS, { minLength: 1, maxLength: 2 })
    .chain((fields) =>
      fc.record(Object.fromEntries(fields.map((field) => [field, fc.constantFrom(...VALUES[field])]))),
    )
    .map(({ expiresAt, ...named }) => ({
      ...named,
      ...(expiresAt !== undefined && { expiresAt: expiresAt === 'never' ? null : expiresAt }),
    })),
});

/**
 * The simple model: everything that was ever done. Somebody may name a value unless one who is above them has set less, and
 * nobody as high, or higher, has named the field since.
 */
function mayByHistory(history: readonly Step[], { rank, named }: Step): boolean {
  const heightOf = (one: Rank) => RANKS.indexOf(one);
  return Object.entries(named).every(([field, asked]) =>
    history.every((setting, index) => {
      if (!(field in setting.named) || heightOf(setting.rank) <= heightOf(rank)) return true;
      const isReplaced = history
        .slice(index + 1)
        .some((later) => field in later.named && heightOf(later.rank) >= heightOf(setting.rank));
      return isReplaced || isWithin(field as Field, asked, setting.named[field]);
    }),
  );
}

describe('a bound that somebody set on a key', () => {
  test('can be loosened only by their rank or a higher one, whatever other changes come before or between', () => {
    let refused = 0;
    fc.assert(
      fc.property(fc.array(anyStep, { minLength: 2, maxLength: 12 }), (steps) => {
        const done: Step[] = [];
        let bounds: KeyBounds = UNBOUND;
        for (const step of steps) {
          const named = step.named as NamedFields;
          const isPermitted = reasonOf(bounds, step.rank, named) === 'allow';
          expect([done, step, isPermitted]).toEqual([done, step, mayByHistory(done, step)]);
          if (!isPermitted) refused += 1;
          if (!isPermitted) continue;
          done.push(step);
          bounds = changeBounds(bounds, { rank: step.rank, named });
        }
      }),
      { numRuns: 1_000 },
    );
    expect(refused).toBeGreaterThan(500);
  });

  test('appears in the refusal, with those who may change it back', () => {
    const disabled = (rank: Rank) => changeBounds(UNBOUND, { rank, named: { enabled: false } });
    const enabling = { enabled: true } as const;
    expect(reasonOf(disabled('owner'), 'member', enabling)).toBe(
      'The key was disabled by an owner. Only an owner or the operator may enable it again.',
    );
    expect(reasonOf(disabled('admin'), 'member', enabling)).toContain(
      'Only an admin or an owner or the operator',
    );
    expect(reasonOf(disabled('operator'), 'owner', enabling)).toContain(
      'Only the operator may enable it again.',
    );
    expect(reasonOf(disabled('member'), 'member', enabling)).toBe('allow');
  });

  test('keeps the operator’s bound beneath it: an owner who narrows that bound can widen only back to it', () => {
    const byOperator = changeBounds(UNBOUND, { rank: 'operator', named: { expiresAt: NOW + 30 } });
    const both = changeBounds(byOperator, { rank: 'owner', named: { expiresAt: NOW + 10 } });
    expect(reasonOf(both, 'admin', { expiresAt: NOW + 20 })).toContain('an owner or the operator');
    expect(reasonOf(both, 'owner', { expiresAt: NOW + 30 })).toBe('allow');
    expect(reasonOf(both, 'owner', { expiresAt: null })).toContain('the operator');
    expect(changeBounds(both, { rank: 'operator', named: { expiresAt: null } })).toEqual({});
  });
});

describe('the rank of a caller who changes a key', () => {
  test('is their role; a key ranks as its creator does now, and as a member if it has no creator', () => {
    const ranks = RANKS.filter((rank) => rank !== 'operator').map((role) => [
      rankOf({ ...PRINCIPAL, kind: 'person', role }, 'nobody'),
      rankOf(PRINCIPAL, role),
      // The role that a key acts with is no higher than its creator's.
      rankOf({ ...PRINCIPAL, role: 'owner' }, role),
    ]);
    expect(ranks).toEqual([
      ['member', 'member', 'member'],
      ['admin', 'admin', 'admin'],
      ['owner', 'owner', 'owner'],
    ]);
    expect(rankOf(PRINCIPAL, 'nobody')).toBe('member');
    expect(rankOf(PRINCIPAL, 'gone')).toBe('member');
    expect(rankOf({ ...PRINCIPAL, kind: 'management_key' }, 'nobody')).toBe('operator');
  });
});
