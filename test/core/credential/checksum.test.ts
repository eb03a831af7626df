import { crc32 as zlibCrc32 } from 'node:zlib';
import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { encodeBase62 } from '../../../core/credential/base62.ts';
import { checksum, crc32 } from '../../../core/credential/key-text.ts';

const ascii = fc.string({ unit: 'binary-ascii', maxLength: 100 });

test.each([
  ['', 0],
  ['123456789', 0xcbf43926],
  ['The quick brown fox jumps over the lazy dog', 0x414fa339],
])('the CRC-32 of %j is the published one', (text, expected) => {
  expect(crc32(text)).toBe(expected);
});

test('CRC-32 is what zlib says it is', () => {
  fc.assert(fc.property(ascii, (text) => expect(crc32(text)).toBe(zlibCrc32(text))));
});

test('a checksum is six base62 characters of the CRC-32, padded with zeros', () => {
  expect(checksum('')).toBe('000000');
  fc.assert(
    fc.property(ascii, (text) => {
      expect(checksum(text)).toBe(encodeBase62(zlibCrc32(text), 6));
      expect(checksum(text)).toMatch(/^[0-9A-Za-z]{6}$/);
    }),
  );
});
