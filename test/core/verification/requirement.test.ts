import { describe, expect, test } from '@jest/globals';
import { requirementFor } from '../../../core/verification/requirement.ts';
import { loadProfile } from '../../../lib/files/profile-file.ts';

/** It has MCP, and credentials without scopes. */
const { profile } = loadProfile('socialcrm');

describe('where credentials carry no scopes', () => {
  test('any credential may call a tool', () => {
    expect(requirementFor(profile, 'brands.list')).toBe('any');
  });

  test.each([
    ['a route that the profile does not have', 'GET /nowhere'],
    ['the route $default of an HTTP API, which has no path', 'GET '],
    ['a method that the profile cannot name', 'M-SEARCH /nowhere'],
    ['a path with a blank', 'GET /a b'],
    ['nothing', ''],
  ])('nobody may call %s', (_, action) => {
    expect(requirementFor(profile, action)).toBe('none');
  });
});
