import { encodeBase62 } from './base62.ts';

/** Six characters of base62 hold every 32-bit value: 62 ** 6 is 13 times 2 ** 32. */
export const CHECKSUM_LENGTH = 6;

/** CRC-32 as IEEE 802.3 defines it, reflected, polynomial 0xEDB88320. Signed, since signed numbers stay out of the heap. */
const TABLE = Int32Array.from({ length: 256 }, (_, byte) => {
  let remainder = byte;
  for (let bit = 0; bit < 8; bit += 1) {
    remainder = remainder & 1 ? (remainder >>> 1) ^ 0xedb88320 : remainder >>> 1;
  }
  return remainder | 0;
});

/** What a CRC-32 is before its first byte. */
export const CRC32_START = -1;

/** Takes one more byte into a CRC-32, for whoever walks over a text anyway. */
export function crc32Next(remainder: number, byte: number): number {
  return (remainder >>> 8) ^ (TABLE[(remainder ^ byte) & 0xff] as number);
}

/** @returns an unsigned 32-bit number. */
export function crc32End(remainder: number): number {
  return ~remainder >>> 0;
}

/**
 * The checksum of an ASCII text, as an unsigned 32-bit number. It filters typing errors and scanners' noise before any
 * look-up; it is no security.
 */
export function crc32(text: string): number {
  let remainder = CRC32_START;
  for (let index = 0; index < text.length; index += 1) {
    remainder = crc32Next(remainder, text.charCodeAt(index));
  }
  return crc32End(remainder);
}

export function checksum(text: string): string {
  return encodeBase62(crc32(text), CHECKSUM_LENGTH);
}
