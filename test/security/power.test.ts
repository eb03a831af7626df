import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { ADMINISTER } from '../../core/access/action-pattern.ts';
import { isRoleAtLeast, ROLES, type Role } from '../../core/access/role.ts';
import { makeCatalogue, type Scopes } from '../../core/access/scope.ts';
import {
  type KeyRights,
  mayChangeMember,
  mayInvite,
  mayStillInvite,
} from '../../core/management/permission.ts';
import type { Profile } from '../../core/profile/profile.ts';
import { requirementFor } from '../../core/verification/requirement.ts';
import { loadProfile } from '../../lib/files/profile-file.ts';
import { scaled } from '../campaigns/campaign.ts';
import { NOW, PRINCIPAL } from '../core/verification/stored-secrets.ts';
import { type Attempt, type Deviation, type Hand, LIMITS, PowerWorld } from './power-world.ts';
import { runs, tallied } from './tally.ts';

const RUNS = scaled({ few: 40, part: 200, whole: 1_200 });
const tally = tallied(
  'Nobody issues, changes or rotates into more power than they had: scopes, role, end, networks, rate limit',
);

const PROFILES = ['standard', 'supersonic', 'socialcrm', 'sophic', 'supertone'];

/** Keys that act with a role and administer, which no product has today. */
function madeUp(): Profile {
  const { profile } = loadProfile('supersonic');
  const scope = (name: string, grants: string[], implies: string[] = []) => ({
    name,
    description: name,
    grants,
    implies,
  });
  return {
    ...profile,
    name: 'made up',
    scopes: makeCatalogue([
      scope('a', ['a.x']),
      scope('b', ['b.x'], ['a']),
      scope('c', ['c.x']),
      scope('admin', ['keyward.administer'], ['b']),
    ]),
    roleScopes: { owner: 'all', admin: ['admin', 'c'], member: ['admin', 'a'] },
    inheritsRole: true,
  };
}

const SUBJECTS = [...PROFILES.map((name) => loadProfile(name).profile), madeUp()];

const scopesOf = ({ scopes }: Profile): fc.Arbitrary<Scopes> => {
  const names = scopes?.definitions.map(({ name }) => name) ?? [];
  if (names.length === 0) return fc.constant('all');
  const some = fc.subarray(names, { minLength: 1 }).map((list) => list as [string, ...string[]]);
  return fc.oneof({ weight: 1, arbitrary: fc.constant('all' as const) }, { weight: 6, arbitrary: some });
};

const networks = fc.subarray(
  ['10.0.0.0/8', '10.0.0.0/16', '192.0.2.0/24', '0.0.0.0/0', '2001:db8::/32', '::/0'],
  { maxLength: 3 },
);

/** Mostly the plan's; nothing is limited where there are no plans. */
const limitOf = ({ rateLimits }: Profile) =>
  rateLimits === undefined ? fc.constant(null) : fc.option(fc.constantFrom(...LIMITS), { freq: 1 });

const powerOf = (profile: Profile): fc.Arbitrary<KeyRights> =>
  fc.record({
    scopes: scopesOf(profile),
    expiresAt: fc.oneof(fc.constant(null), fc.constantFrom(NOW + 40, NOW + 400, NOW + 4_000, NOW + 400_000)),
    allowedCidrs: fc.oneof(fc.constant([]), networks),
    rateLimit: limitOf(profile),
    issuerLimit: limitOf(profile),
  });

const role = fc.constantFrom<Role>(...ROLES);

/** Mostly what the attacker has already, with one thing changed: what is beyond them in every way tells little. */
const deviationOf = (profile: Profile): fc.Arbitrary<Deviation> =>
  powerOf(profile).chain(({ rateLimit, issuerLimit, ...power }) =>
    fc.subarray(Object.entries(power), { maxLength: 2 }).map((fields) => Object.fromEntries(fields)),
  );

/** A key that administers, where there are such keys: others issue nothing. */
const firstPowerOf = (profile: Profile): fc.Arbitrary<KeyRights> => {
  const granting = requirementFor(profile, ADMINISTER);
  const [admin] = typeof granting === 'string' ? [] : [granting.requiredScope];
  return powerOf(profile).map((power) =>
    admin === undefined || power.scopes === 'all' ? power : { ...power, scopes: [admin, ...power.scopes] },
  );
};

function attemptsOn(profile: Profile): fc.Arbitrary<Attempt[]> {
  const [hand, key, power] = [fc.nat(20), fc.nat(7), deviationOf(profile)];
  const attempt = fc.oneof(
    { weight: 4, arbitrary: fc.record({ kind: fc.constant('issue' as const), hand, power }) },
    { weight: 4, arbitrary: fc.record({ kind: fc.constant('update' as const), hand, key, power }) },
    { weight: 4, arbitrary: fc.record({ kind: fc.constant('rotate' as const), hand, key }) },
    {
      weight: 1,
      arbitrary: fc.record({
        kind: fc.constant('lower' as const),
        user: fc.nat(3),
        to: fc.constantFrom<Role | 'none'>(...ROLES, 'none'),
      }),
    },
    { weight: 1, arbitrary: fc.record({ kind: fc.constant('wait' as const), seconds: fc.nat(300) }) },
  );
  return fc.array(attempt, { minLength: 1, maxLength: 14 });
}

const start = (profile: Profile) =>
  fc.record({
    others: fc.array(
      fc.record({ power: powerOf(profile), createdBy: fc.constantFrom('owner', 'admin', 'member') }),
      {
        maxLength: 4,
      },
    ),
    own: firstPowerOf(profile),
    role,
    isPerson: fc.boolean(),
    attempts: attemptsOn(profile),
  });

describe.each(SUBJECTS.map((profile) => [profile.name, profile] as const))('%s', (_, profile) => {
  tally.test(
    'whatever somebody does with what they are given, no credential of theirs reaches further',
    () => {
      let allowed = 0;
      fc.assert(
        fc.property(start(profile), ({ others, own, role: ownRole, isPerson, attempts }) => {
          const world = new PowerWorld(profile, own);
          for (const each of ROLES) world.addMember(each, each);
          world.addMember('attacker', ownRole);
          for (const { power, createdBy } of others) world.addKey(power, createdBy);
          const first: Hand = isPerson ? { user: 'attacker' } : { keyId: world.addKey(own, 'attacker').id };
          world.hands.push(first);
          const bound = world.reachOf(first);
          for (const attempt of attempts) {
            if (!world.attempt(attempt)) continue;
            allowed += 1;
            const { by, key } = world.touched ?? { by: bound, key: new Set<string>() };
            const above = [...key].find((reach) => !by.has(reach));
            if (above !== undefined)
              throw new Error(`${JSON.stringify(attempt)} changes a key that can do ${above}.`);
            for (const hand of world.hands) {
              const beyond = [...world.reachOf(hand)].filter((reach) => !bound.has(reach));
              if (beyond.length > 0) throw new Error(`${JSON.stringify(attempt)} reaches ${beyond[0]}.`);
            }
          }
          tally.count('sequences');
          tally.count('attempts', attempts.length);
        }),
        runs(RUNS),
      );
      tally.count('of them allowed', allowed);
      // A rule that allows nothing would keep the property as well.
      expect(allowed).toBeGreaterThan(RUNS / 2);
    },
  );
});

type MemberAttempt = {
  readonly by: number;
  readonly user: number;
  readonly to: Role | 'none';
  readonly isInvited: boolean;
};

const person = (user: string, own: Role) => ({ ...PRINCIPAL, kind: 'person' as const, user, role: own });

tally.test(
  'whoever is no owner makes nobody an owner and unmakes none, by whatever detour of accounts and invitations',
  () => {
    const attempt: fc.Arbitrary<MemberAttempt> = fc.record({
      by: fc.nat(5),
      user: fc.nat(8),
      to: fc.constantFrom<Role | 'none'>(...ROLES, 'none'),
      isInvited: fc.boolean(),
    });
    fc.assert(
      fc.property(
        fc.constantFrom<Role>('admin', 'member'),
        fc.array(attempt, { maxLength: 12 }),
        (own, attempts) => {
          const members = new Map<string, Role>([
            ['owner', 'owner'],
            ['attacker', own],
          ]);
          const puppets = ['attacker', ...Array.from({ length: 5 }, (_, index) => `puppet-${index}`)];
          const everybody = [...puppets, 'owner'];
          for (const { by, user, to, isInvited } of attempts) {
            const callerId = puppets[by % puppets.length] ?? '';
            const userId = everybody[user % everybody.length] ?? '';
            const callerRole = members.get(callerId);
            if (callerRole === undefined) continue;
            const caller = person(callerId, callerRole);
            const before = members.get(userId) ?? 'none';
            if (isInvited && to !== 'none') {
              const invitation = {
                id: 'inv_1',
                workspace: 'acme',
                email: '',
                role: to,
                invitedBy: callerId,
                createdAt: 0,
                expiresAt: 1,
              };
              const may =
                mayInvite(caller, to).kind === 'allow' && mayStillInvite(invitation, caller).kind === 'allow';
              // An invitation changes no role that somebody has already.
              if (may && before === 'none') members.set(userId, to);
            } else if (mayChangeMember(caller, { userId, before, after: to }).kind === 'allow') {
              if (to === 'none') members.delete(userId);
              else members.set(userId, to);
            }
            tally.count('changes of members');
            expect(members.get('owner')).toBe('owner');
            for (const puppet of puppets)
              expect(isRoleAtLeast(own, members.get(puppet) ?? 'member')).toBe(true);
          }
        },
      ),
      runs(RUNS * 2),
    );
  },
);

test('keys change no members and invite nobody, whatever they hold', () => {
  for (const held of ROLES) {
    const caller = { ...PRINCIPAL, role: held, scopes: 'all' as const };
    for (const after of ROLES) {
      expect(mayInvite(caller, after).kind).toBe('refuse');
      expect(mayChangeMember(caller, { userId: 'usr_1', before: 'none', after }).kind).toBe('refuse');
    }
  }
});
