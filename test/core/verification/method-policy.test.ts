import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { makeMethodPolicy } from '../../../core/verification/method-policy.ts';
import { matchesWildcard } from '../../../local/wildcard.ts';

const API = 'arn:aws:execute-api:us-east-1:123456789012:a1b2c3d4e5';
const arnOf = (path: string, method = 'GET') => `${API}/live/${method}${path}`;

/** As a policy writes it. */
const VARIABLE = ['$', '{aws:username}'].join('');

function policyOf(path: string) {
  const policy = makeMethodPolicy(arnOf(path));
  if (policy === undefined) throw new Error(`No policy for ${path}.`);
  return policy;
}

function allows(path: string, called: string): boolean {
  const { allow, deny } = policyOf(path);
  return matchesWildcard(allow, called) && !deny.some((pattern) => matchesWildcard(pattern, called));
}

/** An API that confuses as easily as one can: fixed parts beside parameters, of the shortest names. */
const RESOURCES = [
  '/',
  '/a',
  '/{p}',
  '/a/b',
  '/a/{p}',
  '/{p}/b',
  '/{p}/{q}',
  '/a/b/c',
  '/a/{p}/c',
  '/{p}/{q}/{r}',
];

/** The resource that a path leads to, the most specific first; read once as it is and once decoded. */
function resourceOf(path: string): string | undefined {
  const parts = path.split('/').slice(1);
  const ranked = RESOURCES.filter((resource) => {
    const declared = resource.split('/').slice(1);
    if (path === '/' || resource === '/') return path === resource;
    return (
      declared.length === parts.length &&
      declared.every((part, at) => (part.startsWith('{') ? parts[at] !== '' : part === parts[at]))
    );
  });
  return ranked.sort((one, other) => rankOf(one).localeCompare(rankOf(other)))[0];
}
const rankOf = (resource: string) => resource.replaceAll(/\{\w\}/g, '~').replaceAll(/[a-z]+/g, '0');
const decoded = (path: string) => {
  try {
    return path.split('/').map(decodeURIComponent).join('/');
  } catch {
    return path;
  }
};

describe('the policy of one request', () => {
  test('names the method that was called and nothing more', () => {
    for (const path of [
      '/',
      '/users',
      '/users/',
      '/users/user-1',
      '/users/a%2Fb',
      '//users',
      '/users/..',
      '/$',
      '/{x}',
    ])
      expect(policyOf(path)).toEqual({ allow: arnOf(path), deny: [] });
  });

  const piece = fc.constantFrom(
    'a',
    'b',
    'c',
    '*',
    '?',
    '${',
    VARIABLE,
    '}',
    '%',
    '61',
    '%2F',
    '%61',
    ';',
    '/',
    '.',
    'é',
  );
  const path = fc.array(piece, { maxLength: 7 }).map((pieces) => `/${pieces.join('')}`);

  /** Two paths, often so alike that the policy of one lets the other through. */
  const twoPaths = path.chain((called) => {
    const alike = fc.constantFrom('?', 'é', '~').map((other) => called.replaceAll('*', other));
    return fc.tuple(fc.constant(called), fc.oneof(path, alike));
  });

  test('lets the request through, whatever its path is', () => {
    fc.assert(
      fc.property(path, (called) => allows(called, arnOf(called))),
      { numRuns: 500 },
    );
  });

  test('lets nothing through that leads to another resource, whatever wildcard is in the path', () => {
    let wide = 0;
    fc.assert(
      fc.property(twoPaths, ([called, other]) => {
        fc.pre(resourceOf(called) !== undefined);
        if (!allows(called, arnOf(other))) return;
        if (called !== other) wide += 1;
        expect([other, resourceOf(other)]).toEqual([other, resourceOf(called)]);
        expect([other, resourceOf(decoded(other))]).toEqual([other, resourceOf(decoded(called))]);
      }),
      { numRuns: 2_000 },
    );
    expect(wide).toBeGreaterThan(0);
  });

  test.each([
    ['/users/m*', '/users/me'],
    ['/users/m*', '/users/m/'],
    ['/users/**', '/users/m/'],
    ['/users/*65', '/users/%65'],
    ['/users/*', '/users/a'],
    ['/users/m?', '/users/me'],
    ['/users/*/keys', '/users/x/keys'],
    [`/users/${VARIABLE}`, '/users/x{aws:username}'],
  ])('of %s does not reach %s', (called, other) => {
    expect(allows(called, arnOf(called))).toBe(true);
    expect(allows(called, arnOf(other))).toBe(false);
    expect(allows(called, arnOf(called, 'DELETE'))).toBe(false);
  });

  test('holds no variable of a policy and no more than 512 characters in a resource', () => {
    const long = fc.array(
      fc.oneof(piece, fc.string({ minLength: 40, maxLength: 400, unit: 'grapheme-ascii' })),
      { maxLength: 6 },
    );
    fc.assert(
      fc.property(long, (pieces) => {
        const called = arnOf(`/${pieces.join('')}`);
        const policy = makeMethodPolicy(called);
        for (const resource of policy ? [policy.allow, ...policy.deny] : []) {
          expect(resource.length).toBeLessThanOrEqual(512);
          expect(resource).not.toContain('${');
        }
      }),
      { numRuns: 100 },
    );
  });
});

describe('a path that is too long for an IAM policy', () => {
  const id = (length: number) => 'u'.repeat(length);

  test('is shortened within its long parts, and the policy still reaches no other resource', () => {
    const path = `/v1/workspaces/acme/members/${id(900)}`;
    expect(allows(path, arnOf(path))).toBe(true);
    expect(allows(path, arnOf(`${path}/tokens`))).toBe(false);
    expect(allows(path, arnOf(`/v1/workspaces/acme/members/${id(100)}`))).toBe(true);
    expect(allows(path, arnOf('/v1/workspaces/acme/members/usr_1'))).toBe(false);
    expect(allows(path, arnOf(`/v1/workspaces/other/members/${id(900)}`))).toBe(false);
    const two = `/v1/${id(300)}/x/${id(300)}/y`;
    expect(allows(two, arnOf(two))).toBe(true);
    for (const other of [`/v1/${id(300)}/q/x/${id(300)}/y`, `/v1/${id(300)}/x/${id(300)}/q/y`])
      expect(allows(two, arnOf(other))).toBe(false);
  });

  test('has no policy if shortening does not help', () => {
    expect(makeMethodPolicy(arnOf('/part'.repeat(95)))).toBeUndefined();
    expect(makeMethodPolicy(arnOf('/part'.repeat(80)))).toBeDefined();
  });
});
