import { randomBytes } from 'node:crypto';
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { BASE62, encodeBase62, randomBase62 } from '../../../core/credential/base62.ts';

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
