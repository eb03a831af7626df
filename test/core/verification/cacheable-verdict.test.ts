import { describe, expect, test } from '@jest/globals';
import { parseProfile } from '../../../core/profile/parse-profile.ts';
import {
  findCacheObstacle,
  findScopesReachingBeyond,
  grantedRoutes,
} from '../../../core/verification/cacheable-verdict.ts';
import { loadProfile } from '../../../lib/profile-file.ts';

const DATA = {
  name: 'library',
  realm: 'library',
  presentation: { kind: 'bearer' },
  api_key: { prefix: 'lib_', random_length: 30, checksum: true },
  issuing: { requires_name: false, requires_scopes: false },
  routes: ['* /books/**'],
};
const withData = (data: object) => parseProfile({ ...DATA, ...data });

describe('verdicts can be kept only where they depend on the credential and the source address alone', () => {
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

  test('a profile of one’s own may have scopes, roles and bcrypt, and MCP behind a guard', () => {
    const scopes = [{ name: 'all', description: 'Everything', grants: ['* /books/**'] }];
    const mcp = { path: '/mcp', public_methods: [], unauthorized_code: 401 };
    const api_key = { prefix: 'lib_', random_length: 40, checksum: false, stored_as: 'bcrypt' };
    expect(findCacheObstacle(withData({ scopes, mcp, api_key, inherits_role: true }))).toBeUndefined();
  });
});

describe('a policy may reach no route that its scopes do not grant', () => {
  const profile = withData({
    scopes: [
      { name: 'see', description: 'See', grants: ['GET /books/*'] },
      { name: 'lend', description: 'Lend', grants: ['GET /books/*/loans', 'POST /books/**'] },
    ],
    routes: ['GET /books/*', 'GET /books/*/loans', 'POST /books/**'],
  });

  test('a wildcard of IAM spans slashes, so `GET /books/*` reaches the loans, which another scope grants', () => {
    expect(findScopesReachingBeyond(profile, 'GET /books/{id}/loans')).toEqual(['see']);
  });

  test('and a path that is written with a slash inside a parameter reaches the other way', () => {
    expect(findScopesReachingBeyond(profile, 'GET /books/{id}')).toEqual(['lend']);
  });

  test('routes that no policy confuses are fine, whatever else there is', () => {
    expect(findScopesReachingBeyond(profile, 'POST /books')).toBeUndefined();
    expect(findScopesReachingBeyond(profile, 'POST /books/{id}')).toBeUndefined();
    expect(findScopesReachingBeyond(profile, 'DELETE /books/{id}')).toBeUndefined();
  });

  test('ANY is every method: one that reaches beyond is enough', () => {
    expect(findScopesReachingBeyond(profile, 'ANY /books/{id}/loans')).toEqual(['see']);
    expect(findScopesReachingBeyond(profile, 'ANY /shelves')).toBeUndefined();
  });

  test('without scopes, a route that the profile does not know may be reached by none either', () => {
    const plain = withData({ routes: ['GET /books/*'] });
    expect(findScopesReachingBeyond(plain, 'GET /books/{id}')).toBeUndefined();
    expect(findScopesReachingBeyond(plain, 'GET /books/{id}/loans')).toBe('all');
  });

  test('supertone’s own routes are none of them confused', () => {
    const { profile: supertone } = loadProfile('supertone');
    expect(supertone.routes.map((route) => findScopesReachingBeyond(supertone, route))).toEqual([
      undefined,
      undefined,
      undefined,
    ]);
  });
});

test('a credential whose scopes grant no route may call none', () => {
  const profile = withData({
    scopes: [
      { name: 'see', description: 'See', grants: ['* /books/**'] },
      { name: 'keys', description: 'Keys', grants: ['keyward.administer'] },
    ],
  });
  expect(grantedRoutes(profile, { kind: 'api_key', scopes: ['keys'] })).toEqual([]);
  expect(grantedRoutes(profile, { kind: 'api_key', scopes: 'all' })).toEqual(['* /books/**']);
});
