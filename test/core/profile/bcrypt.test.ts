import { readFileSync } from 'node:fs';
import { expect, test } from '@jest/globals';
import { parseProfile } from '../../../core/profile/parse-profile.ts';
import { loadProfile } from '../../../lib/files/profile-file.ts';

const read = (name: string) => JSON.parse(readFileSync(loadProfile(name).path, 'utf8'));
const data = read('socialcrm');
const withKey = (key: object) => () => parseProfile({ ...data, api_key: { ...data.api_key, ...key } });
const withMcp = (mcp: object) => () => parseProfile({ ...data, mcp: { ...data.mcp, ...mcp } });

test('the profile of socialcrm parses, and says what its page says', () => {
  const profile = parseProfile(data);
  expect(profile).toMatchObject({
    apiKey: { storedAs: 'bcrypt', format: { prefix: 'sk_live_', randomLength: 32, hasChecksum: false } },
    lastUsed: 'every_call',
    publicRoutes: ['GET /api/mcp-app', 'GET /mcp.json'],
    mcp: { unauthorizedCode: -32001, wording: { expired: 'API key expired.' } },
  });
  expect(profile.scopes).toBeUndefined();
});

test('a profile without these settings keeps keys as SHA-256 and notes their use each minute', () => {
  const { stored_as: _, ...key } = data.api_key;
  const { last_used: __, ...profile } = data;
  expect(parseProfile({ ...profile, api_key: key })).toMatchObject({
    apiKey: { storedAs: 'sha256' },
    lastUsed: 'each_minute',
  });
});

test.each([
  [{ stored_as: 'md5' }, 'api_key.stored_as'],
  [{ random_length: 29 }, 'random_length must be at least 30'],
  [{ prefix: `${'a'.repeat(30)}_`, random_length: 42 }, 'first 72 characters'],
  [{ random_length: 59, checksum: true }, 'first 72 characters'],
])('keys that bcrypt would not protect are refused: %j', (key, named) => {
  expect(withKey(key)).toThrow(named);
});

test('keys of the longest text that bcrypt reads in full are accepted', () => {
  expect(withKey({ random_length: 64 })().apiKey.format.randomLength).toBe(64);
  expect(withKey({ random_length: 30 })().apiKey.format.randomLength).toBe(30);
});

test('a profile that counts every call may not say how often use is noted', () => {
  expect(() => parseProfile({ ...read('standard'), last_used: 'each_minute' })).toThrow('last_used');
  expect(() => parseProfile({ ...data, last_used: 'never' })).toThrow('last_used');
});

test.each([
  [{ wording: { missing: 'None.' } }, 'mcp.wording.invalid'],
  [{ wording: { ...data.mcp.wording, network: 'Wrong network.' } }, 'mcp.wording.network'],
  [{ public_methods: [], verified_by: 'authorizer' }, 'words the errors of MCP'],
])('wording that nobody would use is refused: %j', (mcp, named) => {
  expect(withMcp(mcp)).toThrow(named);
});

test.each([
  [['GET /mcp.json/**'], 'public_routes.0'],
  [['* /mcp.json'], 'public_routes.0'],
  [['POST /api/mcp-app'], 'MCP is posted to'],
])('public routes that would open more than themselves are refused: %j', (public_routes, named) => {
  expect(() => parseProfile({ ...data, public_routes })).toThrow(named);
});

test('a route cannot be both public and in need of a key', () => {
  const routes = ['GET /v1/**'];
  expect(() => parseProfile({ ...data, routes, public_routes: ['GET /v1/brands'] })).toThrow(
    'GET /v1/brands',
  );
});
