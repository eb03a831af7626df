import { crc32 } from 'node:zlib';
import { decodeBase62, encodeBase62, isBase62, type RandomBytes, randomBase62 } from './base62.ts';

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
const SHOWN_RANDOM = 4;

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
  if (!isBase62(presentedText.slice(prefix.length))) return false;
  if (!hasChecksum) return true;
  const presentedChecksum = presentedText.slice(-CHECKSUM_LENGTH);
  return decodeBase62(presentedChecksum) === crc32(presentedText.slice(0, -CHECKSUM_LENGTH));
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
  return encodeBase62(crc32(text), CHECKSUM_LENGTH);
}
