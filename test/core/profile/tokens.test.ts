import { readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import { parseProfile } from '../../../core/profile/parse-profile.ts';
import { credentialTypesOf } from '../../../core/profile/profile.ts';
import { readNamedWorkspace } from '../../../core/verification/presentation.ts';
import { mayDo, requirementFor } from '../../../core/verification/requirement.ts';
import { loadProfile } from '../../../lib/files/profile-file.ts';
import { PRINCIPAL } from '../verification/stored-secrets.ts';

const data = JSON.parse(readFileSync(loadProfile('sophic').path, 'utf8'));
const profile = parseProfile(data);
const TOKENS = data.personal_access_tokens;

test('sophic takes two kinds of credential, whose texts differ by their prefixes', () => {
  const prefixes = credentialTypesOf(profile).map(({ kind, format }) => [kind, format.prefix]);
  expect(prefixes).toEqual([
    ['api_key', 'sophic_key_'],
    ['personal_access_token', 'sophic_pat_'],
  ]);
  expect(credentialTypesOf(loadProfile('standard').profile)).toHaveLength(1);
});

test('a token may do everything that a key may; no key may do what is reserved for tokens, whatever its scopes', () => {
  const key = { ...PRINCIPAL, scopes: 'all' as const };
  const token = { ...key, kind: 'personal_access_token' as const };
  for (const action of ['GET /api/v1/documents', 'documents.grep', 'keyward.administer'])
    expect([mayDo(profile, key, action), mayDo(profile, token, action)]).toEqual([true, true]);
  for (const action of ['POST /api/ingest/cli', 'capture'])
    expect([mayDo(profile, key, action), mayDo(profile, token, action)]).toEqual([false, true]);
  expect(mayDo(profile, { ...token, scopes: ['admin'] }, 'capture')).toBe(false);
  expect(requirementFor(profile, 'documents.delete.all')).toBe('none');
});

describe('a profile with tokens is refused with a sentence', () => {
  const rateLimits = { default_plan: 'free', plans: { free: { limit: 1, window_seconds: 60 } } };
  test.each<[object, string]>([
    [{ rate_limits: rateLimits }, 'no rate limit can bound'],
    [{ personal_access_tokens: { ...TOKENS, prefix: 'sophic_key_' } }, 'the same prefix'],
    [{ personal_access_tokens: { ...TOKENS, prefix: 'kwm_' } }, 'that of management keys'],
    [{ personal_access_tokens: { ...TOKENS, workspace_header: 'authorization' } }, 'workspace_header'],
    [{ personal_access_tokens: { ...TOKENS, random_length: 21 } }, 'random_length'],
    [{ personal_access_tokens: { ...TOKENS, lifetime: 5 } }, 'lifetime'],
    [{ personal_access_tokens: undefined }, 'scope capture is held by personal access tokens only'],
    [
      { presentation: { kind: 'header', header: 'x-sophic-workspace' } },
      'cannot hold a credential and a workspace',
    ],
    [{ scopes: data.scopes.map((scope: object) => ({ ...scope, held_by: ['person'] })) }, 'held_by'],
    [{ scopes: data.scopes.map((scope: object) => ({ ...scope, held_by: [] })) }, 'held_by'],
  ])('that says %j', (change, named) => {
    expect(() => parseProfile({ ...data, ...change })).toThrow(named);
  });
});

describe('the workspace that a request names', () => {
  const named = (headers: Record<string, string[]>) => readNamedWorkspace(profile, headers);

  test('is the value of the profile’s header, in any upper or lower case', () => {
    expect(named({ 'X-Sophic-Workspace': ['acme'] })).toBe('acme');
    expect(named({ 'x-sophic-workspace': ['not a slug'] })).toBe('not a slug');
    expect(named({ 'x-workspace': ['acme'] })).toBeUndefined();
  });

  test('is unknown if the header is repeated, and is not read if the profile has no tokens', () => {
    expect(named({ 'x-sophic-workspace': ['acme', 'acme'] })).toBe('acme, acme');
    expect(named({ 'x-sophic-workspace': ['acme'], 'X-SOPHIC-WORKSPACE': ['other'] })).toBe('acme, other');
    const headers = { 'x-sophic-workspace': ['acme'] };
    expect(readNamedWorkspace(loadProfile('standard').profile, headers)).toBeUndefined();
  });
});
