import { encodeBase62 } from './base62.ts';

/** Six characters of base62 hold every 32-bit value: 62 ** 6 is 13 times 2 ** 32. */
export const CHECKSUM_LENGTH = 6;

/** CRC-32 as IEEE 802.3 defines it, reflected, polynomial 0xEDB88320. */
const TABLE = Uint32Array.from({ length: 256 }, (_, byte) => {
  let remainder = byte;
  for (let bit = 0; bit < 8; bit += 1) {
    remainder = remainder & 1 ? (remainder >>> 1) ^ 0xedb88320 : remainder >>> 1;
  }
  return remainder;
});

/**
 * The checksum of the first `length` characters of an ASCII text, as an unsigned 32-bit number.
 * It filters typing errors and scanners' noise before any look-up; it is no security.
 */
export function crc32(text: string, length = text.length): number {
  let remainder = 0xffffffff;
  for (let index = 0; index < length; index += 1) {
    remainder = (remainder >>> 8) ^ (TABLE[(remainder ^ text.charCodeAt(index)) & 0xff] as number);
  }
  return (remainder ^ 0xffffffff) >>> 0;
}

export function checksum(text: string): string {
  return encodeBase62(crc32(text), CHECKSUM_LENGTH);
}
