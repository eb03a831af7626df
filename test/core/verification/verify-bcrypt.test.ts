import { beforeEach, describe, expect, test } from '@jest/globals';
import type { KeyFormat } from '../../../core/credential/key-text.ts';
import { type SecretLocator, slotLocator } from '../../../core/credential/secret.ts';
import { Throttled } from '../../../core/errors/fault.ts';
import type { Tracking } from '../../../core/verification/last-use.ts';
import type { Claim } from '../../../core/verification/verdict.ts';
import type { StoredSecret } from '../../../core/verification/verification-store.ts';
import { verify } from '../../../core/verification/verify.ts';
import { type BcryptCache, DECOY_HASH } from '../../../core/verification/verify-bcrypt.ts';
import { type CountedHash, countedHash, emptyBcryptCache } from './fake-bcrypt.ts';
import { type MemoryStore, memoryVerificationStore } from './memory-verification-store.ts';
import { boundTo, CLAIM, NOW, SECRET } from './stored-secrets.ts';

const FORMAT: KeyFormat = { prefix: 'sk_live_', randomLength: 32, hasChecksum: false };
const keyOf = (lookupPrefix: string, rest: string) => `sk_live_${lookupPrefix}${rest.repeat(24)}`;
const TEXT = keyOf('abcdefgh', 'a');
const SIBLING = keyOf('abcdefgh', 'b');
const LOCATOR = slotLocator('abcdefgh', 2);
const TRACKINGS = ['count', 'stamp_every_call', 'stamp', 'nothing'] as const;

let store: MemoryStore;
let bcrypt: CountedHash;
let cache: BcryptCache;
beforeEach(() => {
  store = memoryVerificationStore();
  bcrypt = countedHash();
  cache = emptyBcryptCache();
});

const remember = (secret: StoredSecret = SECRET, text = TEXT, locator: SecretLocator = LOCATOR) =>
  store.secrets.set(locator, { ...secret, secretHash: `hash of ${text}` });

async function outcome(text = TEXT, tracking: Tracking = 'stamp_every_call', claim: Partial<Claim> = {}) {
  const credentials = [{ kind: 'api_key', format: FORMAT, storedAs: 'bcrypt' }] as const;
  const proof = { store: store.bcryptSecrets, bcrypt, cache };
  const verdict = await verify({ credentials, store, tracking, bcrypt: proof }, text, { ...CLAIM, ...claim });
  return verdict.kind === 'allow' ? 'allow' : verdict.code;
}

describe('verifying a bcrypt key', () => {
  test('costs one query, one comparison and one write on the first call in an instance', async () => {
    remember();
    expect(await outcome()).toBe('allow');
    expect(store.operations).toEqual(['query', 'count']);
    expect(bcrypt.compared).toHaveLength(1);
  });

  test('costs one write and no comparison on every further call', async () => {
    remember();
    for (let call = 0; call < 5; call += 1) expect(await outcome()).toBe('allow');
    expect(store.operations).toEqual(['query', 'count', 'count', 'count', 'count', 'count']);
    expect(bcrypt.compared).toHaveLength(1);
  });

  test('costs nothing if the text does not have the shape of a key', async () => {
    for (const text of [TEXT.slice(1), `${TEXT}a`, `${TEXT.slice(0, -1)}-`, '']) {
      expect(await outcome(text)).toBe('malformed');
    }
    expect([store.operations, bcrypt.compared]).toEqual([[], []]);
  });

  test('costs as many comparisons for an unknown look-up prefix as for a known one', async () => {
    remember();
    expect(await outcome(keyOf('ijklmnop', 'a'))).toBe('unknown');
    expect(bcrypt.compared).toEqual([DECOY_HASH]);
    expect(await outcome(keyOf('abcdefgh', 'z'))).toBe('unknown');
    expect(bcrypt.compared).toEqual([DECOY_HASH, `hash of ${TEXT}`]);
  });
});

describe.each(TRACKINGS)('with tracking %s', (tracking) => {
  test('a wrong secret behind a known look-up prefix is unknown, changes nothing, and is not remembered', async () => {
    const states: StoredSecret[] = [
      SECRET,
      { ...SECRET, state: 'revoked' },
      { ...SECRET, expiresAt: NOW - 1 },
    ];
    for (const secret of states) {
      remember(secret);
      const before = store.secrets.get(LOCATOR);
      for (const _ of ['first', 'second']) expect(await outcome(SIBLING, tracking)).toBe('unknown');
      expect(store.secrets.get(LOCATOR)).toEqual(before);
      expect(cache.recall(SIBLING)).toBeUndefined();
    }
    expect(new Set(store.operations)).toEqual(new Set(['query']));
  });

  test('keys that share a look-up prefix all work, each as itself', async () => {
    remember(SECRET, TEXT, slotLocator('abcdefgh', 0));
    remember({ ...SECRET, state: 'disabled' }, SIBLING, slotLocator('abcdefgh', 3));
    for (const _ of ['cold', 'warm']) {
      expect(await outcome(TEXT, tracking)).toBe('allow');
      expect(await outcome(SIBLING, tracking)).toBe('disabled');
    }
    expect(bcrypt.compared).toHaveLength(3);
  });

  test('a key that was revoked, disabled or has expired is refused on the next call of a warm instance', async () => {
    remember();
    expect(await outcome(TEXT, tracking)).toBe('allow');
    for (const [code, change] of [
      ['revoked', { state: 'revoked' }],
      ['disabled', { state: 'disabled' }],
      ['expired', { expiresAt: NOW }],
    ] as const) {
      remember({ ...SECRET, ...change });
      expect(await outcome(TEXT, tracking)).toBe(code);
    }
    expect(bcrypt.compared).toHaveLength(1);
  });

  test('a text that an instance has proven is refused once another secret, or none, has its slot', async () => {
    remember();
    expect(await outcome(TEXT, tracking)).toBe('allow');
    remember(SECRET, SIBLING);
    const other = store.secrets.get(LOCATOR);
    expect(await outcome(TEXT, tracking)).toBe('unknown');
    expect(store.secrets.get(LOCATOR)).toEqual(other);
    expect(cache.recall(TEXT)).toBeUndefined();
    store.secrets.clear();
    expect(await outcome(TEXT, tracking)).toBe('unknown');
    expect(store.secrets.size).toBe(0);
  });

  test('a secret that has moved to another slot is proven anew', async () => {
    remember();
    await outcome(TEXT, tracking);
    store.secrets.clear();
    remember(SECRET, TEXT, slotLocator('abcdefgh', 1));
    expect(await outcome(TEXT, tracking)).toBe('allow');
    expect(bcrypt.compared).toHaveLength(2);
  });

  test('a fault of the store or of the comparison is thrown and is never a verdict', async () => {
    remember();
    const matches = bcrypt.matches;
    bcrypt.matches = async () => {
      throw new Error('bcrypt is broken.');
    };
    await expect(outcome(TEXT, tracking)).rejects.toThrow('bcrypt is broken.');
    bcrypt.matches = matches;
    store.interfere = () => {
      throw new Error('The store is down.');
    };
    await expect(outcome(TEXT, tracking)).rejects.toThrow('The store is down.');
  });
});

describe('the time of use of a bcrypt key', () => {
  test('is noted with every allowed call, and with no refused call', async () => {
    remember();
    for (const now of [NOW, NOW + 1, NOW + 2]) {
      await outcome(TEXT, 'stamp_every_call', { now });
      expect(store.secrets.get(LOCATOR)?.lastUsedAt).toBe(now);
    }
    await outcome(TEXT, 'stamp_every_call', { now: NOW + 3, workspace: 'other' });
    expect(store.secrets.get(LOCATOR)?.lastUsedAt).toBe(NOW + 2);
  });

  test('is noted in a second operation if the key is bound to networks', async () => {
    remember(boundTo(['203.0.113.0/24']));
    expect(await outcome()).toBe('allow');
    expect(store.operations).toEqual(['query', 'count', 'count']);
    expect(await outcome(TEXT, 'stamp_every_call', { sourceAddress: '192.0.2.1' })).toBe('network');
  });

  test('counts nothing, and asks for no limit', async () => {
    const used = { endsAt: NOW + 60, used: 5 };
    remember({ ...SECRET, rateLimit: { limit: 5, windowSeconds: 60 }, window: used });
    expect(await outcome()).toBe('allow');
    expect(store.secrets.get(LOCATOR)?.window).toEqual(used);
  });

  test('is skipped if the key is used faster than DynamoDB can write, and a revoked key is still refused', async () => {
    store.interfere = (operation) => {
      if (operation === 'count') throw new Throttled('too often');
    };
    remember();
    expect(await outcome()).toBe('allow');
    remember({ ...SECRET, state: 'revoked' });
    expect(await outcome()).toBe('revoked');
    remember(SECRET, SIBLING);
    expect(await outcome()).toBe('unknown');
  });
});

test('the holder of a disabled secret may revoke it, from any network', async () => {
  remember({ ...boundTo(['10.0.0.0/8']), state: 'disabled' });
  expect(await outcome(TEXT, 'stamp_every_call', { requirement: 'possession' })).toBe('allow');
});

test('verification of bcrypt keys without a way to compare hashes is a fault, not a verdict', async () => {
  const credentials = [{ kind: 'api_key', format: FORMAT, storedAs: 'bcrypt' }] as const;
  await expect(verify({ credentials, store, tracking: 'nothing' }, TEXT, CLAIM)).rejects.toThrow('bcrypt');
});
