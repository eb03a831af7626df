import { randomBytes } from 'node:crypto';
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import {
  BASE62,
  checksum,
  encodeBase62,
  generateKey,
  hasFormat,
  type KeyFormat,
  randomBase62,
  startOf,
} from '../../../core/credential/key-text.ts';
import { anyText } from '../text/any-text.ts';

const CHECKED: KeyFormat = { prefix: 'kw_live_', randomLength: 30, hasChecksum: true };
const BARE: KeyFormat = { prefix: '', randomLength: 40, hasChecksum: false };

const format = fc.record({
  prefix: fc.constantFrom('', 'kw_live_', 'sk_live_', 'sophic_pat_', 'a_'),
  randomLength: fc.integer({ min: 22, max: 64 }),
  hasChecksum: fc.boolean(),
});
/** A key of a format, made from bytes that fast-check can shrink. */
const keyOf = (of: KeyFormat) =>
  fc
    .array(fc.constantFrom(...BASE62), { minLength: of.randomLength, maxLength: of.randomLength })
    .map((random) => {
      const text = of.prefix + random.join('');
      return of.hasChecksum ? text + checksum(text) : text;
    });
const base62Character = fc.constantFrom(...BASE62);

describe('a generated key', () => {
  test('has its format: prefix, length, alphabet, checksum', () => {
    fc.assert(
      fc.property(format, (of) => {
        const key = generateKey(of, randomBytes);
        expect(hasFormat(of, key)).toBe(true);
        expect(key.startsWith(of.prefix)).toBe(true);
        expect(key).toHaveLength(of.prefix.length + of.randomLength + (of.hasChecksum ? 6 : 0));
        if (of.hasChecksum) expect(key.slice(-6)).toBe(checksum(key.slice(0, -6)));
      }),
    );
  });

  test('shows its prefix and four characters, and no more', () => {
    const key = generateKey(CHECKED, randomBytes);
    expect(startOf(CHECKED, key)).toBe(key.slice(0, 12));
    expect(startOf(BARE, generateKey(BARE, randomBytes))).toHaveLength(4);
  });

  test('carries at least 128 random bits in every format that a profile may ask for', () => {
    expect(22 * Math.log2(62)).toBeGreaterThan(128);
  });
});

describe('a key with a checksum is refused', () => {
  const positions = CHECKED.prefix.length + CHECKED.randomLength + 6;

  test('when any one character is another', () => {
    const changes = fc.tuple(keyOf(CHECKED), fc.nat(positions - 1), anyText({ minLength: 1, maxLength: 1 }));
    fc.assert(
      fc.property(
        fc.oneof(changes, fc.tuple(keyOf(CHECKED), fc.nat(positions - 1), base62Character)),
        ([key, at, character]) => {
          fc.pre(key[at] !== character);
          expect(hasFormat(CHECKED, key.slice(0, at) + character + key.slice(at + 1))).toBe(false);
        },
      ),
      { numRuns: 2_000 },
    );
  });

  test('when any two neighbours have changed places', () => {
    fc.assert(
      fc.property(keyOf(CHECKED), fc.nat(positions - 2), (key, at) => {
        const [one = '', other = ''] = key.slice(at, at + 2);
        fc.pre(one !== other);
        expect(hasFormat(CHECKED, key.slice(0, at) + other + one + key.slice(at + 2))).toBe(false);
      }),
      { numRuns: 2_000 },
    );
  });

  test('when it is cut anywhere, or anything is put before or behind it', () => {
    fc.assert(
      fc.property(keyOf(CHECKED), fc.nat(positions - 1), fc.string({ minLength: 1 }), (key, length, more) => {
        expect(hasFormat(CHECKED, key.slice(0, length))).toBe(false);
        expect(hasFormat(CHECKED, key.slice(positions - length))).toBe(false);
        expect(hasFormat(CHECKED, key + more)).toBe(false);
        expect(hasFormat(CHECKED, more + key)).toBe(false);
      }),
    );
  });

  test('under any other prefix, also one that is as long', () => {
    const others = ['kw_test_', 'KW_live_', 'sk_live_', 'kw_live-', '', 'kwm_'];
    fc.assert(
      fc.property(keyOf(CHECKED), fc.constantFrom(...others), (key, prefix) => {
        expect(hasFormat(CHECKED, prefix + key.slice(CHECKED.prefix.length))).toBe(false);
        expect(hasFormat({ ...CHECKED, prefix }, key)).toBe(false);
      }),
    );
  });

  test('when its checksum is of the random part alone', () => {
    const random = 'a'.repeat(30);
    expect(hasFormat(CHECKED, `kw_live_${random}${checksum(random)}`)).toBe(false);
  });
});

describe('a key without prefix and checksum', () => {
  test('is still checked for its length', () => {
    fc.assert(
      fc.property(keyOf(BARE), base62Character, (key, more) => {
        expect(hasFormat(BARE, key)).toBe(true);
        expect(hasFormat(BARE, key.slice(1))).toBe(false);
        expect(hasFormat(BARE, key + more)).toBe(false);
      }),
    );
  });

  test('is still checked for its alphabet', () => {
    const foreign = anyText({ minLength: 1, maxLength: 1 }).filter((text) => !BASE62.includes(text));
    fc.assert(
      fc.property(keyOf(BARE), fc.nat(39), foreign, (key, at, character) => {
        const changed = (key.slice(0, at) + character + key.slice(at + 1)).slice(0, 40);
        fc.pre(changed.length === 40);
        expect(hasFormat(BARE, changed)).toBe(false);
      }),
    );
  });
});

test('no text whatever makes the check throw, and no random one passes it', () => {
  const surrogates = ['\ud800', '\udfff', '\ud800\udc00'.repeat(22), 'ａ'.repeat(44), '\0'.repeat(44), ''];
  const texts = fc.oneof(anyText({ maxLength: 100 }), fc.constantFrom(...surrogates));
  fc.assert(
    fc.property(format, texts, (of, text) => {
      // Without prefix and checksum a random text may be a key in shape; it still has to be base62 throughout.
      const expected =
        of.prefix === '' && !of.hasChecksum && text.length === of.randomLength && /^[0-9A-Za-z]*$/.test(text);
      expect(hasFormat(of, text)).toBe(expected);
    }),
    { numRuns: 3_000 },
  );
});

test('a character that only looks like base62 once its upper bits are dropped is refused', () => {
  const key = generateKey(BARE, randomBytes);
  for (const shift of [128, 256, 512, 0xff00]) {
    const lookalike = String.fromCharCode(key.charCodeAt(5) + shift);
    expect(hasFormat(BARE, key.slice(0, 5) + lookalike + key.slice(6))).toBe(false);
  }
});

describe('a checksum', () => {
  test.each([
    ['', '000000'],
    ['123456789', '3jZRME'],
    ['The quick brown fox jumps over the lazy dog', '1C9bYH'],
  ])('of %j is the published CRC-32 in base62', (text, expected) => {
    expect(checksum(text)).toBe(expected);
  });

  test('is six base62 characters of the CRC-32, computed bit by bit, and padded with zeros', () => {
    const ascii = fc.string({ unit: 'binary-ascii', maxLength: 100 });
    fc.assert(
      fc.property(ascii, (text) => expect(checksum(text)).toBe(encodeBase62(crc32BitByBit(text), 6))),
    );
  });
});

/** CRC-32 as IEEE 802.3 defines it: reflected, polynomial 0xEDB88320. */
function crc32BitByBit(text: string): number {
  let remainder = 0xffffffff;
  for (const byte of Buffer.from(text)) {
    remainder ^= byte;
    for (let bit = 0; bit < 8; bit += 1)
      remainder = remainder & 1 ? (remainder >>> 1) ^ 0xedb88320 : remainder >>> 1;
  }
  return ~remainder >>> 0;
}

/** Hands out the bytes from 0 to 255 over and over, so that each is drawn equally often. */
function everyByteInTurn() {
  let next = 0;
  return (count: number) => Uint8Array.from({ length: count }, () => next++ % 256);
}

describe('random base62', () => {
  test('draws each character equally often from a source that draws each byte equally often', () => {
    // 248 bytes of each 256 are used, four for each character.
    const text = randomBase62(248 * 50, everyByteInTurn());
    const counts = new Map([...BASE62].map((character) => [character, text.split(character).length - 1]));
    expect(new Set(counts.values())).toEqual(new Set([200]));
    expect(counts.size).toBe(62);
  });

  test('draws again in place of the bytes that would favour some characters', () => {
    const bytes = [255, 248, 61, 254, 0, 249];
    expect(
      randomBase62(4, (count) => Uint8Array.from(bytes.splice(0, count).concat(62).slice(0, count))),
    ).toBe('z000');
  });

  test('has the asked length and alphabet whatever the source gives', () => {
    fc.assert(
      fc.property(fc.nat(200), fc.infiniteStream(fc.nat(255)), (length, stream) => {
        // Every second byte is usable, or a source of large bytes alone would never be done.
        const source = (count: number) =>
          Uint8Array.from([...stream.take(count)].flatMap((b) => [b, b % 200]));
        const text = randomBase62(length, (count) => source(count).slice(0, Math.max(2, count)));
        expect(text.slice(0, length)).toMatch(new RegExp(`^[0-9A-Za-z]{${length}}$`));
      }),
      { numRuns: 50 },
    );
  });

  test('never repeats itself with a real source', () => {
    const texts = Array.from({ length: 2_000 }, () => randomBase62(30, randomBytes));
    expect(new Set(texts).size).toBe(2_000);
  });
});

describe('encoding in base62', () => {
  test('has exactly the asked width and reads back as the same number', () => {
    fc.assert(
      fc.property(fc.nat(2 ** 31), (value) => {
        const text = encodeBase62(value, 6);
        expect(text).toHaveLength(6);
        expect([...text].reduce((sum, character) => sum * 62 + BASE62.indexOf(character), 0)).toBe(value);
      }),
    );
  });

  test('holds the largest 32-bit number in six characters, and time until the year 8888 in eight', () => {
    expect(encodeBase62(2 ** 32 - 1, 6)).toBe('4gfFC3');
    expect(encodeBase62(62 ** 8 - 1, 8)).toBe('zzzzzzzz');
    expect(new Date(62 ** 8 - 1).getUTCFullYear()).toBeGreaterThan(8_000);
  });

  test('sorts as the numbers do', () => {
    fc.assert(
      fc.property(fc.nat(), fc.nat(), (one, other) => {
        expect(encodeBase62(one, 8) < encodeBase62(other, 8)).toBe(one < other);
      }),
    );
  });
});
