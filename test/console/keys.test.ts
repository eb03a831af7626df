import { describe, expect, test } from '@jest/globals';
import type { ApiKey } from '../../console/api/records.ts';
import type { ConsoleConfig } from '../../console/config.ts';
import { expiryTime, readExpiry } from '../../console/keys/expiry.ts';
import {
  changeOf,
  checkDraft,
  describeChange,
  describeDraft,
  draftOfKey,
  networkOf,
  newKeyOf,
} from '../../console/keys/key-draft.ts';
import { matchesFilter, NO_FILTER } from '../../console/keys/key-filter.ts';
import { rightsOn } from '../../console/keys/key-rights.ts';
import { describeOldSecret, looksLike, needsOldSecret } from '../../console/keys/key-words.ts';
import { offerScopes, scopesOfPreset } from '../../console/keys/scope-choice.ts';

const NOW = Date.parse('2026-11-28T12:00:00Z');
const KEY: ApiKey = {
  id: 'key_1',
  kind: 'api_key',
  workspace: 'acme',
  name: 'ci-pipeline',
  description: null,
  external_id: null,
  start: 'kw_live_ab12',
  scopes: ['read:all'],
  role: null,
  status: 'active',
  created_at: '2026-08-01T12:00:00Z',
  created_by: 'usr_1',
  expires_at: null,
  last_used_at: null,
  previous_secret: null,
  revoked_at: null,
  allowed_cidrs: [],
  rate_limit: null,
  plan: null,
};
const CATALOGUE = [
  { name: 'read:all', description: 'Reads', implies: [] },
  { name: 'write:all', description: 'Writes', implies: [] },
  { name: 'admin', description: 'All', implies: ['read:all', 'write:all'] },
];
const CONFIG = {
  read_only_scopes: ['read:all'],
  features: {
    name_required: true,
    scopes_required: true,
    scopes: true,
    empty_scopes_mean_all: false,
    roles: false,
    role_scopes: { owner: 'all', admin: 'all', member: ['read:all', 'write:all'] },
    invitations: true,
    token_only_scopes: [],
  },
} as unknown as ConsoleConfig;

describe('the list shows the keys that were asked for', () => {
  const matches = (key: Partial<ApiKey>, filter: Partial<typeof NO_FILTER>) =>
    matchesFilter(
      { ...KEY, ...key },
      { ...NO_FILTER, ...filter },
      { now: NOW, members: new Map([['usr_1', null]]) },
    );

  test('by a part of the name, the start or the id, in any case', () => {
    expect(matches({}, { search: 'PIPE' })).toBe(true);
    expect(matches({ name: null }, { search: 'live_ab' })).toBe(true);
    expect(matches({}, { search: 'other' })).toBe(false);
  });

  test('unused for 30 days counts from the last use, or from when it was made', () => {
    expect(matches({}, { isUnused: true })).toBe(true);
    expect(matches({ last_used_at: '2026-11-20T12:00:00Z' }, { isUnused: true })).toBe(false);
    expect(matches({ created_at: '2026-11-20T12:00:00Z' }, { isUnused: true })).toBe(false);
    expect(matches({ status: 'revoked' }, { isUnused: true })).toBe(false);
  });

  test('expires within 14 days leaves out what has ended', () => {
    expect(matches({ expires_at: '2026-12-05T12:00:00Z' }, { isExpiring: true })).toBe(true);
    expect(matches({ expires_at: '2026-12-25T12:00:00Z' }, { isExpiring: true })).toBe(false);
    expect(matches({ expires_at: '2026-11-05T12:00:00Z', status: 'expired' }, { isExpiring: true })).toBe(
      false,
    );
  });

  test('a key whose maker has left is found, and a key with every scope matches each of them', () => {
    expect(matches({ created_by: 'usr_2' }, { maker: 'usr_2' })).toBe(true);
    expect(matches({}, { maker: 'usr_2' })).toBe(false);
    expect(matches({ created_by: 'usr_2' }, { isOrphaned: true })).toBe(true);
    expect(matches({}, { isOrphaned: true })).toBe(false);
    expect(matches({ scopes: [] }, { scope: 'admin' })).toBe(true);
  });
});

describe('the form offers what the API takes', () => {
  test('a member is offered what the role may grant, and told why not the rest', () => {
    const offer = offerScopes(CONFIG, { catalogue: CATALOGUE, role: 'member' });
    expect(offer.scopes.map(({ name }) => name)).toEqual(['read:all', 'write:all']);
    expect(offer.withheld).toEqual([{ scope: CATALOGUE[2], reason: 'Your role, member, cannot grant it.' }]);
    expect(scopesOfPreset('everything', { offer, chosen: [], config: CONFIG })).toEqual([
      'read:all',
      'write:all',
    ]);
  });

  test('everything leaves out a scope that another one includes, and read only is what the product says', () => {
    const offer = offerScopes(CONFIG, { catalogue: CATALOGUE, role: 'owner' });
    expect(scopesOfPreset('everything', { offer, chosen: [], config: CONFIG })).toEqual(['admin']);
    expect(scopesOfPreset('read_only', { offer, chosen: [], config: CONFIG })).toEqual(['read:all']);
  });

  const NO_DEFAULT = { default_expiry_days: null };

  test('an end is counted from now, or is the last second of a day that was picked', () => {
    expect(expiryTime(readExpiry('30', NO_DEFAULT), NOW)).toBe('2026-12-28T12:00:00Z');
    expect(expiryTime(readExpiry('never', NO_DEFAULT), NOW)).toBeNull();
    expect(expiryTime(readExpiry('nonsense', NO_DEFAULT), NOW)).toBeNull();
    expect(readExpiry('', { default_expiry_days: 90 })).toEqual({ choice: '90', date: '' });
    expect(readExpiry('never', { default_expiry_days: 90 })).toEqual({ choice: 'never', date: '' });
    expect(expiryTime({ choice: 'date', date: '2026-11-27' }, NOW)).toBeUndefined();
    expect(Date.parse(expiryTime(readExpiry('2027-01-31', NO_DEFAULT), NOW) ?? '')).toBe(
      Date.parse('2027-01-31T23:59:59'),
    );
  });

  test('what is missing is said before the API is asked', () => {
    const draft = {
      ...draftOfKey(KEY),
      name: ' ',
      scopes: [],
      expiry: { choice: 'date', date: '' } as const,
    };
    expect(Object.keys(checkDraft(draft, { features: CONFIG.features, now: NOW }))).toEqual([
      'name',
      'scopes',
      'expiry',
    ]);
  });

  test('a new key holds only what was filled in', () => {
    const draft = { ...draftOfKey(KEY), name: ' ci ', networks: '203.0.113.0/24, 2001:db8::/32' };
    expect(newKeyOf(draft, { features: CONFIG.features, now: NOW })).toEqual({
      name: 'ci',
      scopes: ['read:all'],
      allowed_cidrs: ['203.0.113.0/24', '2001:db8::/32'],
    });
    const workspace = { name: 'Acme', slug: 'acme' };
    expect(describeDraft(draft, { config: CONFIG, now: NOW, workspace })).toBe(
      '“ci” may use the scope read:all, only from 203.0.113.0/24, 2001:db8::/32, until someone revokes it, for Acme (acme).',
    );
  });

  test('a change names only what differs, with before and after', () => {
    const draft = { ...draftOfKey(KEY), scopes: ['read:all', 'write:all'] };
    const change = changeOf(KEY, draft, NOW);
    expect(change).toEqual({ scopes: ['read:all', 'write:all'] });
    expect(describeChange(KEY, change, CONFIG)).toEqual([
      { field: 'Scopes', before: 'read:all', after: 'read:all and write:all' },
    ]);
    expect(changeOf(KEY, draftOfKey(KEY), NOW)).toEqual({});
  });
});

describe('what a person may not do is not offered, and says why', () => {
  const rights = (key: Partial<ApiKey>, { user = 'usr_1', role = 'member' as const, roles = false } = {}) =>
    rightsOn(
      { ...KEY, ...key },
      { person: { user }, membership: { role }, features: { ...CONFIG.features, roles } },
    );

  test('a member changes and ends their own keys', () => {
    expect(rights({})).toEqual({ edit: null, rotate: null, revoke: null });
    expect(rights({}, { user: 'usr_2' }).revoke).toBe('A member reaches only their own keys.');
  });

  test('a key that can do more than its reader is left alone, but can be ended', () => {
    expect(rights({ scopes: ['admin'] })).toMatchObject({
      edit: 'The key has scopes that your role, member, cannot grant.',
      revoke: null,
    });
  });

  test('where keys act as their maker, only the maker rotates them', () => {
    const asAdmin = rightsOn(KEY, {
      person: { user: 'usr_2' },
      membership: { role: 'admin' },
      features: { roles: true, role_scopes: null },
    });
    expect(asAdmin).toMatchObject({
      rotate: expect.stringContaining('only they can rotate it'),
      revoke: null,
    });
  });

  test('an expired key can still be revoked, and a revoked one is left as it is', () => {
    expect(rights({ status: 'expired' })).toMatchObject({ edit: expect.any(String), revoke: null });
    expect(rights({ status: 'revoked' }).revoke).not.toBeNull();
  });
});

test('the network of one address has no other address in it', () => {
  expect(networkOf('203.0.113.7')).toBe('203.0.113.7/32');
  expect(networkOf('2001:db8::1')).toBe('2001:db8::1/128');
});

test('a name that is typed to revoke a key counts where it looks the same', () => {
  expect(looksLike(' nightly export', 'nightly  export')).toBe(true);
  expect(looksLike('Cafe\u0301', 'Caf\u00e9')).toBe(true);
  expect(looksLike('nightly-Export', 'nightly-export')).toBe(false);
  expect(looksLike('', 'nightly-export')).toBe(false);
});

describe('the old secret of a rotated key', () => {
  const old = (replaced_at: string | null, last_used_at: string | null) => ({
    replaced_at,
    last_used_at,
    ends_at: '2026-11-29T12:00:00Z',
  });
  const USED = '2026-11-28T11:57:00Z';

  test('was never used', () => {
    expect(describeOldSecret(old(USED, null), NOW)).toBe('The old secret was never used.');
    expect(needsOldSecret(old(USED, null), NOW)).toBe(false);
  });

  test('is still used where its last use came after the rotation', () => {
    const used = old('2026-11-28T11:50:00Z', USED);
    expect(describeOldSecret(used, NOW)).toMatch(
      /^The old secret is still used: .+ ago, after the rotation\.$/,
    );
    expect(needsOldSecret(used, NOW)).toBe(true);
  });

  test('is free to end where its last use came before the rotation, however short before', () => {
    const unused = old('2026-11-28T11:58:00Z', USED);
    expect(describeOldSecret(unused, NOW)).toMatch(/^The old secret was not used since the rotation\./);
    expect(needsOldSecret(unused, NOW)).toBe(false);
  });

  test('may be in use where the time of the rotation is not known and it was used within a day', () => {
    expect(describeOldSecret(old(null, USED), NOW)).toMatch(/^The old secret was last used .+ ago\.$/);
    expect(needsOldSecret(old(null, USED), NOW)).toBe(true);
    expect(needsOldSecret(old(null, '2026-11-26T11:57:00Z'), NOW)).toBe(false);
  });
});
