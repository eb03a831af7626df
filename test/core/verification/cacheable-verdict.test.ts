import { describe, expect, test } from '@jest/globals';
import { parseProfile } from '../../../core/profile/parse-profile.ts';
import {
  findCacheObstacle,
  findScopesReachingBeyond,
  grantedRoutes,
} from '../../../core/verification/cacheable-verdict.ts';
import { loadProfile } from '../../../lib/files/profile-file.ts';

const DATA = {
  name: 'library',
  realm: 'library',
  presentation: { kind: 'bearer' },
  api_key: { prefix: 'lib_', random_length: 30, checksum: true },
  issuing: { requires_name: false, requires_scopes: false },
  routes: ['* /books/**'],
};
const withData = (data: object) => parseProfile({ ...DATA, ...data });

describe('verdicts are cacheable only if they depend on the credential and the source address alone', () => {
  test.each([
    ['supertone', undefined],
    ['standard', 'its calls are counted'],
    ['socialcrm', 'it stamps the time of every call'],
    ['sophic', 'the header x-sophic-workspace, which API keys need not send'],
    ['supersonic-authorized', 'the headers Mcp-Method and Mcp-Name, which older clients of MCP do not send'],
  ])('profile %s: %s', (name, obstacle) => {
    const found = findCacheObstacle(loadProfile(name).profile);
    if (obstacle === undefined) expect(found).toBeUndefined();
    else expect(found).toContain(obstacle);
  });

  test('so a custom profile may have scopes, roles and bcrypt, and MCP behind a guard', () => {
    const scopes = [{ name: 'all', description: 'Everything', grants: ['* /books/**'] }];
    const mcp = { path: '/mcp', public_methods: [], unauthorized_code: 401 };
    const api_key = { prefix: 'lib_', random_length: 40, checksum: false, stored_as: 'bcrypt' };
    expect(findCacheObstacle(withData({ scopes, mcp, api_key, inherits_role: true }))).toBeUndefined();
  });
});

describe('a cached policy that would reach a route beyond its scopes is found', () => {
  const profile = withData({
    scopes: [
      { name: 'see', description: 'See', grants: ['GET /books/*'] },
      { name: 'lend', description: 'Lend', grants: ['GET /books/*/loans', 'POST /books/**'] },
    ],
    routes: ['GET /books/*', 'GET /books/*/loans', 'POST /books/**'],
  });

  test('when an IAM wildcard spans slashes: `GET /books/*` reaches the loans, which another scope grants', () => {
    expect(findScopesReachingBeyond(profile, 'GET /books/{id}/loans')).toEqual(['see']);
  });

  test('when a path parameter contains a slash: `GET /books/{id}` is then reached by the policy for the loans', () => {
    expect(findScopesReachingBeyond(profile, 'GET /books/{id}')).toEqual(['lend']);
  });

  test('and a route that no policy confuses is not reported', () => {
    expect(findScopesReachingBeyond(profile, 'POST /books')).toBeUndefined();
    expect(findScopesReachingBeyond(profile, 'POST /books/{id}')).toBeUndefined();
    expect(findScopesReachingBeyond(profile, 'DELETE /books/{id}')).toBeUndefined();
  });

  test('when a route for ANY method has one method that is reached', () => {
    expect(findScopesReachingBeyond(profile, 'ANY /books/{id}/loans')).toEqual(['see']);
    expect(findScopesReachingBeyond(profile, 'ANY /shelves')).toBeUndefined();
  });

  test('when a profile without scopes does not know the route', () => {
    const plain = withData({ routes: ['GET /books/*'] });
    expect(findScopesReachingBeyond(plain, 'GET /books/{id}')).toBeUndefined();
    expect(findScopesReachingBeyond(plain, 'GET /books/{id}/loans')).toBe('all');
  });

  test('and none of supertone’s own routes is reported', () => {
    const { profile: supertone } = loadProfile('supertone');
    expect(supertone.routes.map((route) => findScopesReachingBeyond(supertone, route))).toEqual([
      undefined,
      undefined,
      undefined,
    ]);
  });
});

test('a credential whose scopes grant no route may call no route', () => {
  const profile = withData({
    scopes: [
      { name: 'see', description: 'See', grants: ['* /books/**'] },
      { name: 'keys', description: 'Keys', grants: ['keyward.administer'] },
    ],
  });
  expect(grantedRoutes(profile, { kind: 'api_key', scopes: ['keys'] })).toEqual([]);
  expect(grantedRoutes(profile, { kind: 'api_key', scopes: 'all' })).toEqual(['* /books/**']);
});
