import { readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { parseProfile, readProfile } from '../../../core/profile/parse-profile.ts';
import { requirementFor } from '../../../core/verification/requirement.ts';
import { complaint } from './complaint.ts';

type Json = null | boolean | number | string | Json[] | { [name: string]: Json };

const source = readFileSync(new URL('../../../profiles/standard.json', import.meta.url), 'utf8');
const standard = () => JSON.parse(source) as { [name: string]: Json };

/** The profile with one value replaced, or left out. */
function withChange(path: readonly string[], value: Json | undefined): Json {
  const profile = standard();
  let parent: { [name: string]: Json } = profile;
  for (const name of path.slice(0, -1)) parent = parent[name] as { [name: string]: Json };
  const last = path.at(-1) ?? '';
  if (value === undefined) delete parent[last];
  else parent[last] = value;
  return profile;
}

/** Every field of the profile, the members of lists by their first. */
function fieldsOf(value: Json, path: readonly string[] = []): string[][] {
  if (value === null || typeof value !== 'object') return [[...path]];
  const entries = Array.isArray(value) ? Object.entries(value).slice(0, 1) : Object.entries(value);
  return [
    ...(path.length > 0 ? [[...path]] : []),
    ...entries.flatMap(([name, inner]) => fieldsOf(inner, [...path, name])),
  ];
}

const FIELDS = fieldsOf(standard()).map((path) => ({ field: path.join('.'), path }));
const OPTIONAL = [
  'scopes',
  'role_scopes',
  'rate_limits',
  'rate_limits.plans.pro',
  'rate_limits.plans.enterprise',
];

test('the standard profile parses, and says what its page says', () => {
  const profile = parseProfile(standard());
  expect(profile.scopes?.closure.get('admin')).toEqual(new Set(['admin', 'read:all', 'write:all']));
  expect(profile.rateLimits?.plans.enterprise).toEqual({ limit: 6_000, windowSeconds: 60 });
  const scopeFor = (action: string) => {
    const requirement = requirementFor(profile, action);
    return typeof requirement === 'string' ? requirement : requirement.requiredScope;
  };
  expect(scopeFor('GET /users')).toBe('read:all');
  expect(scopeFor('PATCH /projects/{id}')).toBe('write:all');
  expect(scopeFor('DELETE /users/{id}')).toBe('admin');
  for (const method of ['GET', 'POST', 'PUT', 'PATCH', 'DELETE']) {
    expect([scopeFor(`${method} /team`), scopeFor(`${method} /billing`)]).toEqual(['admin', 'admin']);
  }
  expect(scopeFor('GET /elsewhere')).toBe('none');
});

describe('a profile is refused with a sentence that names the field', () => {
  test.each(FIELDS)('when $field has the wrong type', ({ field, path }) => {
    // A role's scopes are one thing or another, so that no one member of the list is to blame.
    const named = field.replace(/^(role_scopes\.\w+).*/, '$1');
    for (const wrong of [null, 42.5, 'No such THING"\n', [{}], { a: 1 }]) {
      const message = complaint(withChange(path, wrong));
      expect(message).toMatch(/^The profile's [\w.]+ must be ["a-z][^\n]*\.$/);
      expect(message.replaceAll(/['"]/g, '')).toContain(`profiles ${named}`);
      expect(message).not.toMatch(/Invalid|undefined|received/);
    }
  });

  test.each(
    FIELDS.filter(({ field }) => !OPTIONAL.includes(field) && !/\.\d+$|implies|^console/.test(field)),
  )('when $field is left out', ({ field, path }) => {
    // A scope is looked for under its name, a plan under its own: leaving one of several out is no fault of shape.
    if (field === 'rate_limits.plans.free')
      return expect(complaint(withChange(path, undefined))).toContain('free');
    // A profile that only serves MCP has none, so leaving them out is judged by what is granted.
    if (field === 'routes')
      return expect(complaint(withChange(path, undefined))).toContain('not among its routes');
    expect(complaint(withChange(path, undefined))).toMatch(new RegExp(`^The profile's ${field}\\b`));
  });

  test.each([
    'color',
    'api_key.color',
    'presentation.color',
    'issuing.color',
    'scopes.0.color',
    'role_scopes.guest',
    'rate_limits.color',
    'rate_limits.plans.free.color',
  ])('when there is an unknown field %s', (field) => {
    expect(complaint(withChange(field.split('.'), 'red'))).toMatch(
      new RegExp(`^The profile's ${field} must be left out`),
    );
  });
});

describe('a misspelt word of a profile is answered with the word that was meant', () => {
  const rest = { path: '/mcp', unauthorized_code: 401 };
  test.each<[string[], Json, string]>([
    [['api_key', 'stored_as'], 'bcrpyt', '"sha256" or "bcrypt" (did you mean bcrypt?)'],
    [['last_used'], 'each_minut', '"every_call" or "each_minute" (did you mean each_minute?)'],
    [['presentation', 'kind'], 'baerer', '"bearer" or "header" (did you mean bearer?)'],
    [['scopes', '0', 'held_by'], ['apikey'], '"api_key" or "personal_access_token" (did you mean api_key?)'],
    [['role_scopes', 'member'], 'al', '"all" or a list of at least one scope name (did you mean all?)'],
    [
      ['mcp'],
      { ...rest, public_methods: [], verified_by: 'guad' },
      '"guard" or "authorizer" (did you mean guard?)',
    ],
    [
      ['mcp'],
      { ...rest, public_methods: ['pings'] },
      'one of initialize, ping, server/discover or a method that starts with notifications/ (did you mean ping?)',
    ],
  ])('%s: %j', (path, word, hint) => {
    expect(complaint(withChange(path, word))).toMatch(/^The profile's [\w.]+ must be /);
    expect(complaint(withChange(path, word))).toContain(` must be ${hint}.`);
  });
});

describe('a profile is refused', () => {
  test.each<[string, string[], Json, string]>([
    ['implies a scope that is not defined', ['scopes', '2', 'implies', '0'], 'read:some', 'read:some'],
    ['gives a role a scope that is not defined', ['role_scopes', 'member', '0'], 'delete:all', 'delete:all'],
    ['defines a scope twice', ['scopes', '1', 'name'], 'read:all', 'twice'],
    ['has a default plan that is none of its plans', ['rate_limits', 'default_plan'], 'gold', 'gold'],
    [
      'has a default plan by the name of an inherited property',
      ['rate_limits', 'default_plan'],
      'constructor',
      'constructor',
    ],
    [
      'calls a scope what would break out of a response',
      ['scopes', '0', 'name'],
      'read"all',
      'scopes.0.name',
    ],
    [
      'issues keys that look like sessions',
      ['api_key', 'prefix'],
      'kws_',
      'The prefix kws_ is that of sessions.',
    ],
    [
      'issues keys that look like links',
      ['api_key', 'prefix'],
      'kwl_',
      'The prefix kwl_ is that of links into the console.',
    ],
    ['calls its realm what would break out of a header', ['realm'], 'a"b', 'realm'],
    [
      'takes its key from a header that others own',
      ['presentation'],
      { kind: 'header', header: 'cookie' },
      'presentation.header',
    ],
    ['asks for fewer than 128 random bits', ['api_key', 'random_length'], 21, 'random_length'],
    ['writes a wildcard where it is none', ['scopes', '0', 'grants', '0'], 'GET /us*', 'scopes.0.grants.0'],
    [
      'gives a role an empty list',
      ['role_scopes', 'member'],
      [],
      'role_scopes.member must be a list of at least one scope name.',
    ],
    [
      'misspells one of the scopes of a role',
      ['role_scopes', 'member', '1'],
      'Write:all',
      'role_scopes.member.1 must be a scope name without "W"',
    ],
    [
      'says in an empty list who holds a scope',
      ['scopes', '0', 'held_by'],
      [],
      'scopes.0.held_by must be a list of at least one kind of credential.',
    ],
    [
      'presents a credential in no way that there is',
      ['presentation'],
      'bearer',
      'presentation must be an object whose kind is "bearer" or "header".',
    ],
  ])('that %s', (_, path, value, named) => {
    expect(complaint(withChange(path, value))).toContain(named);
  });

  test('if it requires scopes and defines none', () => {
    const { scopes, role_scopes, ...profile } = standard();
    expect([scopes, role_scopes]).not.toContain(undefined);
    expect(complaint(profile)).toBe('The profile requires scopes but defines none.');
  });
});

test('no data makes reading a profile throw, and every sentence about a mistake is in our own words', () => {
  const parts = FIELDS.map(({ path }) => path);
  const changes = fc
    .tuple(fc.constantFrom(...parts), fc.jsonValue())
    .map(([path, value]) => withChange(path, value as Json));
  fc.assert(
    fc.property(fc.oneof(fc.jsonValue(), fc.anything(), changes), (data) => {
      const read = readProfile(data);
      for (const { sentence } of read.kind === 'mistakes' ? read.mistakes : [])
        expect(sentence).not.toMatch(/Invalid|received/);
    }),
    { numRuns: 500 },
  );
});
