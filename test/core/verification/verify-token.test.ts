import { beforeEach, describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { isRoleAtLeast, ROLES, type Role } from '../../../core/access/role.ts';
import {
  covers,
  makeCatalogue,
  requirementOf,
  type ScopeDefinition,
  type Scopes,
} from '../../../core/access/scope.ts';
import type { TokenType } from '../../../core/credential/credential-type.ts';
import { checksum } from '../../../core/credential/key-text.ts';
import { digestOf } from '../../../core/credential/secret.ts';
import type { Tracking } from '../../../core/verification/last-use.ts';
import type { ActionRequirement, Claim } from '../../../core/verification/verdict.ts';
import { verify } from '../../../core/verification/verify.ts';
import { type MemoryStore, type MemoryToken, memoryVerificationStore } from './memory-verification-store.ts';
import { apiKeyOf, NOW, SECRET } from './stored-secrets.ts';

const define = (
  name: string,
  implies: string[] = [],
  heldBy?: ScopeDefinition['heldBy'],
): ScopeDefinition => ({
  name,
  description: name,
  grants: [`${name}.use`],
  implies,
  ...(heldBy && { heldBy }),
});
const CATALOGUE = makeCatalogue([
  define('read'),
  define('capture', [], ['personal_access_token']),
  define('admin', ['read']),
  define('bill'),
]);
const NAMES = ['read', 'capture', 'admin', 'bill'] as const;
const ROLE_SCOPES = { owner: 'all', admin: ['admin', 'capture'], member: ['read', 'capture'] } as const;

const TYPE: TokenType = {
  kind: 'personal_access_token',
  storedAs: 'sha256',
  format: { prefix: 'pat_', randomLength: 30, hasChecksum: true },
  bounds: { catalogue: CATALOGUE, roleScopes: ROLE_SCOPES },
};
const KEY = apiKeyOf({ prefix: 'key_', randomLength: 30, hasChecksum: true });
const textOf = (prefix: string) => {
  const random = prefix + 'a'.repeat(30);
  return random + checksum(random);
};
const TEXT = textOf('pat_');

const TOKEN: MemoryToken = {
  credentialId: 'pat_1',
  user: 'usr_1',
  scopes: ['read'],
  ceiling: 'owner',
  state: 'active',
  expiresAt: null,
  lastUsedAt: null,
  memberships: { acme: 'owner' },
};

let store: MemoryStore;
beforeEach(() => {
  store = memoryVerificationStore();
});

const remember = (token: Partial<MemoryToken>) => store.tokens.set(digestOf(TEXT), { ...TOKEN, ...token });
const requiring = (name: string): ActionRequirement => requirementOf(CATALOGUE, `${name}.use`) ?? 'none';
const CLAIM: Claim = { now: NOW, requirement: 'any', sourceAddress: '203.0.113.7', workspace: 'acme' };
const check = (claim: Partial<Claim> = {}, tracking: Tracking = 'nothing', text = TEXT) =>
  verify({ credentials: [KEY, TYPE], store, tokens: store.tokenSource, tracking }, text, {
    ...CLAIM,
    ...claim,
  });
const outcome = async (...asked: Parameters<typeof check>) => {
  const verdict = await check(...asked);
  return verdict.kind === 'allow' ? 'allow' : verdict.code;
};

const role = fc.constantFrom(...ROLES);
const scopes: fc.Arbitrary<Scopes> = fc.oneof(
  fc.constant('all' as const),
  fc.subarray([...NAMES], { minLength: 1 }).map((names) => names as [string, ...string[]]),
);

describe('what a token may do', () => {
  test('is exactly what its own scopes and the scopes of the lower of the two roles grant', async () => {
    await fc.assert(
      fc.asyncProperty(
        role,
        role,
        scopes,
        fc.constantFrom(...NAMES),
        async (membership, ceiling, own, name) => {
          remember({ scopes: own, ceiling, memberships: { acme: membership } });
          const lower: Role = isRoleAtLeast(membership, ceiling) ? ceiling : membership;
          const isHeld = [own, ROLE_SCOPES[lower]].every((held) => covers(CATALOGUE, held, [name]));
          expect(await outcome({ requirement: requiring(name) })).toBe(
            isHeld ? 'allow' : 'insufficient_scope',
          );
        },
      ),
      { numRuns: 1_000 },
    );
  });

  test('is never more than its principal says, or than its scopes or its role allow', async () => {
    await fc.assert(
      fc.asyncProperty(role, role, scopes, async (membership, ceiling, own) => {
        remember({ scopes: own, ceiling, memberships: { acme: membership } });
        const verdict = await check();
        if (verdict.kind === 'refuse') {
          expect(verdict.code).toBe('forbidden');
          return;
        }
        const { principal } = verdict;
        const effective = principal.role as Role;
        expect(isRoleAtLeast(membership, effective) && isRoleAtLeast(ceiling, effective)).toBe(true);
        expect(covers(CATALOGUE, own, principal.scopes)).toBe(true);
        expect(covers(CATALOGUE, ROLE_SCOPES[effective], principal.scopes)).toBe(true);
      }),
    );
  });

  test('is nothing if its scopes and those of the role have nothing in common', async () => {
    remember({ scopes: ['bill'], memberships: { acme: 'member' } });
    expect(await outcome()).toBe('forbidden');
    expect(await outcome({ requirement: requiring('bill') })).toBe('insufficient_scope');
  });

  test('is decided by the user’s role in the workspace that the request names', async () => {
    remember({ scopes: ['admin'], memberships: { acme: 'member', other: 'owner' } });
    expect(await check()).toMatchObject({
      principal: { kind: 'personal_access_token', workspace: 'acme', role: 'member', scopes: ['read'] },
    });
    expect(await check({ workspace: 'other' })).toMatchObject({
      principal: { workspace: 'other', role: 'owner', scopes: ['admin'], user: 'usr_1' },
    });
  });
});

describe('a scope that only tokens may hold', () => {
  const KEY_TEXT = textOf('key_');
  const capture = { requirement: requiring('capture') };

  test('is closed to API keys of any scope, and the refusal names no scope that would help', async () => {
    await fc.assert(
      fc.asyncProperty(scopes, fc.constantFrom<Tracking>('stamp', 'count'), async (held, tracking) => {
        const secret = { ...SECRET, principal: { ...SECRET.principal, scopes: held } };
        store.secrets.set(digestOf(KEY_TEXT), secret);
        const verdict = await check(capture, tracking, KEY_TEXT);
        expect(verdict).toMatchObject({ kind: 'refuse', code: 'forbidden' });
        expect(verdict).not.toHaveProperty('requiredScope');
        // A refused call counts nothing.
        expect(store.secrets.get(digestOf(KEY_TEXT))).toBe(secret);
      }),
    );
  });

  test('works for a token that holds it', async () => {
    remember({ scopes: ['capture'] });
    expect(await outcome(capture)).toBe('allow');
  });
});

describe('a refused token is answered with the first check that fails', () => {
  const states: [Partial<MemoryToken>, string][] = [
    [{ state: 'revoked', expiresAt: NOW }, 'revoked'],
    [{ expiresAt: NOW }, 'expired'],
    [{ memberships: {} }, 'wrong_workspace'],
    [{ scopes: ['bill'] }, 'insufficient_scope'],
  ];
  test.each(states)('%j: %s', async (token, code) => {
    remember(token);
    expect(await outcome({ requirement: requiring('read') })).toBe(code);
  });

  test.each([undefined, '', 'other', 'ACME', 'acme, acme', '__proto__', 'a'.repeat(3_000)])(
    'a request that names the workspace %j tells the state of a token before that it is not there',
    async (workspace) => {
      const { workspace: _, ...unnamed } = CLAIM;
      const at = (token: Partial<MemoryToken>) => {
        remember(token);
        return verify({ credentials: [TYPE], store, tokens: store.tokenSource, tracking: 'nothing' }, TEXT, {
          ...unnamed,
          ...(workspace !== undefined && { workspace }),
        });
      };
      expect(await at({})).toMatchObject({ code: 'wrong_workspace' });
      expect(await at({ state: 'revoked' })).toMatchObject({ code: 'revoked' });
      expect(await at({ expiresAt: NOW })).toMatchObject({ code: 'expired' });
      store.tokens.clear();
      expect(await outcome({ workspace: workspace ?? 'x' })).toBe('unknown');
    },
  );
});

describe('a token in a request about no workspace', () => {
  const skip = { workspace: { skip: true } } as const;

  test('is confirmed to be in force, and can use none of its scopes', async () => {
    remember({ scopes: 'all' });
    expect(await check(skip)).toMatchObject({
      kind: 'allow',
      principal: { workspace: null, role: null, user: 'usr_1' },
    });
    for (const name of NAMES)
      expect(await outcome({ ...skip, requirement: requiring(name) })).not.toBe('allow');
    expect(await outcome({ ...skip, requirement: 'none' })).toBe('forbidden');
    remember({ state: 'revoked' });
    expect(await outcome(skip)).toBe('revoked');
  });

  test('can end itself by possession alone, until it has expired', async () => {
    remember({});
    expect(await outcome({ ...skip, requirement: 'possession' })).toBe('allow');
    remember({ expiresAt: NOW });
    expect(await outcome({ ...skip, requirement: 'possession' })).toBe('expired');
  });
});

describe('verifying a token', () => {
  test('costs one operation, and one stamp at most once a minute', async () => {
    remember({});
    for (const now of [NOW, NOW + 59, NOW + 60]) await check({ now }, 'stamp');
    expect(store.operations).toEqual(['findToken', 'stampToken', 'findToken', 'findToken', 'stampToken']);
  });

  test('costs one operation for a refused call, which leaves nothing behind', async () => {
    remember({ state: 'revoked' });
    await check({}, 'stamp');
    await check({ workspace: 'other' }, 'stamp');
    expect(store.operations).toEqual(['findToken', 'findToken']);
  });

  test('costs no operation for a text without the shape of a token', async () => {
    expect(await outcome({}, 'stamp', `${TEXT}0`)).toBe('malformed');
    expect(store.operations).toEqual([]);
  });

  test('allows the call if its use cannot be noted, and the verdict says so', async () => {
    remember({});
    const fault = new Error('The store is down.');
    store.interfere = (operation) => {
      if (operation === 'stampToken') throw fault;
    };
    expect(await check({}, 'stamp')).toMatchObject({ kind: 'allow', degraded: 'stamp', degradedBy: fault });
    expect(await check({ workspace: 'other' }, 'stamp')).not.toHaveProperty('degraded');
    store.interfere = () => {};
    expect(await check({}, 'stamp')).not.toHaveProperty('degraded');
  });

  test('is a fault if the token cannot be read', async () => {
    remember({});
    store.interfere = () => {
      throw new Error('The store is down.');
    };
    await expect(check()).rejects.toThrow('The store is down.');
  });
});

test('in a profile without scopes, a member’s token may do everything that a valid credential may', async () => {
  remember({ scopes: 'all' });
  const unscoped: TokenType = { ...TYPE, bounds: { catalogue: undefined, roleScopes: undefined } };
  const verdict = await verify(
    { credentials: [unscoped], store, tokens: store.tokenSource, tracking: 'nothing' },
    TEXT,
    CLAIM,
  );
  expect(verdict).toMatchObject({ kind: 'allow', principal: { scopes: 'all', role: 'owner' } });
});
