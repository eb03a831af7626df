import { beforeEach, describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { checksum, type KeyFormat } from '../../../core/credential/key-text.ts';
import { digestOf } from '../../../core/credential/secret.ts';
import { Throttled, Unavailable } from '../../../core/errors/fault.ts';
import type { Tracking } from '../../../core/verification/last-use.ts';
import type { Claim, Verdict } from '../../../core/verification/verdict.ts';
import { type StoredSecret, windowEndAfter } from '../../../core/verification/verification-store.ts';
import { verify } from '../../../core/verification/verify.ts';
import { type MemoryStore, memoryVerificationStore } from './memory-verification-store.ts';
import { apiKeyOf, boundTo, CLAIM, NOW, SECRET } from './stored-secrets.ts';

const FORMATS: readonly KeyFormat[] = [
  { prefix: 'kw_live_', randomLength: 30, hasChecksum: true },
  { prefix: 'kwm_', randomLength: 30, hasChecksum: true },
];
const random = `kw_live_${'a'.repeat(30)}`;
const TEXT = random + checksum(random);
const TRACKINGS = ['count', 'stamp', 'nothing'] as const;
const LIMIT = { limit: 2, windowSeconds: 60 };

let store: MemoryStore;
beforeEach(() => {
  store = memoryVerificationStore();
});

const remember = (secret: StoredSecret) => store.secrets.set(digestOf(TEXT), secret);
const remembered = () => store.secrets.get(digestOf(TEXT));
const check = (tracking: Tracking, claim: Partial<Claim> = {}, text = TEXT) =>
  verify({ credentials: FORMATS.map(apiKeyOf), store, tracking }, text, { ...CLAIM, ...claim });
const outcome = async (...asked: Parameters<typeof check>) => {
  const verdict = await check(...asked);
  return verdict.kind === 'allow' ? 'allow' : verdict.code;
};

test('the time of use is stamped before the verdict is given, so that a frozen function loses nothing', async () => {
  remember(SECRET);
  expect(await check('stamp')).toMatchObject({ kind: 'allow' });
  expect(remembered()?.lastUsedAt).toBe(NOW);
});

test('a store that throws at once rejects the promise, as one that fails later does', async () => {
  const fault = new Error('The store is down.');
  store.interfere = () => {
    throw fault;
  };
  const atOnce = {
    ...store,
    find() {
      throw fault;
    },
  };
  for (const failing of [store, atOnce]) {
    const verification = { credentials: FORMATS.map(apiKeyOf), store: failing, tracking: 'stamp' } as const;
    await expect(verify(verification, TEXT, CLAIM)).rejects.toBe(fault);
  }
});

test('a key whose use cannot be noted is verified by a read, and its verdict says so', async () => {
  remember(SECRET);
  const fault = new Error('The store is down.');
  store.interfere = (operation) => {
    if (operation === 'stamp') throw fault;
  };
  const principal = SECRET.principal;
  expect(await check('stamp')).toEqual({ kind: 'allow', principal, degraded: 'stamp', degradedBy: fault });
  remember({ ...SECRET, lastUsedAt: NOW });
  expect(await check('stamp')).toEqual({ kind: 'allow', principal });
  remember({ ...SECRET, state: 'revoked' });
  expect(await check('stamp')).toEqual({ kind: 'refuse', code: 'revoked', principal });
});

test('a key used too fast to be counted is verified by a read, and only its limit is not enforced', async () => {
  store.interfere = (operation) => {
    if (operation === 'count') throw new Throttled('too often');
  };
  remember(SECRET);
  expect(await outcome('count')).toBe('allow');
  remember({ ...SECRET, state: 'revoked' });
  expect(await outcome('count')).toBe('revoked');
});

test('a limit that a read shows to be used up is enforced, even if the call cannot be counted', async () => {
  store.interfere = (operation) => {
    if (operation === 'count') throw new Throttled('too often');
  };
  remember({ ...SECRET, rateLimit: LIMIT, window: { endsAt: NOW + 60, used: 2 } });
  expect(await check('count')).toMatchObject({ code: 'rate_limited', rate: { resetSeconds: 60 } });
  expect(await check('stamp_every_call')).toMatchObject({ kind: 'allow' });
});

test('a verdict says which of stamp and limit was skipped, and shows no limit that it did not count against', async () => {
  store.interfere = (operation) => {
    if (operation === 'count') throw new Throttled('too often');
  };
  remember({ ...SECRET, rateLimit: { limit: 5, windowSeconds: 60 } });
  const limited = await check('count');
  expect(limited).toMatchObject({ kind: 'allow', degraded: 'limit' });
  expect(limited).not.toHaveProperty('rate');
  expect(await check('stamp_every_call')).toMatchObject({ degraded: 'stamp' });
  remember(SECRET);
  expect(await check('count')).toMatchObject({ degraded: 'stamp' });
  store.interfere = () => {};
  expect(await check('count')).not.toHaveProperty('degraded');
});

describe.each(TRACKINGS)('with tracking %s', (tracking) => {
  test('a text without the shape of a key costs no store operation', async () => {
    for (const text of [
      '',
      TEXT.slice(1),
      `${TEXT}0`,
      TEXT.toUpperCase(),
      `${TEXT.slice(0, -1)}!`,
      '\ud800',
    ]) {
      expect(await outcome(tracking, {}, text)).toBe('malformed');
    }
    expect(store.operations).toEqual([]);
  });

  test('an unknown key costs one operation and is refused', async () => {
    expect(await outcome(tracking)).toBe('unknown');
    expect(store.operations).toHaveLength(1);
    expect(store.secrets.size).toBe(0);
  });

  test('a fault of the store is thrown and is never a verdict', async () => {
    for (const failing of ['find', 'count']) {
      remember(SECRET);
      store.interfere = (operation) => {
        if (operation === failing) throw new Error('The store is down.');
      };
      const isUsed = { count: ['count'], stamp: ['find'], nothing: ['find'] }[tracking].includes(failing);
      if (isUsed) await expect(check(tracking)).rejects.toThrow('The store is down.');
      else expect(await outcome(tracking)).toBe('allow');
    }
  });

  test('a refused call changes nothing in the store', async () => {
    const refused: [string, StoredSecret, Partial<Claim>][] = [
      ['revoked', { ...SECRET, state: 'revoked' }, {}],
      ['expired', { ...SECRET, expiresAt: NOW }, {}],
      ['disabled', { ...SECRET, state: 'disabled' }, {}],
      ['network', boundTo(['10.0.0.0/8']), {}],
      ['wrong_workspace', SECRET, { workspace: 'other' }],
      ['insufficient_scope', SECRET, { requirement: { requiredScope: 'write', grantedBy: ['write'] } }],
      ['forbidden', SECRET, { requirement: 'none' }],
    ];
    for (const [code, secret, claim] of refused) {
      const limited = { ...secret, rateLimit: LIMIT };
      remember(limited);
      expect(await outcome(tracking, claim)).toBe(code);
      expect(remembered()).toEqual(limited);
    }
  });
});

describe('operations per verification', () => {
  test('counting: one in an open window, two for the first call of a window', async () => {
    remember({ ...SECRET, rateLimit: LIMIT, window: { endsAt: NOW + 60, used: 0 } });
    expect(await outcome('count')).toBe('allow');
    expect(store.operations).toEqual(['count']);
    expect(await outcome('count', { now: NOW + 60 })).toBe('allow');
    expect(store.operations).toEqual(['count', 'count', 'count']);
  });

  test('counting: one for a refused call, also for one above the limit', async () => {
    remember({ ...SECRET, rateLimit: LIMIT, window: { endsAt: NOW + 60, used: 2 } });
    expect(await outcome('count')).toBe('rate_limited');
    expect(store.operations).toEqual(['count']);
  });

  test('counting: one without a limit, two for a key bound to networks that nobody remembers', async () => {
    remember(SECRET);
    await check('count');
    expect(store.operations).toHaveLength(1);
    remember(boundTo(['203.0.113.0/24']));
    expect(await outcome('count')).toBe('allow');
    expect(store.operations).toHaveLength(3);
  });

  test('stamping: one, and a second at most once a minute', async () => {
    remember(SECRET);
    for (const now of [NOW, NOW + 59, NOW + 60]) await check('stamp', { now });
    expect(store.operations).toEqual(['find', 'stamp', 'find', 'find', 'stamp']);
  });

  test('looking only: one, and nothing is left behind', async () => {
    remember({ ...SECRET, rateLimit: LIMIT });
    expect(await outcome('nothing')).toBe('allow');
    expect(store.operations).toEqual(['find']);
    expect(remembered()).toMatchObject({ window: null, lastUsedAt: null });
  });
});

describe('a limit', () => {
  test('lets exactly its number of calls through in each window, whatever their times', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 1, max: 5 }),
        fc.array(fc.nat(179), { minLength: 1, maxLength: 30 }),
        async (limit, offsets) => {
          store = memoryVerificationStore();
          remember({ ...SECRET, rateLimit: { limit, windowSeconds: 60 } });
          const allowed = new Map<number, number>();
          const asked = new Map<number, number>();
          for (const offset of offsets.sort((one, other) => one - other)) {
            const now = NOW + offset;
            const window = windowEndAfter(now, 60);
            asked.set(window, (asked.get(window) ?? 0) + 1);
            const isAllowed = (await outcome('count', { now })) === 'allow';
            allowed.set(window, (allowed.get(window) ?? 0) + (isAllowed ? 1 : 0));
          }
          for (const [window, count] of asked) expect(allowed.get(window)).toBe(Math.min(limit, count));
        },
      ),
    );
  });

  test('appears in the verdict, with the calls that are left and when to come back', async () => {
    remember({ ...SECRET, rateLimit: LIMIT });
    expect(await check('count', { now: NOW + 45 })).toMatchObject({
      rate: { remaining: 1, resetSeconds: 15 },
    });
    expect(await check('count', { now: NOW + 45 })).toMatchObject({
      rate: { remaining: 0, resetSeconds: 15 },
    });
    const third = { kind: 'refuse', code: 'rate_limited', rate: { remaining: 0, resetSeconds: 15 } };
    expect(await check('count', { now: NOW + 45 })).toMatchObject(third);
  });

  test('counts a call in the window that another caller has just opened', async () => {
    remember({ ...SECRET, rateLimit: LIMIT });
    store.interfere = () => {
      if (store.operations.length === 1)
        remember({ ...SECRET, rateLimit: LIMIT, window: { endsAt: NOW + 60, used: 1 } });
    };
    expect(await outcome('count')).toBe('allow');
    expect(store.operations).toHaveLength(3);
    expect(remembered()?.window).toEqual({ endsAt: NOW + 60, used: 2 });
  });

  test('is not given out twice if a clock lags behind the stored window', async () => {
    remember({ ...SECRET, rateLimit: LIMIT, window: { endsAt: NOW + 120, used: 1 } });
    expect(await outcome('count', { now: NOW + 59 })).toBe('allow');
    expect(await outcome('count', { now: NOW + 59 })).toBe('rate_limited');
    expect(remembered()?.window).toEqual({ endsAt: NOW + 120, used: 2 });
  });

  test('also holds for a key bound to networks on the first call of a window', async () => {
    remember({ ...boundTo(['203.0.113.0/24']), rateLimit: { limit: 1, windowSeconds: 60 } });
    expect([await outcome('count'), await outcome('count')]).toEqual(['allow', 'rate_limited']);
  });

  test('is checked last: a caller who may not call is told so, even above the limit', async () => {
    remember({ ...SECRET, state: 'disabled', rateLimit: LIMIT, window: { endsAt: NOW + 60, used: 2 } });
    expect(await outcome('count')).toBe('disabled');
  });
});

describe('a key whose networks change between all attempts to count it', () => {
  const changing = (secret: Partial<StoredSecret> = {}) => {
    let change = 0;
    store.interfere = () => {
      change += 1;
      remember({ ...boundTo(['203.0.113.0/24', `10.${change}.0.0/16`]), ...secret });
    };
  };

  test.each(['count', 'stamp_every_call'] as const)(
    'is let in by what is read where nothing limits it, and said to be not noted: %s',
    async (tracking) => {
      changing();
      expect(await check(tracking)).toMatchObject({ kind: 'allow', degraded: 'stamp' });
      expect(store.operations).toEqual(['count', 'count', 'count', 'count', 'find']);
    },
  );

  test('is a fault if its limit may or may not be used up: neither allowed nor rate limited', async () => {
    changing({ rateLimit: LIMIT, window: { endsAt: NOW + 60, used: 1 } });
    await expect(check('count')).rejects.toBeInstanceOf(Unavailable);
    changing({ rateLimit: LIMIT });
    await expect(check('count')).rejects.toBeInstanceOf(Unavailable);
    expect(remembered()?.window).toBeNull();
  });

  test('is rate limited if the last read shows its limit to be used up', async () => {
    changing({ rateLimit: LIMIT, window: { endsAt: NOW + 60, used: 1 } });
    const unlike = store.interfere;
    store.interfere = (operation) => {
      if (operation === 'find')
        remember({ ...SECRET, rateLimit: LIMIT, window: { endsAt: NOW + 60, used: 2 } });
      else unlike(operation);
    };
    expect(await check('count')).toMatchObject({
      code: 'rate_limited',
      rate: { remaining: 0, resetSeconds: 60 },
    });
  });

  test('is refused if the last read shows another reason', async () => {
    changing();
    const unlike = store.interfere;
    store.interfere = (operation) => {
      if (operation === 'find') remember({ ...SECRET, state: 'revoked' });
      else unlike(operation);
    };
    expect(await outcome('stamp_every_call')).toBe('revoked');
  });
});

test('no call is refused as above a limit unless a read showed the limit to be used up', async () => {
  const states = fc.record({
    cidrs: fc.constantFrom([], ['203.0.113.0/24'], ['203.0.113.0/24', '10.0.0.0/8']),
    rateLimit: fc.constantFrom(null, LIMIT, { limit: 2, windowSeconds: 30 }),
    used: fc.constantFrom(null, 0, 1, 2),
  });
  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom('count' as const, 'stamp_every_call' as const),
      fc.array(states, { minLength: 1, maxLength: 6 }),
      async (tracking, changes) => {
        store = memoryVerificationStore();
        let isUsedUp = false;
        const pending = [...changes];
        store.interfere = () => {
          const { cidrs, rateLimit, used } = pending.shift() ?? (changes.at(-1) as (typeof changes)[number]);
          const window = rateLimit && used !== null ? { endsAt: NOW + 30, used } : null;
          remember({ ...boundTo(cidrs), rateLimit, window });
          if (rateLimit !== null && used === rateLimit.limit) isUsedUp = true;
        };
        const verdict = await Promise.resolve(check(tracking)).catch((error: unknown) => error);
        if (verdict instanceof Error) expect(verdict).toBeInstanceOf(Unavailable);
        else if ((verdict as Verdict).kind === 'refuse')
          expect({ verdict, isUsedUp, tracking }).toMatchObject({
            verdict: { code: 'rate_limited' },
            isUsedUp: true,
            tracking: 'count',
          });
      },
    ),
  );
});

test('windows are aligned to the epoch, end in the future, and are never longer than they say', () => {
  fc.assert(
    fc.property(fc.nat(4_000_000_000), fc.integer({ min: 1, max: 86_400 }), (now, windowSeconds) => {
      const end = windowEndAfter(now, windowSeconds);
      expect(end % windowSeconds).toBe(0);
      expect(end).toBeGreaterThan(now);
      expect(end - now).toBeLessThanOrEqual(windowSeconds);
    }),
  );
});
