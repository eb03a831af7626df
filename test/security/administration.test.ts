import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { ADMINISTER } from '../../core/access/action-pattern.ts';
import { ROLES } from '../../core/access/role.ts';
import { holdsAny, isForKind, type Scopes } from '../../core/access/scope.ts';
import { generateKey } from '../../core/credential/key-text.ts';
import { digestOf } from '../../core/credential/secret.ts';
import type { KeyRights } from '../../core/management/permission.ts';
import { parseProfile } from '../../core/profile/parse-profile.ts';
import { credentialTypesOf, type Profile } from '../../core/profile/profile.ts';
import { requirementFor } from '../../core/verification/requirement.ts';
import { verify } from '../../core/verification/verify.ts';
import { scaled } from '../campaigns/campaign.ts';
import { memoryVerificationStore } from '../core/verification/memory-verification-store.ts';
import { NOW } from '../core/verification/stored-secrets.ts';
import { type Attempt, PowerWorld } from './power-world.ts';
import { runs, tallied } from './tally.ts';

const RUNS = scaled({ few: 40, part: 150, whole: 2_000 });
const tally = tallied('No plain member administers, whatever the profile leaves out');

const NAMES = ['a', 'b', 'c', 'd'];

/** Profiles that say nothing about roles, some of whose scopes administer, directly or by implication. */
const profile: fc.Arbitrary<Profile> = fc
  .record({
    order: fc.shuffledSubarray(NAMES, { minLength: NAMES.length }),
    implied: fc.tuple(...NAMES.map(() => fc.subarray(NAMES))),
    // One at least does not: else the profile is refused.
    administering: fc.subarray(NAMES.slice(1), { minLength: 1 }),
    grant: fc.constantFrom('keyward.administer', 'keyward.*', 'keyward.**'),
    inherits_role: fc.boolean(),
  })
  .map(({ order, implied, administering, grant, inherits_role }) => {
    const scopes = order.map((name, index) => ({
      name,
      description: name,
      grants: [`${name}.use`, ...(administering.includes(name) ? [grant] : [])],
      implies: name === 'a' ? [] : (implied[index] ?? []).filter((each) => order.indexOf(each) < index),
    }));
    return parseProfile({
      name: 'made-up',
      realm: 'made-up',
      presentation: { kind: 'bearer' },
      scopes,
      inherits_role,
      api_key: { prefix: 'made_', random_length: 30, checksum: true },
      personal_access_tokens: {
        prefix: 'pat_',
        random_length: 30,
        checksum: true,
        workspace_header: 'x-workspace',
      },
      issuing: { requires_name: false, requires_scopes: false },
      mcp: { path: '/', public_methods: [], unauthorized_code: 401 },
    });
  });

const scopes: fc.Arbitrary<Scopes> = fc.oneof(
  { weight: 1, arbitrary: fc.constant('all' as const) },
  {
    weight: 4,
    arbitrary: fc.subarray(NAMES, { minLength: 1 }).map((list) => list as [string, ...string[]]),
  },
);
const power: fc.Arbitrary<KeyRights> = fc.record({
  scopes,
  expiresAt: fc.constant(null),
  allowedCidrs: fc.constant([]),
  rateLimit: fc.constant(null),
  issuerLimit: fc.constant(null),
});
const [hand, key] = [fc.nat(20), fc.nat(7)];
const attempts: fc.Arbitrary<Attempt[]> = fc.array(
  fc.oneof(
    fc.record({ kind: fc.constant('issue' as const), hand, power: fc.record({ scopes }) }),
    fc.record({ kind: fc.constant('update' as const), hand, key, power: fc.record({ scopes }) }),
    fc.record({ kind: fc.constant('rotate' as const), hand, key }),
  ),
  { minLength: 1, maxLength: 12 },
);

function administers(kind: 'api_key' | 'personal_access_token', held: Scopes, of: Profile): boolean {
  const requirement = requirementFor(of, ADMINISTER);
  if (typeof requirement === 'string') throw new Error('No scope of the profile administers.');
  return isForKind(requirement, kind) && holdsAny(held, requirement.grantedBy);
}

tally.test(
  'a plain member of a profile that says nothing about roles issues, changes and rotates no key that administers',
  () => {
    const done = new Map<string, number>();
    fc.assert(
      fc.property(
        profile,
        power,
        fc.array(power, { maxLength: 4 }),
        attempts,
        (subject, own, others, tries) => {
          const world = new PowerWorld(subject, own);
          for (const role of ROLES) world.addMember(role, role);
          for (const each of others) world.addKey(each, 'owner');
          world.hands.push({ user: 'member' });
          for (const attempt of tries) {
            if (!world.attempt(attempt)) continue;
            done.set(attempt.kind, (done.get(attempt.kind) ?? 0) + 1);
            for (const each of world.hands)
              expect([...world.reachOf(each)].filter((reach) => reach.startsWith(`${ADMINISTER} `))).toEqual(
                [],
              );
          }
          tally.count('attempts', tries.length);
        },
      ),
      runs(RUNS),
    );
    // A rule that allows nothing would keep the property as well.
    expect(done.get('issue')).toBeGreaterThan(RUNS / 10);
    expect(done.get('update')).toBeGreaterThan(0);
  },
);

tally.test('nor does their token, whatever scopes it was given', async () => {
  await fc.assert(
    fc.asyncProperty(profile, scopes, fc.constantFrom(...ROLES), async (subject, own, ceiling) => {
      const [, tokens] = credentialTypesOf(subject);
      if (tokens === undefined) throw new Error('The profile has no tokens.');
      const text = generateKey(tokens.format, (length) => new Uint8Array(length));
      const store = memoryVerificationStore();
      store.tokens.set(digestOf(text), {
        credentialId: 'pat_1',
        user: 'member',
        scopes: own,
        ceiling,
        state: 'active',
        expiresAt: null,
        lastUsedAt: null,
        memberships: { acme: 'member' },
      });
      const verdict = await verify(
        { credentials: credentialTypesOf(subject), store, tokens: store.tokenSource, tracking: 'nothing' },
        text,
        { now: NOW, requirement: 'any', sourceAddress: '203.0.113.7', workspace: 'acme' },
      );
      tally.count('tokens');
      if (verdict.kind !== 'allow') return;
      expect(administers('personal_access_token', verdict.principal.scopes, subject)).toBe(false);
    }),
    runs(RUNS),
  );
});

test('these tests tell callers who administer from callers who do not', () => {
  fc.assert(
    fc.property(profile, (subject) => {
      expect(administers('api_key', 'all', subject)).toBe(true);
      expect(administers('api_key', ['a'], subject)).toBe(false);
    }),
    runs(20),
  );
});
