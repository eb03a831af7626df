import { readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import { parseProfile, readProfile } from '../../../core/profile/parse-profile.ts';
import { requirementFor } from '../../../core/verification/requirement.ts';
import { loadProfile } from '../../../lib/files/profile-file.ts';

/** Its console names a tool, and would have mistakes of its own. */
const { console: _, ...data } = JSON.parse(readFileSync(loadProfile('supersonic').path, 'utf8'));
const withMcp = (mcp: object) => () => parseProfile({ ...data, mcp: { ...data.mcp, ...mcp } });

describe('what a profile says about MCP', () => {
  test.each([
    [{ path: 'api' }, 'mcp.path'],
    [{ path: '/api/{proxy+}' }, 'mcp.path'],
    [{ public_methods: ['tools/list'] }, 'left out, since only callers with a key may list or call tools.'],
    [{ tools: 'records.list' }, 'mcp.tools must be a list of at least one tool.'],
    [{ tools: [] }, 'mcp.tools must be a list of at least one tool.'],
    [{ public_methods: ['tools/call'] }, 'mcp.public_methods'],
    [{ public_methods: ['resources/list'] }, 'mcp.public_methods'],
    [{ unauthorized_code: 'x' }, 'mcp.unauthorized_code'],
    [{ verified_by: 'nobody' }, 'mcp.verified_by'],
    [{ batches: true }, 'mcp.batches'],
    [{ verified_by: 'authorizer', public_methods: ['ping'] }, 'public methods'],
  ])('is refused at synth where it could not be enforced: %j', (mcp, named) => {
    expect(withMcp(mcp)).toThrow(named);
  });

  test('may make public those methods that neither list nor call tools', () => {
    const methods = ['initialize', 'notifications/initialized', 'ping', 'server/discover'];
    expect(withMcp({ public_methods: methods })().mcp?.publicMethods).toEqual(methods);
  });

  test('may replace routes, and one of the two must be there', () => {
    expect(parseProfile(data).routes).toEqual([]);
    const { mcp: _, ...neither } = data;
    expect(() => parseProfile(neither)).toThrow('neither routes nor mcp');
  });
});

describe('the list of tools', () => {
  const scopes = [{ name: 'records', description: 'Records', grants: ['records.list', 'records.get.*'] }];
  const withTools = (tools: readonly string[], further: object = {}) => {
    const mcp = { ...data.mcp, tools };
    return () => parseProfile({ ...data, scopes, mcp, ...further });
  };

  test('must agree with the scopes, as routes must', () => {
    expect(withTools(['records.list', 'records.get.one'])().mcp?.tools).toHaveLength(2);
    expect(withTools(['records.list'])).toThrow('grants records.get.*, which is not among its mcp.tools');
    expect(withTools(['records.get.one', 'records.lits'])).toThrow(
      'grants records.list, which is not among its mcp.tools; did you mean records.lits?',
    );
    expect(withTools(['records.list', 'records.get.one', 'lists.list'])).toThrow(
      'has the tool lists.list, but no scope grants it',
    );
  });

  test.each([
    ['records.lst', ['records.list', 'records.get.one'], 'records.list'],
    ['recrods.*', ['records.list', 'records.find', 'records.get.one'], 'records.list'],
  ])('hints at what the grant %s was meant for, and tells it once', (grant, tools, meant) => {
    const own = [{ name: 'records', description: 'Records', grants: [grant, 'records.get.*'] }];
    const read = readProfile({ ...data, scopes: own, mcp: { ...data.mcp, tools } });
    expect(read).toMatchObject({
      mistakes: [{ kind: 'disagreement', sentence: expect.stringContaining(`; did you mean ${meant}?`) }],
    });
  });

  test.each([[['GET /users']], [['records.*']], [[]], [['a', 'a']], [['keyward.administer']]])(
    'takes names of tools and nothing else: %j',
    (tools) => {
      expect(withTools(tools, { scopes: undefined })).toThrow('tool');
    },
  );

  test('is complete: a tool that is not in the list is refused to everybody, even if a scope grants it', () => {
    const listed = withTools(['records.list', 'records.get.one'])();
    expect(requirementFor(listed, 'records.list')).toMatchObject({ requiredScope: 'records' });
    expect(requirementFor(listed, 'records.get.two')).toBe('none');
    const unscoped = withTools(['records.list'], { scopes: undefined })();
    expect([requirementFor(unscoped, 'records.list'), requirementFor(unscoped, 'records.get')]).toEqual([
      'any',
      'none',
    ]);
  });
});

describe('what a tool requires', () => {
  const { scopes: _, ...unscoped } = data;

  test('is the first scope that grants it, and nobody may call a tool that no scope grants', () => {
    const profile = parseProfile(data);
    expect(requirementFor(profile, 'contacts.classify')).toMatchObject({ requiredScope: 'graph' });
    expect(requirementFor(profile, 'contacts.delete')).toBe('none');
    expect(requirementFor(profile, 'records.fields.list')).toMatchObject({ requiredScope: 'records' });
  });

  test('is any valid credential if the profile has no scopes, except for administering keys', () => {
    const profile = parseProfile(unscoped);
    expect(requirementFor(profile, 'brands.list')).toBe('any');
    expect(requirementFor(profile, 'GET /brands')).toBe('none');
    expect(requirementFor(profile, 'keyward.administer')).toBe('none');
    const { profile: supertone } = loadProfile('supertone');
    expect(requirementFor(supertone, 'brands.list')).toBe('none');
  });
});
