import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { createRouteFinder } from '../../../core/access/path-route.ts';

describe('the route of a path', () => {
  const find = createRouteFinder([
    'GET /',
    'GET /users/{id}',
    'GET /users/me',
    'GET /users/*/keys',
    '* /files/**',
    'GET /pages/{all+}',
    'records.*',
  ]);

  test.each([
    ['/', 'GET /'],
    ['/users/17', 'GET /users/{id}'],
    ['/users/me', 'GET /users/me'],
    ['/users/me%20too', 'GET /users/{id}'],
    ['/users/17/keys', 'GET /users/17/keys'],
    ['/files', 'GET /files'],
    ['/files/a/b', 'GET /files/a/b'],
    ['/files/my report ü', 'GET /files/my%20report%20ü'],
    ['/pages/a/b', 'GET /pages/{all+}'],
  ])('%s is %s: fixed parts win over parameters, and these over wildcards', (path, route) => {
    expect(find('GET', path)).toBe(route);
  });

  test.each([
    '/users',
    '/users/17/tokens',
    '/pages',
    '/filesystem',
    '/records.list',
    '/users/{id}',
    '/users/Me',
  ])('%s is none of the routes', (path) => {
    expect(find('GET', path)).toBeUndefined();
  });

  test('is looked for among the routes of the same method, or of any', () => {
    expect(find('DELETE', '/files/a')).toBe('DELETE /files/a');
    expect(find('DELETE', '/users/17')).toBeUndefined();
  });
});

/** What routers may do to a path before they look for its route. */
const HABITS: readonly ((path: string) => string)[] = [
  (path) => path.replaceAll(/\/{2,}/g, '/'),
  (path) => path.replace(/(?<=.)\/+$/, ''),
  (path) => path.replaceAll('\\', '/'),
  (path) => path.replaceAll(/;[^/]*/g, ''),
  (path) => path.replace(/[?#].*$/, ''),
  (path) => path.toLowerCase(),
  (path) => path.normalize('NFKC'),
  (path) => path.replaceAll(/\s+(?=\/|$)|(?<=\/)\s+/g, ''),
  (path) => path.toUpperCase().toLowerCase(),
  (path) => {
    try {
      return decodeURIComponent(path);
    } catch {
      return path;
    }
  },
  (path) => (path.startsWith('/') ? new URL(`http://host${path.replace(/^\/+/, '/')}`).pathname : path),
];

const FIXED = ['/', '/users', '/users/me', '/users/me/keys', '/admin', '/admin/keys'];

test('a path that a freer router could take for a fixed route is that route, or none', () => {
  const find = createRouteFinder([...FIXED.map((path) => `GET ${path}`), 'GET /users/{id}', 'GET /{page}']);
  const part = fc.oneof(
    fc.constantFrom(
      'users',
      'me',
      'admin',
      'keys',
      'Users',
      'ME',
      '',
      '.',
      '..',
      '%2e',
      '%2E%2e',
      'a;b',
      'me;x',
    ),
    fc.constantFrom(
      '%75sers',
      'me ',
      '%20me',
      'admin%E2%80%83',
      '\uff4de',
      '\u00fc',
      '%2575sers',
      'me%2F',
      'users%2fme',
      '%5c',
      '\\',
      'me?',
      'me#',
      'Keys',
      'ſ',
      'K',
    ),
    fc.string({ maxLength: 3 }),
  );
  const path = fc.array(part, { maxLength: 4 }).map((parts) => `/${parts.join('/')}`);
  fc.assert(
    fc.property(path, fc.array(fc.constantFrom(...HABITS), { maxLength: 4 }), (asked, habits) => {
      const read = habits.reduce((text, habit) => habit(text), asked);
      const route = find('GET', asked);
      if (route === undefined || !FIXED.includes(read)) return;
      expect(route).toBe(`GET ${read}`);
    }),
    { numRuns: 3000 },
  );
});
