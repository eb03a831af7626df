import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import {
  isActionPattern,
  isRoutePattern,
  matchesAction,
  policyPaths,
} from '../../../core/access/action-pattern.ts';
import { anyText } from '../text/any-text.ts';

describe('a route pattern', () => {
  test.each([
    ['GET /users', 'GET /users', true],
    ['GET /users', 'POST /users', false],
    ['GET /users', 'GET /users/{id}', false],
    ['GET /users', 'GET /user', false],
    ['* /users', 'DELETE /users', true],
    ['GET /users/*', 'GET /users/{id}', true],
    ['GET /users/*', 'GET /users', false],
    ['GET /users/*', 'GET /users/', false],
    ['GET /users/*', 'GET /users/{id}/keys', false],
    ['GET /users/**', 'GET /users', true],
    ['GET /users/**', 'GET /users/{id}', true],
    ['GET /users/**', 'GET /users/{id}/keys', true],
    ['GET /users/**', 'GET /usersandmore', false],
    ['GET /users/**', 'GET /', false],
    ['GET /**', 'GET /users', true],
    ['* /users/*/keys', 'GET /users/{id}/keys', true],
    ['* /users/*/keys', 'GET /users/{id}/tokens', false],
    ['GET /users', 'get /users', false],
    ['GET /users', 'GET  /users', false],
  ])('%s covers %s: %s', (pattern, action, expected) => {
    expect(matchesAction(pattern, action)).toBe(expected);
  });
});

describe('a tool pattern', () => {
  test.each([
    ['records.list', 'records.list', true],
    ['records.list', 'records.lists', false],
    ['records.*', 'records.list', true],
    ['records.*', 'records', false],
    ['records.*', 'records.fields.list', false],
    ['records.**', 'records.fields.list', true],
    ['records.**', 'records', true],
    ['records.**', 'recordsets.list', false],
    ['records.list', 'GET /records.list', false],
    ['* /records/**', 'records.list', false],
    ['records.**', 'GET /records', false],
  ])('%s covers %s: %s', (pattern, action, expected) => {
    expect(matchesAction(pattern, action)).toBe(expected);
  });
});

const segment = fc.stringMatching(/^[a-z]{1,5}$/);
const path = fc.array(segment, { maxLength: 4 }).map((segments) => `/${segments.join('/')}`);

test('a closing ** covers its base and everything below it, and nothing beside it', () => {
  fc.assert(
    fc.property(path, path, segment, (base, below, more) => {
      fc.pre(base !== '/' && below !== '/');
      const pattern = `GET ${base}/**`;
      expect(matchesAction(pattern, `GET ${base}`)).toBe(true);
      expect(matchesAction(pattern, `GET ${base}${below}`)).toBe(true);
      expect(matchesAction(pattern, `GET ${base}${more}`)).toBe(false);
      expect(matchesAction(pattern, `POST ${base}`)).toBe(false);
    }),
  );
});

test('a pattern without a wildcard covers itself and nothing else', () => {
  const action = fc.oneof(
    path.map((each) => `GET ${each}`),
    segment.map((each) => `records.${each}`),
  );
  fc.assert(
    fc.property(action, action, (pattern, asked) => {
      expect(isActionPattern(pattern)).toBe(true);
      expect(matchesAction(pattern, asked)).toBe(pattern === asked);
    }),
  );
});

test.each([
  '',
  ' ',
  'GET users',
  'get /users',
  'GET /a b',
  'records.',
  '.list',
  'records..list',
  '**',
  '*',
  'a.*.b',
  'GET /a\n',
])('%j is no pattern', (text) => {
  expect(isActionPattern(text)).toBe(false);
});

test.each(['GET /users/**/keys', 'GET /**/', 'GET /users**', 'GET /a*'])(
  '%s is no pattern: its wildcard would be taken for letters',
  (text) => {
    expect(isActionPattern(text)).toBe(false);
  },
);

test('no text makes matching throw, and only routes are route patterns', () => {
  fc.assert(
    fc.property(anyText(), anyText(), (pattern, action) => {
      expect(typeof matchesAction(pattern, action)).toBe('boolean');
      if (isRoutePattern(pattern)) expect(isActionPattern(pattern)).toBe(true);
    }),
  );
});

test.each([
  ['GET /users', ['GET/users']],
  ['GET /users/{id}', ['GET/users/*']],
  ['GET /users/**', ['GET/users', 'GET/users/*']],
  ['GET /**', ['GET/', 'GET/*']],
])('%s is %j in a policy', (pattern, expected) => {
  expect(policyPaths(pattern)).toEqual(expected);
});

test('a policy names each method, because IAM would match `*` with a method and part of the path', () => {
  expect(policyPaths('* /team')).toEqual(expect.arrayContaining(['GET/team', 'DELETE/team']));
  expect(policyPaths('* /**').filter((resource) => resource.startsWith('*'))).toEqual([]);
});

test('the policy of a pattern covers every path that the pattern covers', () => {
  const asterisk = (resource: string) =>
    new RegExp(
      `^${resource
        .split('*')
        .map((part) => part.replaceAll(/[^\w/]/g, '\\$&'))
        .join('.*')}$`,
    );
  const patterns = fc.tuple(fc.constantFrom('GET', '*'), path, fc.constantFrom('', '/*', '/**'));
  fc.assert(
    fc.property(patterns, path, ([method, base, end], asked) => {
      const pattern = `${method} ${base === '/' ? end || '/' : base + end}`;
      fc.pre(isRoutePattern(pattern) && matchesAction(pattern, `GET ${asked}`));
      expect(policyPaths(pattern).some((resource) => asterisk(resource).test(`GET${asked}`))).toBe(true);
    }),
  );
});
