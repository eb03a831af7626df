import { BASE62, type RandomBytes, randomBase62 } from './base62.ts';
import { CHECKSUM_LENGTH, CRC32_START, checksum, crc32End, crc32Next } from './checksum.ts';

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

/** Where a presented text is looked at: longer than any format allows, and never read beyond the text in it. */
const BYTES = new Uint8Array(512);
const ENCODER = new TextEncoder();

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
  const { prefix, randomLength, hasChecksum } = format;
  const bodyEnd = prefix.length + randomLength;
  const length = hasChecksum ? bodyEnd + CHECKSUM_LENGTH : bodyEnd;
  if (presentedText.length !== length || !presentedText.startsWith(prefix)) return false;
  // As bytes, since reading characters one by one is what would cost most. Whatever is not ASCII takes more than one.
  const { read, written } = ENCODER.encodeInto(presentedText, BYTES);
  if (read !== length || written !== length) return false;
  // One walk for alphabet and checksum, without a decision on the way: this runs on every request.
  let remainder = CRC32_START;
  for (let index = 0; index < prefix.length; index += 1) {
    remainder = crc32Next(remainder, BYTES[index] as number);
  }
  let seen = 0;
  for (let index = prefix.length; index < bodyEnd; index += 1) {
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
  return seen < NONE && (!hasChecksum || sum === crc32End(remainder));
}
