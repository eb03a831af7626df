import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { randomBase62 } from '../../../../core/credential/key-text.ts';
import { digestHashOf, makeSecret, type NewSecret, slotLocator } from '../../../../core/credential/secret.ts';
import type { Tracking } from '../../../../core/verification/last-use.ts';
import type { Claim } from '../../../../core/verification/verdict.ts';
import type { VerificationStore } from '../../../../core/verification/verification-store.ts';
import { verify } from '../../../../core/verification/verify.ts';
import type { BcryptCache, BcryptSecretStore } from '../../../../core/verification/verify-bcrypt.ts';
import {
  dynamoBcryptSecretStore,
  dynamoVerificationStore,
} from '../../../../stores/dynamodb/secrets/verification-store.ts';
import { keyTypeWith, OLDER } from '../../../core/credential/older-keys.ts';
import { type CountedHash, countedHash, emptyBcryptCache } from '../../../core/verification/fake-bcrypt.ts';
import { memoryVerificationStore } from '../../../core/verification/memory-verification-store.ts';
import { SECRET } from '../../../core/verification/stored-secrets.ts';
import { anUpdate, aRevocation, aRotation, CLAIM, FIELDS, issued, keyStoreOf, NOW } from '../keys/keys.ts';
import { createTables, type TestTables } from '../tables.ts';

const KEY = keyTypeWith(OLDER.unkey, OLDER.bcrypt);

let tables: TestTables;
beforeAll(async () => {
  tables = await createTables();
});
afterAll(() => tables.release());

let bcrypt: CountedHash;
let cache: BcryptCache;
beforeEach(() => {
  bcrypt = countedHash((text) => `hash of ${text.slice(-12)}`);
  cache = emptyBcryptCache();
});

/** As an import keeps a key of which it knows the hash by bcrypt. */
function imported(): { text: string; secret: NewSecret & { secretHash: string } } {
  const lookupPrefix = randomBase62(8, randomBytes);
  const text = `sk_old_${lookupPrefix}${randomBase62(35, randomBytes)}`;
  const secretHash = `hash of ${text.slice(-12)}`;
  return { text, secret: { locator: slotLocator(lookupPrefix, 1), start: text.slice(0, 15), secretHash } };
}

async function importedKey(fields = FIELDS) {
  const { text, secret } = imported();
  const { key } = await issued(tables, { secret, fields });
  return { text, key, secret };
}

async function outcome(text: string, tracking: Tracking = 'stamp', claim: Partial<Claim> = {}) {
  const proof = { store: dynamoBcryptSecretStore(tables), bcrypt, cache };
  const store = dynamoVerificationStore(tables);
  const verdict = await verify({ credentials: [KEY], store, tracking, bcrypt: proof }, text, {
    ...CLAIM,
    ...claim,
  });
  return verdict.kind === 'allow' ? 'allow' : verdict.code;
}

const hashOf = async ({ locator }: NewSecret) =>
  (await dynamoVerificationStore(tables).find(locator))?.secretHash;

interface Kept {
  readonly store: VerificationStore;
  readonly bcryptSecrets: BcryptSecretStore;
  put(secret: NewSecret & { secretHash: string }, fields: Partial<typeof FIELDS>): Promise<void>;
}

const KINDS: readonly [string, () => Kept][] = [
  [
    'memory',
    () => {
      const store = memoryVerificationStore();
      return {
        store,
        bcryptSecrets: store.bcryptSecrets,
        async put({ locator, secretHash }, { enabled = true, expiresAt = null }) {
          const state = enabled ? 'active' : 'disabled';
          store.secrets.set(locator, { ...SECRET, secretHash, state, expiresAt });
        },
      };
    },
  ],
  [
    'DynamoDB',
    () => ({
      store: dynamoVerificationStore(tables),
      bcryptSecrets: dynamoBcryptSecretStore(tables),
      async put(secret, fields) {
        await issued(tables, { secret, fields: { ...FIELDS, ...fields } });
      },
    }),
  ],
];

describe.each(KINDS)('the hash of a secret in %s', (_, makeStore) => {
  const REPLACEMENT = 'sha256:another';

  test('is found with everything that a verdict needs', async () => {
    const kept = makeStore();
    const { secret } = imported();
    await kept.put(secret, {});
    const [, lookupPrefix = ''] = secret.locator.split('#');
    const found = await kept.bcryptSecrets.findByPrefix(lookupPrefix);
    expect(found).toEqual([{ locator: secret.locator, secret: await kept.store.find(secret.locator) }]);
    expect(found[0]?.secret.secretHash).toBe(secret.secretHash);
    expect(await kept.bcryptSecrets.findByPrefix('unknown0')).toEqual([]);
  });

  test.each([
    ['is replaced if it is the one that was proven', {}, undefined, REPLACEMENT],
    ['stays if it is another one', {}, 'hash of another', undefined],
    ['stays if the secret is disabled', { enabled: false }, undefined, undefined],
    ['stays if the secret has expired', { expiresAt: NOW }, undefined, undefined],
    ['is replaced until the secret expires', { expiresAt: NOW + 1 }, undefined, REPLACEMENT],
  ])('%s', async (_title, fields, proven, after) => {
    const kept = makeStore();
    const { secret } = imported();
    await kept.put(secret, fields);
    const before = await kept.store.find(secret.locator);
    const match = { locator: secret.locator, secretHash: proven ?? secret.secretHash };
    for (const _again of ['first', 'second'])
      expect(await kept.bcryptSecrets.replaceHash(match, { secretHash: REPLACEMENT, now: NOW })).toBe(
        after === undefined ? 'kept' : 'replaced',
      );
    expect(await kept.store.find(secret.locator)).toEqual({
      ...before,
      secretHash: after ?? secret.secretHash,
    });
  });

  test('is replaced for no secret that is gone', async () => {
    const kept = makeStore();
    const { secret } = imported();
    await kept.bcryptSecrets.replaceHash(secret, { secretHash: REPLACEMENT, now: NOW });
    expect(await kept.store.find(secret.locator)).toBeUndefined();
  });
});

describe('an imported key that was improved on its first use', () => {
  test.each(['count', 'stamp_every_call', 'stamp'] as const)(
    'stays the same item, with tracking %s',
    async (tracking) => {
      const { text, secret } = await importedKey();
      expect(await outcome(text, tracking)).toBe('allow');
      expect(await hashOf(secret)).toBe(digestHashOf(text));
      for (const instance of [cache, emptyBcryptCache()]) {
        cache = instance;
        expect(await outcome(text, tracking)).toBe('allow');
      }
      expect(bcrypt.compared).toHaveLength(1);
    },
  );

  test('is changed and revoked as any other key, in warm and in new instances', async () => {
    const { text, key } = await importedKey();
    await outcome(text);
    const disabled = await keyStoreOf(tables).update(anUpdate(key, { enabled: false }));
    if (disabled.kind !== 'changed') throw new Error(disabled.kind);
    const both = async () => {
      const warm = cache;
      const answers = [await outcome(text)];
      cache = emptyBcryptCache();
      answers.push(await outcome(text));
      cache = warm;
      return answers;
    };
    expect(await both()).toEqual(['disabled', 'disabled']);
    await keyStoreOf(tables).update(anUpdate(disabled.key, { enabled: true }));
    expect(await both()).toEqual(['allow', 'allow']);
    await keyStoreOf(tables).revoke(aRevocation(key));
    expect(await both()).toEqual(['revoked', 'revoked']);
  });

  test('is rotated to a secret of the issued shape, and its old text ends with the overlap', async () => {
    const { text, key, secret: old } = await importedKey();
    await outcome(text);
    const next = await makeSecret(KEY, { draw: randomBytes, bcrypt });
    const { rotation } = aRotation(key, 60);
    const rotated = await keyStoreOf(tables).rotate({ ...rotation, secret: next.secret });
    expect(rotated).toMatchObject({ kind: 'changed', key: { id: key.id, start: next.text.slice(0, 12) } });
    expect(next.text).toMatch(/^kw_live_/);
    expect([await outcome(text), await outcome(next.text)]).toEqual(['allow', 'allow']);
    const later = { now: NOW + 60 };
    expect([await outcome(text, 'stamp', later), await outcome(next.text, 'stamp', later)]).toEqual([
      'revoked',
      'allow',
    ]);
    expect(await hashOf(old)).toBe(digestHashOf(text));
  });

  test('that ends while its text is compared keeps its hash, and is refused', async () => {
    const { text, key, secret } = await importedKey();
    const { matches } = bcrypt;
    bcrypt.matches = async (given, hash) => {
      await keyStoreOf(tables).revoke(aRevocation(key));
      return matches(given, hash);
    };
    expect(await outcome(text)).toBe('revoked');
    expect(await hashOf(secret)).toBe(secret.secretHash);
  });

  test('by several instances at once is allowed by all of them', async () => {
    const { text, secret } = await importedKey();
    const proof = () => ({ store: dynamoBcryptSecretStore(tables), bcrypt, cache: emptyBcryptCache() });
    const store = dynamoVerificationStore(tables);
    const verdicts = await Promise.all(
      Array.from({ length: 8 }, (_, count) => {
        const tracking = count % 2 === 0 ? 'count' : 'stamp';
        return verify({ credentials: [KEY], store, tracking, bcrypt: proof() }, text, CLAIM);
      }),
    );
    expect(verdicts.map(({ kind }) => kind)).toEqual(Array.from({ length: 8 }, () => 'allow'));
    expect(await hashOf(secret)).toBe(digestHashOf(text));
  });
});
