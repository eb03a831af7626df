import { beforeEach, describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { hashedText } from '../../../core/credential/accepted-shape.ts';
import { hashImportedText } from '../../../core/credential/imported-hash.ts';
import { digestHashOf, digestOf, slotLocator } from '../../../core/credential/secret.ts';
import { Throttled } from '../../../core/errors/fault.ts';
import type { Tracking } from '../../../core/verification/last-use.ts';
import type { Claim } from '../../../core/verification/verdict.ts';
import type { StoredSecret } from '../../../core/verification/verification-store.ts';
import { verify } from '../../../core/verification/verify.ts';
import { type BcryptCache, DECOY_HASH } from '../../../core/verification/verify-bcrypt.ts';
import { keyTypeWith, OLDER, textOf } from '../credential/older-keys.ts';
import { type CountedHash, countedHash, emptyBcryptCache } from './fake-bcrypt.ts';
import { type MemoryStore, memoryVerificationStore } from './memory-verification-store.ts';
import { CLAIM, NOW, SECRET } from './stored-secrets.ts';

const KEY = keyTypeWith(OLDER.unkey, OLDER.betterAuth, OLDER.apiGateway, OLDER.salted, OLDER.bcrypt);
const TEXT = `sk_old_abcd-_12${'x'.repeat(35)}`;
const PLACE = slotLocator('abcd-_12', 2);
const LIMITED: StoredSecret = {
  ...SECRET,
  rateLimit: { limit: 9, windowSeconds: 60 },
  window: { endsAt: NOW + 60, used: 1 },
};

let store: MemoryStore;
let bcrypt: CountedHash;
let cache: BcryptCache;
beforeEach(() => {
  store = memoryVerificationStore();
  bcrypt = countedHash();
  cache = emptyBcryptCache();
});

const remember = (secret: StoredSecret, text = TEXT) =>
  store.secrets.set(PLACE, { ...secret, secretHash: `hash of ${text}` });
const hashNow = () => store.secrets.get(PLACE)?.secretHash;

async function ask(text = TEXT, tracking: Tracking = 'stamp', claim: Partial<Claim> = {}, keyType = KEY) {
  const proof = { store: store.bcryptSecrets, bcrypt, cache };
  return verify({ credentials: [keyType], store, tracking, bcrypt: proof }, text, { ...CLAIM, ...claim });
}
async function outcome(...asked: Parameters<typeof ask>) {
  const verdict = await ask(...asked);
  return verdict.kind === 'allow' ? 'allow' : verdict.code;
}

describe('a key from another system that is kept as SHA-256', () => {
  const shapes = [OLDER.unkey, OLDER.betterAuth, OLDER.apiGateway, OLDER.salted];
  test.each(shapes.map((shape) => [shape.name, shape] as const))(
    'of %s works with one operation',
    (_, shape) => {
      return fc.assert(
        fc.asyncProperty(textOf(shape.format), async (text) => {
          store.secrets.clear();
          store.operations.length = 0;
          store.secrets.set(digestOf(hashedText(shape, text)), { ...SECRET, lastUsedAt: NOW });
          expect(await outcome(text)).toBe('allow');
          expect(await outcome(`${text}~`)).toBe('malformed');
          expect(store.operations).toEqual(['find']);
          expect(bcrypt.compared).toEqual([]);
        }),
        { numRuns: 50 },
      );
    },
  );

  test('is counted and refused as any other key', async () => {
    const [text = ''] = fc.sample(textOf(OLDER.unkey.format), { numRuns: 1, seed: 1 });
    store.secrets.set(digestOf(text), { ...LIMITED, window: { endsAt: NOW + 60, used: 8 } });
    expect([await outcome(text, 'count'), await outcome(text, 'count')]).toEqual(['allow', 'rate_limited']);
    store.secrets.set(digestOf(text), { ...SECRET, state: 'revoked' });
    expect(await outcome(text, 'count')).toBe('revoked');
  });

  test('of a product without older keys is malformed, and costs no look-up', async () => {
    expect(await outcome(`acme_${'z'.repeat(22)}`, 'stamp', {}, keyTypeWith())).toBe('malformed');
    expect(store.operations).toEqual([]);
  });
});

describe('an imported bcrypt key that is used for the first time', () => {
  test.each(['count', 'stamp_every_call', 'stamp'] as const)(
    'becomes SHA-256 in its place, with tracking %s',
    async (tracking) => {
      remember(LIMITED);
      expect(await outcome(TEXT, tracking)).toBe('allow');
      expect(hashNow()).toBe(digestHashOf(TEXT));
      expect(store.operations.at(-1)).toBe('replace');
      expect([...store.secrets.keys()]).toEqual([PLACE]);
      expect(bcrypt.compared).toHaveLength(1);
      store.operations.length = 0;
      expect(await outcome(TEXT, tracking)).toBe('allow');
      expect(store.operations).toEqual([tracking === 'stamp' ? 'find' : 'count']);
      expect(bcrypt.compared).toHaveLength(1);
    },
  );

  test('needs no comparison in any other instance, and a single read where no call is counted', async () => {
    remember({ ...SECRET, lastUsedAt: NOW });
    await outcome();
    for (const [tracking, operations] of [
      ['stamp', ['query']],
      ['nothing', ['query']],
      ['stamp_every_call', ['query', 'count']],
    ] as const) {
      cache = emptyBcryptCache();
      store.operations.length = 0;
      expect(await outcome(TEXT, tracking)).toBe('allow');
      expect(store.operations).toEqual(operations);
    }
    expect(bcrypt.compared).toHaveLength(1);
  });

  test('is what the other system hashed, and the SHA-256 is of the whole text', async () => {
    const hashing = { part: 'after_prefix', before: 'salt:', after: ':v1' } as const;
    const keyType = keyTypeWith({ ...OLDER.bcrypt, hashing });
    remember(SECRET, `salt:${TEXT.slice('sk_old_'.length)}:v1`);
    expect(await outcome(TEXT, 'stamp', {}, keyType)).toBe('allow');
    expect(hashNow()).toBe(digestHashOf(TEXT));
  });

  test('changes nothing when somebody only looks at it', async () => {
    remember(SECRET);
    expect(await outcome(TEXT, 'nothing')).toBe('allow');
    expect(hashNow()).toBe(`hash of ${TEXT}`);
    expect(store.operations).toEqual(['query', 'find']);
  });

  test.each([
    ['revoked', { state: 'revoked' }, {}],
    ['disabled', { state: 'disabled' }, {}],
    ['expired', { expiresAt: NOW }, {}],
    ['wrong_workspace', {}, { workspace: 'other' }],
    ['unknown', { secretHash: 'hash of another text' }, {}],
  ] as const)('keeps its hash where it is refused as %s', async (code, change, claim) => {
    store.secrets.set(PLACE, { ...SECRET, secretHash: `hash of ${TEXT}`, ...change });
    const before = store.secrets.get(PLACE);
    expect(await outcome(TEXT, 'stamp', claim)).toBe(code);
    expect(store.secrets.get(PLACE)).toEqual(before);
  });

  test('is allowed although its hash could not be replaced, says so, and is tried again elsewhere', async () => {
    remember(SECRET);
    store.interfere = (operation) => {
      if (operation === 'replace') throw new Throttled('too often');
    };
    expect(await ask()).toMatchObject({
      kind: 'allow',
      degraded: 'hash',
      degradedBy: new Throttled('too often'),
    });
    expect(hashNow()).toBe(`hash of ${TEXT}`);
    expect(await ask()).not.toHaveProperty('degraded');
    store.interfere = () => {};
    cache = emptyBcryptCache();
    await outcome();
    expect(hashNow()).toBe(digestHashOf(TEXT));
  });

  test('stays remembered by its old hash if its holder may end it although it is disabled', async () => {
    remember({ ...SECRET, state: 'disabled' });
    for (const _ of ['cold', 'warm'])
      expect(await outcome(TEXT, 'stamp', { requirement: 'possession' })).toBe('allow');
    expect(hashNow()).toBe(`hash of ${TEXT}`);
    expect(bcrypt.compared).toHaveLength(1);
  });

  test('writes nothing more to a store that is throttled', async () => {
    remember(LIMITED);
    store.interfere = (operation) => {
      if (operation === 'count') throw new Throttled('too often');
    };
    expect(await ask(TEXT, 'count')).toMatchObject({ kind: 'allow', degraded: 'limit' });
    expect(store.operations).not.toContain('replace');
  });
});

describe('nothing is improved', () => {
  test('in a product that has promised bcrypt', async () => {
    const promised = { ...keyTypeWith(OLDER.bcrypt), storedAs: 'bcrypt' as const };
    remember(SECRET);
    for (const _ of ['cold', 'warm']) expect(await outcome(TEXT, 'stamp', {}, promised)).toBe('allow');
    expect(hashNow()).toBe(`hash of ${TEXT}`);
  });

  test('if the key has too few random bits for SHA-256', async () => {
    const format = { ...OLDER.bcrypt.format, minLength: 26, maxLength: 26 };
    const text = TEXT.slice(0, 'sk_old_'.length + 26);
    remember(SECRET, text);
    expect(await outcome(text, 'stamp', {}, keyTypeWith({ ...OLDER.bcrypt, format }))).toBe('allow');
    expect(hashNow()).toBe(`hash of ${text}`);
  });
});

describe('between the proof of an imported key and its improvement', () => {
  test.each([
    ['revoked', { state: 'revoked' }],
    ['disabled', { state: 'disabled' }],
    ['expired', { expiresAt: NOW - 1 }],
    ['revoked', { expiresAt: NOW, replacedAt: NOW }],
  ] as const)(
    'a key that ends keeps its hash and its state, and is %s with the next call',
    async (code, change) => {
      remember(SECRET);
      store.interfere = (operation) => {
        if (operation === 'replace')
          store.secrets.set(PLACE, { ...SECRET, secretHash: `hash of ${TEXT}`, ...change });
      };
      expect(await outcome()).toBe('allow');
      expect(hashNow()).toBe(`hash of ${TEXT}`);
      expect(await outcome()).toBe(code);
      cache = emptyBcryptCache();
      expect(await outcome()).toBe(code);
    },
  );

  test.each(['count', 'stamp'] as const)(
    'two instances prove and improve one key at once, and both calls are allowed (%s)',
    async (tracking) => {
      remember(LIMITED);
      const matches = bcrypt.matches;
      let isFirst = true;
      bcrypt.matches = async (text, hash) => {
        const isProven = await matches(text, hash);
        if (!isFirst) return isProven;
        isFirst = false;
        const own = cache;
        cache = emptyBcryptCache();
        expect(await outcome(TEXT, tracking)).toBe('allow');
        cache = own;
        return isProven;
      };
      expect(await outcome(TEXT, tracking)).toBe('allow');
      expect(hashNow()).toBe(digestHashOf(TEXT));
      const used = tracking === 'count' ? 3 : 1;
      expect(store.secrets.get(PLACE)?.window?.used).toBe(used);
    },
  );

  test.each(['count', 'stamp_every_call', 'stamp'] as const)(
    'an instance that knows the old hash recovers within its call, without a comparison (%s)',
    async (tracking) => {
      remember(LIMITED);
      const warm = emptyBcryptCache();
      warm.remember(TEXT, { locator: PLACE, secretHash: `hash of ${TEXT}` });
      await outcome(TEXT, tracking);
      cache = warm;
      bcrypt.compared.length = 0;
      for (const _ of ['stale', 'warm']) expect(await outcome(TEXT, tracking)).toBe('allow');
      expect(bcrypt.compared).toEqual([]);
      expect(warm.recall(TEXT)).toEqual({ locator: PLACE, secretHash: digestHashOf(TEXT) });
    },
  );
});

describe('a wrong text of an imported key', () => {
  const wrong = `${TEXT.slice(0, -1)}y`;

  test('costs one comparison whether its look-up prefix is unknown, known or improved', async () => {
    expect(await outcome(wrong)).toBe('unknown');
    expect(bcrypt.compared).toEqual([DECOY_HASH]);
    remember(SECRET);
    expect(await outcome(wrong)).toBe('unknown');
    await outcome();
    bcrypt.compared.length = 0;
    expect(await outcome(wrong)).toBe('unknown');
    expect(bcrypt.compared).toEqual([DECOY_HASH]);
  });

  test('of another shape costs none', async () => {
    for (const text of [`acme_${'z'.repeat(22)}`, TEXT.slice(0, -1), `${TEXT}x`]) await outcome(text);
    expect(bcrypt.compared).toEqual([]);
  });

  test('is never taken for the key because it is the text of its stored digest', async () => {
    remember(SECRET);
    await outcome();
    for (const text of [digestHashOf(TEXT), digestOf(TEXT), PLACE])
      expect(['malformed', 'unknown']).toContain(await outcome(text));
  });
});

test('an imported text whose hash is of SHA-256 from the start needs no comparison at all', async () => {
  const imported = await hashImportedText(KEY, TEXT, bcrypt);
  if (imported.kind !== 'by_prefix') throw new Error(imported.kind);
  store.secrets.set(slotLocator(imported.lookupPrefix, 0), { ...SECRET, secretHash: imported.secretHash });
  expect(await outcome()).toBe('allow');
  expect(bcrypt.compared).toEqual([]);
});
