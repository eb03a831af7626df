/** How the text of one kind of credential is built: a prefix, random characters, and perhaps a checksum of both. */
export interface KeyFormat {
  /** May be empty. */
  readonly prefix: string;
  readonly randomLength: number;
  readonly hasChecksum: boolean;
}

/** Six characters of base62 hold every 32-bit value: 62 ** 6 is 13 times 2 ** 32. */
const CHECKSUM_LENGTH = 6;

/** How many random characters of a secret people may see, after its prefix. */
export const SHOWN_RANDOM = 4;

export function generateKey(format: KeyFormat, randomBytes: RandomBytes): string {
  const text = format.prefix + randomBase62(format.randomLength, randomBytes);
  return format.hasChecksum ? text + checksum(text) : text;
}

/**
 * Tells whether a presented text has the shape of a format: prefix, length, alphabet and checksum.
 * A text of another shape cannot be a key, so it costs no look-up.
 */
export function hasFormat(format: KeyFormat, presentedText: string): boolean {
  const { prefix, hasChecksum } = format;
  if (presentedText.length !== keyLength(format) || !presentedText.startsWith(prefix)) return false;
  if (!isBase62(presentedText, prefix.length)) return false;
  if (!hasChecksum) return true;
  const checksumStart = presentedText.length - CHECKSUM_LENGTH;
  return decodeBase62(presentedText, checksumStart) === crc32(presentedText, checksumStart);
}

/** How many characters every key of a format has. */
export function keyLength({ prefix, randomLength, hasChecksum }: KeyFormat): number {
  return prefix.length + randomLength + (hasChecksum ? CHECKSUM_LENGTH : 0);
}

/** The part of a secret that lists may show: enough to tell keys apart, far too little to guess one. */
export function startOf(format: KeyFormat, secret: string): string {
  return secret.slice(0, format.prefix.length + SHOWN_RANDOM);
}

/**
 * The CRC-32 (IEEE 802.3) of an ASCII text, as six characters of base62. It finds typing errors and scanners' noise before
 * any look-up. It is no security: anybody can compute it.
 */
export function checksum(text: string): string {
  return encodeBase62(crc32(text, text.length), CHECKSUM_LENGTH);
}

/** Digits, upper case, lower case: the order of their bytes, so that texts of one length sort as their numbers do. */
export const BASE62 = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';

/** The value of each base62 character, by its character code; {@link NO_VALUE} for all others. */
const NO_VALUE = 255;
const VALUES = new Uint8Array(128).fill(NO_VALUE);
for (const [value, character] of [...BASE62].entries()) VALUES[character.charCodeAt(0)] = value;

/** A source of random bytes: cryptographically secure, such as `randomBytes` of `node:crypto`. */
export type RandomBytes = (count: number) => Uint8Array;

/** The largest multiple of 62 in a byte. Larger bytes are drawn again: modulo 62 they would favour `0` to `7`. */
const UNBIASED_BYTES = 248;

/** Draws base62 characters, each equally likely. */
export function randomBase62(length: number, randomBytes: RandomBytes): string {
  let text = '';
  while (text.length < length) {
    for (const byte of randomBytes(length - text.length)) {
      if (byte < UNBIASED_BYTES) text += BASE62.charAt(byte % 62);
    }
  }
  return text;
}

/** Tells whether a text is base62 from an index on. Every request asks, and a regular expression would take twice as long. */
function isBase62(text: string, start: number): boolean {
  for (let index = start; index < text.length; index += 1) {
    if (valueAt(text, index) === NO_VALUE) return false;
  }
  return true;
}

/** @param value a whole number from 0 to `62 ** width - 1`; padded with zeros on the left. */
export function encodeBase62(value: number, width: number): string {
  let text = '';
  for (let rest = value; text.length < width; rest = Math.floor(rest / 62)) {
    text = BASE62.charAt(rest % 62) + text;
  }
  return text;
}

/** @param text base62 characters only from the start on, as {@link encodeBase62} writes them. */
function decodeBase62(text: string, start: number): number {
  let value = 0;
  for (let index = start; index < text.length; index += 1) value = value * 62 + valueAt(text, index);
  return value;
}

function valueAt(text: string, index: number): number {
  return VALUES[text.charCodeAt(index)] ?? NO_VALUE;
}

/** What each byte adds to a CRC-32, by the polynomial of IEEE 802.3 with its bits reversed. */
const CRC_TABLE = Uint32Array.from({ length: 256 }, (_, byte) => {
  let rest = byte;
  for (let bit = 0; bit < 8; bit += 1) rest = rest & 1 ? (rest >>> 1) ^ 0xedb88320 : rest >>> 1;
  return rest;
});

/** The CRC-32 of the first characters of an ASCII text. `zlib.crc32` would need a copy of them, and takes three times as long. */
function crc32(text: string, end: number): number {
  let crc = 0xffffffff;
  for (let index = 0; index < end; index += 1)
    crc = (CRC_TABLE[(crc ^ text.charCodeAt(index)) & 0xff] ?? 0) ^ (crc >>> 8);
  return ~crc >>> 0;
}
