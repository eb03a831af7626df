import { beforeEach, describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { CredentialKind } from '../../../core/access/scope.ts';
import { type CredentialType, MANAGEMENT_KEY } from '../../../core/credential/credential-type.ts';
import { checksum } from '../../../core/credential/key-text.ts';
import { digestOf, type SecretLocator, slotLocator } from '../../../core/credential/secret.ts';
import type { Tracking } from '../../../core/verification/last-use.ts';
import type { StoredSecret } from '../../../core/verification/verification-store.ts';
import { verify } from '../../../core/verification/verify.ts';
import { countedHash, emptyBcryptCache } from './fake-bcrypt.ts';
import { type MemoryStore, memoryVerificationStore } from './memory-verification-store.ts';
import { apiKeyOf, CLAIM, PRINCIPAL, SECRET } from './stored-secrets.ts';

const TRACKINGS = ['count', 'stamp_every_call', 'stamp', 'nothing'] as const;
const BCRYPT_FORMAT = { prefix: 'sk_live_', randomLength: 32, hasChecksum: false };
const CREDENTIALS: readonly CredentialType[] = [
  MANAGEMENT_KEY,
  apiKeyOf({ prefix: 'kw_live_', randomLength: 30, hasChecksum: true }),
  { kind: 'api_key', format: BCRYPT_FORMAT, storedAs: 'bcrypt' },
];
const withChecksum = (text: string) => text + checksum(text);
const API_KEY = withChecksum(`kw_live_${'a'.repeat(30)}`);
const MANAGEMENT_TEXT = withChecksum(`kwm_${'a'.repeat(30)}`);
const BCRYPT_KEY = `sk_live_${'a'.repeat(32)}`;
const PLACE = slotLocator('aaaaaaaa', 0);

/** As no code of Keyward writes them: any text may stand in a table, or none. */
const kinds = (presented: CredentialKind) =>
  fc
    .oneof(
      fc.constantFrom('api_key', 'management_key', 'personal_access_token', 'person', '', null, undefined),
      fc.string(),
    )
    .filter((kind) => kind !== presented);

let secrets: MemoryStore;
let managementKeys: MemoryStore;
beforeEach(() => {
  secrets = memoryVerificationStore();
  managementKeys = memoryVerificationStore();
});

const ofKind = (kind: unknown): StoredSecret => ({
  ...SECRET,
  principal: { ...PRINCIPAL, kind: kind as CredentialKind, scopes: 'all' },
});

async function outcome(text: string, tracking: Tracking): Promise<string> {
  const verification = {
    credentials: CREDENTIALS,
    store: secrets,
    managementKeys,
    tracking,
    bcrypt: { store: secrets.bcryptSecrets, bcrypt: countedHash(), cache: emptyBcryptCache() },
  };
  const verdict = await verify(verification, text, { ...CLAIM, requirement: 'any' });
  return verdict.kind === 'allow' ? verdict.principal.kind : verdict.code;
}

const CASES: readonly [string, string, SecretLocator, CredentialKind][] = [
  ['an API key', API_KEY, digestOf(API_KEY), 'api_key'],
  ['an API key that is kept as bcrypt', BCRYPT_KEY, PLACE, 'api_key'],
  ['a management key', MANAGEMENT_TEXT, digestOf(MANAGEMENT_TEXT), 'management_key'],
];

describe.each(CASES)('%s', (_, text, locator, kind) => {
  const hash = locator === PLACE ? { secretHash: `hash of ${BCRYPT_KEY}` } : {};
  const put = (stored: unknown) => {
    const own = kind === 'management_key' ? managementKeys : secrets;
    own.secrets.set(locator, { ...ofKind(stored), ...hash });
    return own;
  };

  test.each(TRACKINGS)(
    'is what its item says it is: any other is unknown, with tracking %s',
    async (tracking) => {
      await fc.assert(
        fc.asyncProperty(kinds(kind), async (stored) => {
          const own = put(stored);
          const before = own.secrets.get(locator);
          expect(await outcome(text, tracking)).toBe('unknown');
          expect(own.secrets.get(locator)).toEqual(before);
        }),
        { numRuns: 30 },
      );
      put(kind);
      expect(await outcome(text, tracking)).toBe(kind);
    },
  );
});

describe('a management key', () => {
  test.each(TRACKINGS)(
    'is looked up in its own table and nowhere else, in one operation, with tracking %s',
    async (tracking) => {
      secrets.secrets.set(digestOf(MANAGEMENT_TEXT), ofKind('management_key'));
      expect(await outcome(MANAGEMENT_TEXT, tracking)).toBe('unknown');
      expect([secrets.operations.length, managementKeys.operations.length]).toEqual([0, 1]);
      managementKeys.secrets.set(digestOf(MANAGEMENT_TEXT), {
        ...ofKind('management_key'),
        lastUsedAt: CLAIM.now,
      });
      expect(await outcome(MANAGEMENT_TEXT, tracking)).toBe('management_key');
      expect(secrets.operations).toEqual([]);
    },
  );

  test('in the table of management keys is never found for another type of credential', async () => {
    managementKeys.secrets.set(digestOf(API_KEY), ofKind('api_key'));
    managementKeys.secrets.set(PLACE, { ...ofKind('api_key'), secretHash: `hash of ${BCRYPT_KEY}` });
    for (const text of [API_KEY, BCRYPT_KEY]) expect(await outcome(text, 'stamp')).toBe('unknown');
    expect(managementKeys.operations).toEqual([]);
  });

  test('is a fault if no store can read it, and is never looked up among other secrets', async () => {
    secrets.secrets.set(digestOf(MANAGEMENT_TEXT), ofKind('management_key'));
    const blind = { credentials: [MANAGEMENT_KEY], store: secrets, tracking: 'nothing' } as const;
    await expect(verify(blind, MANAGEMENT_TEXT, CLAIM)).rejects.toThrow(
      'there is no store to read them from',
    );
    expect(secrets.operations).toEqual([]);
  });
});
