import { describe, expect, test } from '@jest/globals';
import type { Principal } from '../../../core/access/principal.ts';
import { makeCatalogue } from '../../../core/access/scope.ts';
import type { ApiKey } from '../../../core/credential/credential.ts';
import { belongsTo, type Creator } from '../../../core/management/caller.ts';
import {
  type KeyRights,
  mayIssue,
  mayRotate,
  maySee,
  maySetRateLimit,
  mayUpdate,
  reachesAll,
} from '../../../core/management/permission.ts';
import type { Profile } from '../../../core/profile/profile.ts';
import { NOW, PRINCIPAL } from '../verification/stored-secrets.ts';

const define = (name: string, implies: string[] = []) => ({ name, description: name, grants: [], implies });

const PROFILE: Profile = {
  name: 'standard',
  realm: 'standard',
  presentation: { kind: 'bearer' },
  apiKey: {
    kind: 'api_key',
    format: { prefix: 'kw_', randomLength: 30, hasChecksum: true },
    storedAs: 'sha256',
  },
  lastUsed: 'each_minute',
  issuing: { requiresName: true, requiresScopes: true },
  scopes: makeCatalogue([define('read'), define('write'), define('admin', ['read', 'write'])]),
  roleScopes: { owner: 'all', admin: 'all', member: ['read', 'write'] },
  publicRoutes: [],
  routes: ['* /**'],
  inheritsRole: false,
};

const OPERATOR: Principal = {
  ...PRINCIPAL,
  kind: 'management_key',
  workspace: null,
  user: null,
  scopes: 'all',
};
const callerWith = (caller: Partial<Principal>): Principal => ({
  ...PRINCIPAL,
  scopes: ['admin'],
  ...caller,
});

const KEY: ApiKey = {
  id: 'key_2',
  workspace: 'acme',
  name: 'ci',
  description: null,
  externalId: null,
  start: 'kw_abcd',
  scopes: ['read'],
  enabled: true,
  createdAt: NOW,
  createdBy: 'usr_1',
  expiresAt: null,
  lastUsedAt: null,
  previousSecret: null,
  revokedAt: null,
  allowedCidrs: [],
  rateLimit: null,
  issuerLimit: null,
  bounds: {},
  version: 1,
  role: null,
};

/** What each caller may be asked for, and whether it is within what they hold. */
const POWERS: [string, Partial<Principal>, Partial<KeyRights>, 'allow' | 'refuse'][] = [
  ['its own scopes', { scopes: ['admin'] }, { scopes: ['admin'] }, 'allow'],
  ['what its scopes imply', { scopes: ['admin'] }, { scopes: ['read', 'write'] }, 'allow'],
  ['a scope beside its own', { scopes: ['read'] }, { scopes: ['read', 'write'] }, 'refuse'],
  [
    'all scopes, holding every one by name',
    { scopes: ['admin', 'read', 'write'] },
    { scopes: 'all' },
    'refuse',
  ],
  ['its own end', { constraints: { expiresAt: NOW, allowedCidrs: [] } }, { expiresAt: NOW }, 'allow'],
  ['a later end', { constraints: { expiresAt: NOW, allowedCidrs: [] } }, { expiresAt: NOW + 1 }, 'refuse'],
  ['no end', { constraints: { expiresAt: NOW, allowedCidrs: [] } }, { expiresAt: null }, 'refuse'],
  [
    'a part of its networks',
    { constraints: { expiresAt: null, allowedCidrs: ['10.0.0.0/8'] } },
    { allowedCidrs: ['10.1.0.0/16'] },
    'allow',
  ],
  [
    'one network besides',
    { constraints: { expiresAt: null, allowedCidrs: ['10.0.0.0/8'] } },
    { allowedCidrs: ['10.1.0.0/16', '192.0.2.0/24'] },
    'refuse',
  ],
  [
    'every network',
    { constraints: { expiresAt: null, allowedCidrs: ['10.0.0.0/8'] } },
    { allowedCidrs: [] },
    'refuse',
  ],
];

describe.each(POWERS)('a key that asks for %s', (_, caller, power, expected) => {
  const principal = callerWith(caller);
  const key = { ...KEY, ...power };

  test(`is ${expected} to issue it`, () => {
    expect(mayIssue(PROFILE, principal, { key: key, creator: 'nobody', planLimit: null }).kind).toBe(
      expected,
    );
  });

  test(`is ${expected} to change a key into it`, () => {
    const before = { ...KEY, scopes: ['read'] as const, expiresAt: NOW, allowedCidrs: ['10.1.0.0/16'] };
    expect(
      mayUpdate(PROFILE, principal, {
        before: before,
        after: key,
        creator: 'owner',
        issuer: 'nobody',
        planLimit: null,
      }).kind,
    ).toBe(expected);
  });

  test(`is ${expected} to rotate a key that has it`, () => {
    expect(mayRotate(PROFILE, principal, { key, issuer: 'owner', planLimit: null }).kind).toBe(expected);
  });

  test('does not bind the operator', () => {
    expect(mayIssue(PROFILE, OPERATOR, { key: key, creator: 'nobody', planLimit: null }).kind).toBe('allow');
    expect(
      mayUpdate(PROFILE, OPERATOR, {
        before: KEY,
        after: key,
        creator: 'owner',
        issuer: 'nobody',
        planLimit: null,
      }).kind,
    ).toBe('allow');
    expect(mayRotate(PROFILE, OPERATOR, { key, issuer: 'nobody', planLimit: null }).kind).toBe('allow');
  });
});

test('what a member may issue bounds what is issued in their name, also by the operator', () => {
  const all = { ...KEY, scopes: 'all' as const };
  expect(mayIssue(PROFILE, OPERATOR, { key: all, creator: 'owner', planLimit: null }).kind).toBe('allow');
  expect(mayIssue(PROFILE, OPERATOR, { key: all, creator: 'member', planLimit: null }).kind).toBe('refuse');
  expect(mayIssue(PROFILE, OPERATOR, { key: KEY, creator: 'member', planLimit: null }).kind).toBe('allow');
});

test('a key whose scopes are beyond the caller’s is not theirs to change, even into less', () => {
  const before = { ...KEY, scopes: ['admin'] as const };
  expect(
    mayUpdate(PROFILE, callerWith({ scopes: ['read'] }), {
      before: before,
      after: KEY,
      creator: 'owner',
      issuer: 'nobody',
      planLimit: null,
    }).kind,
  ).toBe('refuse');
});

test('a key changes and rotates every key but itself', () => {
  const self = callerWith({ credentialId: KEY.id });
  expect(
    mayUpdate(PROFILE, self, { before: KEY, after: KEY, creator: 'owner', issuer: 'nobody', planLimit: null })
      .kind,
  ).toBe('refuse');
  expect(mayRotate(PROFILE, self, { key: KEY, issuer: 'owner', planLimit: null }).kind).toBe('refuse');
  expect(
    mayUpdate(PROFILE, callerWith({}), {
      before: KEY,
      after: KEY,
      creator: 'owner',
      issuer: 'nobody',
      planLimit: null,
    }).kind,
  ).toBe('allow');
});

test('a key rotates no key that its own creator could not issue at this moment', () => {
  const may = (scopes: KeyRights['scopes'], issuer: Creator) =>
    mayRotate(PROFILE, callerWith({}), { key: { ...KEY, scopes }, issuer, planLimit: null }).kind;
  expect(may(['admin'], 'admin')).toBe('allow');
  expect(may(['admin'], 'member')).toBe('refuse');
  expect(may(['read'], 'member')).toBe('allow');
  expect(may(['read'], 'gone')).toBe('refuse');
});

test('a key or a person with the role of a plain member reaches their own keys only', () => {
  const reach = (caller: Partial<Principal>) => {
    const principal = callerWith({ user: 'usr_2', ...caller });
    return { all: reachesAll(principal), other: maySee(principal, { createdBy: 'usr_1' }).kind };
  };
  for (const kind of ['person', 'api_key'] as const) {
    expect(reach({ kind, role: 'member' })).toEqual({ all: false, other: 'refuse' });
    expect(reach({ kind, role: 'admin' })).toEqual({ all: true, other: 'allow' });
    expect(reach({ kind, role: 'owner' })).toEqual({ all: true, other: 'allow' });
  }
  expect(reach({ kind: 'api_key', role: null })).toEqual({ all: true, other: 'allow' });
  expect(reachesAll(OPERATOR)).toBe(true);
});

test('only the operator names a rate limit', () => {
  expect(maySetRateLimit(callerWith({})).kind).toBe('refuse');
  expect(maySetRateLimit(OPERATOR).kind).toBe('allow');
});

test('what a member may issue bounds what their key is changed into, also by the operator', () => {
  const after = { ...KEY, scopes: ['admin'] as const };
  expect(
    mayUpdate(PROFILE, OPERATOR, { before: KEY, after, creator: 'member', issuer: 'nobody', planLimit: null })
      .kind,
  ).toBe('refuse');
  expect(
    mayUpdate(PROFILE, OPERATOR, { before: KEY, after, creator: 'gone', issuer: 'nobody', planLimit: null })
      .kind,
  ).toBe('refuse');
  expect(
    mayUpdate(PROFILE, OPERATOR, { before: KEY, after, creator: 'admin', issuer: 'nobody', planLimit: null })
      .kind,
  ).toBe('allow');
});

test('a key that gains nothing may be changed, whatever has become of its creator', () => {
  for (const creator of ['member', 'gone', 'nobody'] as const) {
    expect(
      mayUpdate(PROFILE, OPERATOR, { before: KEY, after: KEY, creator, issuer: 'nobody', planLimit: null })
        .kind,
    ).toBe('allow');
  }
});

test('a key that outlives its caller, or is wider in its networks, is not theirs to narrow and take over', () => {
  const caller = callerWith({ constraints: { expiresAt: NOW, allowedCidrs: ['10.0.0.0/8'] } });
  const after = { ...KEY, expiresAt: NOW, allowedCidrs: ['10.0.0.0/8'] };
  expect(
    mayUpdate(PROFILE, caller, { before: KEY, after, creator: 'owner', issuer: 'nobody', planLimit: null })
      .kind,
  ).toBe('refuse');
  expect(
    mayUpdate(PROFILE, caller, { before: after, after, creator: 'owner', issuer: 'nobody', planLimit: null })
      .kind,
  ).toBe('allow');
});

test('a workspace exists for those who belong to it and for the operator', () => {
  expect(belongsTo(PRINCIPAL, 'acme')).toBe(true);
  expect(belongsTo(PRINCIPAL, 'other')).toBe(false);
  expect(belongsTo(OPERATOR, 'other')).toBe(true);
});

test('a key that calls changes no key that its own creator could not issue, before or after', () => {
  const caller = callerWith({});
  const asked = (before: ApiKey, after: KeyRights, issuer: Creator) =>
    mayUpdate(PROFILE, caller, { before, after, creator: 'owner', issuer, planLimit: null }).kind;
  const weak: ApiKey = { ...KEY, scopes: ['read'] };
  const strong: ApiKey = { ...KEY, scopes: ['admin'] };
  expect(asked(weak, weak, 'member')).toBe('allow');
  expect(asked(strong, strong, 'owner')).toBe('allow');
  for (const issuer of ['member', 'gone'] as const) {
    expect(asked(weak, strong, issuer)).toBe('refuse');
    expect(asked(strong, weak, issuer)).toBe('refuse');
  }
  expect(asked(weak, weak, 'gone')).toBe('refuse');
});
