import { encodeBase62 } from './base62.ts';

/** Six characters of base62 hold every 32-bit value: 62 ** 6 is 13 times 2 ** 32. */
export const CHECKSUM_LENGTH = 6;

/**
 * CRC-32 as IEEE 802.3 defines it, reflected, polynomial 0xEDB88320: what a byte becomes after none to three more bytes of
 * zeros have followed it. Four bytes are then taken in at a time, whose look-ups need not wait for one another: this runs
 * on every request. Signed, since signed numbers stay out of the heap.
 */
const [AFTER_0, AFTER_1, AFTER_2, AFTER_3] = remainderTables();

function remainderTables(): readonly [Int32Array, Int32Array, Int32Array, Int32Array] {
  const first = Int32Array.from({ length: 256 }, (_, byte) => {
    let remainder = byte;
    for (let bit = 0; bit < 8; bit += 1) {
      remainder = remainder & 1 ? (remainder >>> 1) ^ 0xedb88320 : remainder >>> 1;
    }
    return remainder;
  });
  const followed = (table: Int32Array) =>
    table.map((remainder) => (remainder >>> 8) ^ (first[remainder & 0xff] as number));
  const second = followed(first);
  const third = followed(second);
  return [first, second, third, followed(third)];
}

/**
 * The checksum of the first `length` characters of an ASCII text, as an unsigned 32-bit number.
 * It filters typing errors and scanners' noise before any look-up; it is no security.
 */
export function crc32(text: string, length = text.length): number {
  let remainder = -1;
  let index = 0;
  for (; index + 4 <= length; index += 4) {
    remainder ^=
      text.charCodeAt(index) |
      (text.charCodeAt(index + 1) << 8) |
      (text.charCodeAt(index + 2) << 16) |
      (text.charCodeAt(index + 3) << 24);
    remainder =
      (AFTER_3[remainder & 0xff] as number) ^
      (AFTER_2[(remainder >>> 8) & 0xff] as number) ^
      (AFTER_1[(remainder >>> 16) & 0xff] as number) ^
      (AFTER_0[remainder >>> 24] as number);
  }
  for (; index < length; index += 1) {
    remainder = (remainder >>> 8) ^ (AFTER_0[(remainder ^ text.charCodeAt(index)) & 0xff] as number);
  }
  return ~remainder >>> 0;
}

export function checksum(text: string): string {
  return encodeBase62(crc32(text), CHECKSUM_LENGTH);
}
