import { BASE62, encodeBase62, type RandomBytes, randomBase62 } from './base62.ts';

/** How the text of one kind of credential is built: prefix, random characters, and perhaps a checksum of both. */
export interface KeyFormat {
  /** May be empty. */
  readonly prefix: string;
  readonly randomLength: number;
  readonly hasChecksum: boolean;
}

/** How many random characters of a secret may be shown to people, behind its prefix. */
const SHOWN_RANDOM = 4;

/** The value of each byte that is a base62 character; {@link NONE} or more for every other one. */
const VALUES = new Uint8Array(256).fill(255);
for (const [value, character] of [...BASE62].entries()) VALUES[character.charCodeAt(0)] = value;

/** Values of base62 characters are below it, and what is none of them is not: nor is anything that holds one, or-ed. */
const NONE = 64;

/** Where presented texts are read, one after the other: longer than any format allows. */
const BYTES = Buffer.alloc(512);

type Reader = (presentedText: string) => Uint8Array | undefined;

/** Made once for each format, since this runs on every request. */
const READERS = new WeakMap<KeyFormat, Reader>();

export function generateKey(format: KeyFormat, randomBytes: RandomBytes): string {
  const text = format.prefix + randomBase62(format.randomLength, randomBytes);
  return format.hasChecksum ? text + checksum(text) : text;
}

/** What may be shown of a secret in lists: enough to tell keys apart, far too little to guess one. */
export function startOf(format: KeyFormat, secret: string): string {
  return secret.slice(0, format.prefix.length + SHOWN_RANDOM);
}

/**
 * Tells whether a presented text has the shape of this format: prefix, length, alphabet, checksum.
 * A text that has not cannot be a key, so it costs no look-up.
 */
export function hasFormat(format: KeyFormat, presentedText: string): boolean {
  return bytesOf(format, presentedText) !== undefined;
}

/**
 * The bytes of a presented text that has the shape of this format, to be hashed at once: they are overwritten when the next
 * text is read, by whoever reads it.
 * @returns `undefined` for a text that has not.
 */
export function bytesOf(format: KeyFormat, presentedText: string): Uint8Array | undefined {
  const reader = READERS.get(format) ?? readerOf(format);
  return reader(presentedText);
}

function readerOf(format: KeyFormat): Reader {
  const prefix = Buffer.from(format.prefix);
  const prefixRemainder = prefix.reduce(crc32Next, CRC32_START);
  const { hasChecksum } = format;
  const bodyStart = prefix.length;
  const bodyEnd = bodyStart + format.randomLength;
  const length = hasChecksum ? bodyEnd + CHECKSUM_LENGTH : bodyEnd;
  const bytes = BYTES.subarray(0, length);
  const reader: Reader = (presentedText) => {
    // As bytes, since reading characters one by one is what would cost most. Whatever is not ASCII takes more than one.
    if (presentedText.length !== length || BYTES.write(presentedText) !== length) return undefined;
    // One walk over everything, without a decision on the way.
    let different = 0;
    for (let index = 0; index < bodyStart; index += 1) {
      different |= (BYTES[index] as number) ^ (prefix[index] as number);
    }
    let seen = 0;
    let remainder = prefixRemainder;
    for (let index = bodyStart; index < bodyEnd; index += 1) {
      const byte = BYTES[index] as number;
      seen |= VALUES[byte] as number;
      remainder = crc32Next(remainder, byte);
    }
    let sum = 0;
    for (let index = bodyEnd; index < length; index += 1) {
      const value = VALUES[BYTES[index] as number] as number;
      seen |= value;
      sum = sum * 62 + value;
    }
    if (different !== 0 || seen >= NONE) return undefined;
    return !hasChecksum || sum === crc32End(remainder) ? bytes : undefined;
  };
  READERS.set(format, reader);
  return reader;
}

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
