import { describe, expect, test } from '@jest/globals';
import type { Principal } from '../../../core/access/principal.ts';
import { ROLES } from '../../../core/access/role.ts';
import { mayChangeMember, mayUpdateWorkspace } from '../../../core/management/permission.ts';
import { PRINCIPAL } from '../verification/stored-secrets.ts';

const STATES = [...ROLES, 'none'] as const;

const person = (role: Principal['role'], user = 'usr_caller'): Principal => ({
  ...PRINCIPAL,
  kind: 'person',
  credentialId: user,
  user,
  role,
  scopes: 'all',
});
const OPERATOR: Principal = { ...PRINCIPAL, kind: 'management_key', workspace: null, user: null, role: null };
const KEY: Principal = { ...PRINCIPAL, scopes: 'all', role: 'owner' };

/** Every change of somebody else that a caller may make, as `before>after`. */
const permitted = (caller: Principal, userId = 'usr_other') =>
  STATES.flatMap((before) =>
    STATES.flatMap((after) =>
      mayChangeMember(caller, { userId, before, after }).kind === 'allow' ? [`${before}>${after}`] : [],
    ),
  );
const EVERYTHING = STATES.flatMap((before) => STATES.map((after) => `${before}>${after}`));
/** Nobody is added by a person: they are invited, and accept. */
const OF_MEMBERS = EVERYTHING.filter((change) => !change.startsWith('none>') || change === 'none>none');
const WITHOUT_OWNERS = OF_MEMBERS.filter((change) => !change.includes('owner'));

describe('members and their roles', () => {
  test('may be changed in every way by a management key', () => {
    expect(permitted(OPERATOR)).toEqual(EVERYTHING);
  });

  test('may be changed by an owner, but an owner adds nobody', () => {
    expect(permitted(person('owner'))).toEqual(OF_MEMBERS);
  });

  test('may not be added by a person: owners and admins are told to invite', () => {
    for (const role of ['owner', 'admin'] as const)
      for (const after of ROLES) {
        const permission = mayChangeMember(person(role), { userId: 'usr_other', before: 'none', after });
        expect(permission).toEqual({ kind: 'refuse', reason: expect.stringContaining('Invite them') });
      }
  });

  test('may be changed by an admin who adds nobody and makes, changes or removes no owner', () => {
    expect(permitted(person('admin'))).toEqual(WITHOUT_OWNERS);
  });

  test('may not be changed by a plain member', () => {
    expect(permitted(person('member'))).toEqual([]);
  });

  test('may not be changed by an API key, whoever created it', () => {
    expect(permitted(KEY)).toEqual([]);
    expect(permitted(KEY, KEY.user ?? '')).toEqual([]);
  });

  test('include nobody against their will: a member in any role may leave', () => {
    for (const role of ROLES) {
      const leaving = { userId: 'usr_caller', before: role, after: 'none' } as const;
      expect(mayChangeMember(person(role), leaving)).toEqual({ kind: 'allow' });
    }
  });

  test('may not be changed so that a person gives themselves a higher role', () => {
    expect(permitted(person('member'), 'usr_caller')).toEqual(STATES.map((before) => `${before}>none`));
    expect(permitted(person('admin'), 'usr_caller')).not.toContain('admin>owner');
  });
});

describe('a workspace', () => {
  const may = (caller: Principal, ...fields: ('name' | 'plan')[]) => mayUpdateWorkspace(caller, fields).kind;

  test('gets another plan only from a management key, with or without a new name', () => {
    for (const caller of [KEY, ...ROLES.map((role) => person(role))]) {
      expect(may(caller, 'plan')).toBe('refuse');
      expect(may(caller, 'name', 'plan')).toBe('refuse');
    }
    expect(may(OPERATOR, 'name', 'plan')).toBe('allow');
  });

  test('can be renamed by its owners and by a management key only', () => {
    expect(may(OPERATOR, 'name')).toBe('allow');
    expect(may(person('owner'), 'name')).toBe('allow');
    for (const caller of [KEY, person('admin'), person('member')]) expect(may(caller, 'name')).toBe('refuse');
  });
});
