import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { ADMINISTER } from '../../../core/access/action-pattern.ts';
import { ROLES, scopesOfRole } from '../../../core/access/role.ts';
import { makeCatalogue, requirementOf } from '../../../core/access/scope.ts';
import { parseProfile } from '../../../core/profile/parse-profile.ts';
import { complaint } from './complaint.ts';

interface ScopeData {
  readonly name: string;
  readonly grants: readonly string[];
  readonly implies: readonly string[];
}
type RoleData = 'all' | readonly string[];

const NAMES = ['a', 'b', 'c', 'd', 'e', 'f'];

/** A product whose tools are granted by these scopes. */
function profileWith(scopes: readonly ScopeData[], further: object = {}) {
  return {
    name: 'made-up',
    realm: 'made-up',
    presentation: { kind: 'bearer' },
    api_key: { prefix: 'made_', random_length: 30, checksum: true },
    issuing: { requires_name: false, requires_scopes: false },
    scopes: scopes.map((scope) => ({ ...scope, description: scope.name })),
    mcp: { path: '/', public_methods: [], unauthorized_code: 401 },
    ...further,
  };
}

const scope = (name: string, implies: readonly string[] = [], grants = [`${name}.use`]): ScopeData => ({
  name,
  grants,
  implies,
});

/** Scopes that imply only such as stand before them in a random order: there is no way round. */
const acyclic = fc
  .tuple(
    fc.shuffledSubarray(NAMES, { minLength: NAMES.length }),
    fc.tuple(...NAMES.map(() => fc.subarray(NAMES))),
  )
  .map(([order, drawn]) =>
    order.map((name, index) =>
      scope(
        name,
        drawn[index]?.filter((each) => order.indexOf(each) < index),
      ),
    ),
  )
  .chain((scopes) => fc.shuffledSubarray(scopes, { minLength: scopes.length }));

describe('scopes that imply each other in a circle', () => {
  test('are refused by name, however many there are and whatever else is implied', () => {
    const circle = fc.shuffledSubarray(NAMES, { minLength: 1 });
    fc.assert(
      fc.property(acyclic, circle, (scopes, members) => {
        const closing = new Map(
          members.map((name, index) => [name, members[(index + 1) % members.length] ?? name]),
        );
        const closed = scopes.map(({ name, implies }) =>
          scope(name, [...new Set([...implies, closing.get(name) ?? []].flat())]),
        );
        const [, named = ''] =
          /^The profile's scopes imply each other in a circle: (.*)\.$/.exec(
            complaint(profileWith(closed)),
          ) ?? [];
        const path = named.split(' implies ');
        expect(path.length).toBeGreaterThan(1);
        expect(path.at(-1)).toBe(path[0]);
        for (const [index, name] of path.slice(0, -1).entries())
          expect(closed.find((each) => each.name === name)?.implies).toContain(path[index + 1]);
      }),
    );
  });

  test('are the only ones refused: implication without a circle is taken as it is', () => {
    fc.assert(
      fc.property(acyclic, (scopes) => {
        expect(complaint(profileWith(scopes))).toBe('none');
      }),
    );
  });

  test('are also refused if one scope implies itself', () => {
    expect(complaint(profileWith([scope('a'), scope('b', ['a', 'b'])]))).toBe(
      "The profile's scopes imply each other in a circle: b implies b.",
    );
  });
});

const SCOPES = [scope('a'), scope('b', ['a']), scope('c'), scope('d', ['b', 'c'])];
const roleData: fc.Arbitrary<RoleData> = fc.oneof(
  { weight: 1, arbitrary: fc.constant('all' as const) },
  { weight: 4, arbitrary: fc.subarray(['a', 'b', 'c', 'd'], { minLength: 1 }) },
);

/** All that a role reaches; the right to grant all is more than every name there is. */
function reachOf(held: RoleData): Set<string> {
  if (held === 'all') return new Set(['a', 'b', 'c', 'd', 'all']);
  const implied: Record<string, string[]> = { a: ['a'], b: ['a', 'b'], c: ['c'], d: ['a', 'b', 'c', 'd'] };
  return new Set(held.flatMap((name) => implied[name] ?? []));
}

describe('a role never holds a scope that a higher role lacks', () => {
  test('directly or by implication', () => {
    const seen = new Set<boolean>();
    fc.assert(
      fc.property(roleData, roleData, roleData, (owner, admin, member) => {
        const rises =
          [...reachOf(member)].some((name) => !reachOf(admin).has(name)) ||
          [...reachOf(admin)].some((name) => !reachOf(owner).has(name));
        const message = complaint(profileWith(SCOPES, { role_scopes: { owner, admin, member } }));
        seen.add(rises);
        if (!rises) return expect(message).toBe('none');
        expect(message).toMatch(
          /^The profile's role_scopes give (admin|member) (all scopes|the scope [a-d]), which the higher role (owner|admin) does not hold\.$/,
        );
      }),
      { numRuns: 400 },
    );
    expect(seen.size).toBe(2);
  });

  test('and a higher role with a list of all scopes lacks the scope “all”', () => {
    const role_scopes = { owner: ['a', 'b', 'c', 'd'], admin: 'all', member: ['a'] };
    expect(complaint(profileWith(SCOPES, { role_scopes }))).toBe(
      "The profile's role_scopes give admin all scopes, which the higher role owner does not hold.",
    );
    const falling = { owner: 'all', admin: ['a', 'b', 'c', 'd'], member: ['a'] };
    expect(complaint(profileWith(SCOPES, { role_scopes: falling }))).toBe('none');
  });
});

describe('without role_scopes', () => {
  const ADMINISTERING = ['keyward.administer', 'keyward.*', 'keyward.**'];

  test('a member holds every scope that does not administer in any way, and owners and admins hold all scopes', () => {
    fc.assert(
      fc.property(
        acyclic,
        fc.subarray(NAMES, { minLength: 1 }),
        fc.constantFrom(...ADMINISTERING),
        (scopes, administering, grant) => {
          const data = scopes.map((each) =>
            administering.includes(each.name) ? { ...each, grants: [...each.grants, grant] } : each,
          );
          const catalogue = makeCatalogue(data.map((each) => ({ ...each, description: '' })));
          const closed = requirementOf(catalogue, ADMINISTER)?.grantedBy ?? [];
          if (closed.length === NAMES.length) {
            return expect(complaint(profileWith(data))).toBe(
              'Every scope of the profile administers, so a member would hold none: say in role_scopes what each role holds.',
            );
          }
          const profile = parseProfile(profileWith(data));
          const [owner, admin, member] = ROLES.map((role) => scopesOfRole(profile, role));
          expect([owner, admin]).toEqual(['all', 'all']);
          expect(new Set(member)).toEqual(new Set(NAMES.filter((name) => !closed.includes(name))));
        },
      ),
    );
  });

  test('all roles hold all scopes if no scope administers', () => {
    const profile = parseProfile(profileWith(SCOPES));
    for (const role of ROLES) expect(scopesOfRole(profile, role)).toBe('all');
  });
});

test.each<[string, object, string]>([
  ['a grant', { scopes: [{ ...scope('a', [], ['a.use', 'a.use']), description: 'a' }] }, 'scopes.0.grants'],
  [
    'a scope of a role',
    { role_scopes: { owner: 'all', admin: ['a', 'a'], member: ['a'] } },
    'role_scopes.admin',
  ],
  ['a route', { routes: ['GET /a', 'POST /a', 'GET /a'] }, 'routes'],
  ['a public route', { public_routes: ['GET /a', 'GET /a'] }, 'public_routes'],
])('%s that is named twice is refused', (_, further, field) => {
  expect(complaint(profileWith([scope('a')], further))).toBe(
    `The profile's ${field} must be a list that names nothing twice.`,
  );
});

test.each(['constructor', 'prototype', '__proto__'])(
  'a plan that is called %s is refused, and not left out without a word',
  (plan) => {
    const plans = JSON.parse(`{"free": {"limit": 1, "window_seconds": 1}, "${plan}": {}}`);
    const limited = profileWith([scope('a')], { rate_limits: { default_plan: 'free', plans } });
    expect(complaint(limited)).toContain("The profile's rate_limits.plans must be an object of plans, none");
  },
);
