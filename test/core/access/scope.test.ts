import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import {
  type CredentialKind,
  covers,
  grantedPatterns,
  holdsAny,
  intersectScopes,
  isForKind,
  makeCatalogue,
  requirementOf,
  type ScopeDefinition,
  type Scopes,
} from '../../../core/access/scope.ts';

const define = (name: string, grants: string[], implies: string[] = []): ScopeDefinition => ({
  name,
  description: name,
  grants,
  implies,
});

const STANDARD = makeCatalogue([
  define('read', ['GET /users/**']),
  define('write', ['POST /users/**']),
  define('admin', ['DELETE /users/**', 'keyward.administer'], ['read', 'write']),
  define('root', [], ['admin']),
]);

const NAMES = ['a', 'b', 'c', 'd', 'e'] as const;
/** Any graph of implications, cycles and self-reference included. */
const catalogue = fc
  .tuple(...NAMES.map(() => fc.subarray([...NAMES])))
  .map((implied) => makeCatalogue(NAMES.map((name, index) => define(name, [`${name}.use`], implied[index]))));
const scopes: fc.Arbitrary<Scopes> = fc.oneof(
  fc.constant('all' as const),
  fc.subarray([...NAMES], { minLength: 1 }).map((names) => names as [string, ...string[]]),
);

describe('the implication of scopes', () => {
  test('reaches over any number of steps', () => {
    expect(STANDARD.closure.get('root')).toEqual(new Set(['root', 'admin', 'read', 'write']));
    expect(STANDARD.closure.get('read')).toEqual(new Set(['read']));
  });

  test('also works in a cycle, where each scope then implies all the others', () => {
    const cycle = makeCatalogue([define('a', [], ['b']), define('b', [], ['c']), define('c', [], ['a'])]);
    for (const name of ['a', 'b', 'c']) expect(cycle.closure.get(name)).toEqual(new Set(['a', 'b', 'c']));
  });

  test('is transitive', () => {
    fc.assert(
      fc.property(catalogue, ({ closure }) => {
        for (const [name, held] of closure) {
          expect(held.has(name)).toBe(true);
          for (const inner of held)
            for (const next of closure.get(inner) ?? []) expect(held.has(next)).toBe(true);
        }
      }),
    );
  });
});

describe('the check that one list of scopes covers another', () => {
  test('is reflexive and transitive', () => {
    fc.assert(
      fc.property(catalogue, scopes, scopes, scopes, (of, one, two, three) => {
        expect(covers(of, one, one)).toBe(true);
        if (covers(of, one, two) && covers(of, two, three)) expect(covers(of, one, three)).toBe(true);
      }),
      { numRuns: 1_000 },
    );
  });

  test('means that the covering list may do everything that the covered list may', () => {
    fc.assert(
      fc.property(catalogue, scopes, scopes, fc.constantFrom(...NAMES), (of, held, asked, name) => {
        fc.pre(covers(of, held, asked));
        const requirement = requirementOf(of, `${name}.use`);
        const grantedBy = requirement?.grantedBy ?? [];
        if (holdsAny(asked, grantedBy)) expect(holdsAny(held, grantedBy)).toBe(true);
      }),
      { numRuns: 1_000 },
    );
  });

  test('never accepts a list in place of “all”, not even a list of every scope', () => {
    fc.assert(
      fc.property(catalogue, (of) => {
        expect(covers(of, [...NAMES] as unknown as Scopes, 'all')).toBe(false);
        expect(covers(of, 'all', 'all')).toBe(true);
      }),
    );
  });

  test('takes only “all” for all scopes, and no other text, not even “none”', () => {
    for (const held of ['none', '', '*', 'read'])
      expect(holdsAny(held as unknown as Scopes, ['read', 'none'])).toBe(false);
    expect(holdsAny('all', ['read'])).toBe(true);
  });

  test('refuses scopes that are not defined', () => {
    expect(covers(STANDARD, ['root'], ['unknown'])).toBe(false);
    expect(covers(STANDARD, ['unknown'], ['unknown'])).toBe(false);
    expect(covers(STANDARD, ['__proto__'], ['read'])).toBe(false);
  });
});

describe('the scope that an action requires', () => {
  test.each([
    ['GET /users', { requiredScope: 'read', grantedBy: ['read', 'admin', 'root'] }],
    ['POST /users/{id}', { requiredScope: 'write', grantedBy: ['write', 'admin', 'root'] }],
    ['DELETE /users/{id}', { requiredScope: 'admin', grantedBy: ['admin', 'root'] }],
    ['keyward.administer', { requiredScope: 'admin', grantedBy: ['admin', 'root'] }],
    ['GET /elsewhere', undefined],
    ['read', undefined],
  ])('%s', (action, expected) => {
    expect(requirementOf(STANDARD, action)).toEqual(expected);
  });

  test('is the first that grants the action itself, never one that only implies such a scope', () => {
    const of = makeCatalogue([
      define('admin', [], ['read']),
      define('read', ['x.use']),
      define('other', ['x.*']),
    ]);
    expect(requirementOf(of, 'x.use')).toEqual({
      requiredScope: 'read',
      grantedBy: ['admin', 'read', 'other'],
    });
  });
});

test('“all” includes any scope, and a list includes exactly the scopes that it names', () => {
  expect(holdsAny('all', [])).toBe(true);
  expect(holdsAny(['read'], ['read', 'admin'])).toBe(true);
  expect(holdsAny(['read'], ['admin'])).toBe(false);
  expect(holdsAny(['read'], [])).toBe(false);
});

describe('the intersection of two lists of scopes', () => {
  test('holds exactly the scopes that both lists cover', () => {
    fc.assert(
      fc.property(catalogue, scopes, scopes, (of, one, two) => {
        const common = intersectScopes(of, one, two);
        if (common !== 'none') expect(covers(of, one, common) && covers(of, two, common)).toBe(true);
        for (const name of NAMES) {
          const isShared = covers(of, one, [name]) && covers(of, two, [name]);
          expect(common !== 'none' && covers(of, common, [name])).toBe(isShared);
        }
      }),
      { numRuns: 1_000 },
    );
  });

  test('leaves out scopes that are not defined', () => {
    expect(intersectScopes(STANDARD, ['__proto__'], ['root'])).toBe('none');
    expect(intersectScopes(STANDARD, ['unknown'], ['unknown'])).toBe('none');
  });
});

describe('a scope that only some kinds of credential may hold', () => {
  const of = makeCatalogue([
    define('read', ['x.list', 'x.write']),
    { ...define('write', ['x.write', 'PUT /x']), heldBy: ['personal_access_token'] },
    define('admin', ['x.delete'], ['read', 'write']),
  ]);

  test('reserves its actions for these kinds, even if other scopes grant or imply them', () => {
    const required = requirementOf(of, 'x.write');
    expect(required).toEqual({
      requiredScope: 'read',
      grantedBy: ['read', 'write', 'admin'],
      heldBy: ['personal_access_token'],
    });
    expect(required && isForKind(required, 'personal_access_token')).toBe(true);
    expect(required && isForKind(required, 'api_key')).toBe(false);
    expect(requirementOf(of, 'x.list')?.heldBy).toBeUndefined();
  });

  test('grants its patterns to no other kind', () => {
    const patterns = (kind: CredentialKind) => grantedPatterns(of, { kind, scopes: ['admin'] });
    expect(patterns('personal_access_token')).toContain('PUT /x');
    expect(patterns('api_key')).not.toContain('PUT /x');
    expect(patterns('api_key')).toContain('x.delete');
  });
});

test('granted patterns are exactly those of the held scopes and of what they imply', () => {
  fc.assert(
    fc.property(catalogue, scopes, (of, held) => {
      const patterns = grantedPatterns(of, { kind: 'api_key', scopes: held });
      expect(new Set(patterns).size).toBe(patterns.length);
      for (const name of NAMES) {
        const grantedBy = requirementOf(of, `${name}.use`)?.grantedBy ?? [];
        expect(patterns.includes(`${name}.use`)).toBe(holdsAny(held, grantedBy));
      }
    }),
  );
});
