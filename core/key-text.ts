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

/** The value of each ASCII base62 character; {@link NONE} for every other one. */
const VALUES = new Uint8Array(128).fill(255);
for (const [value, character] of [...BASE62].entries()) VALUES[character.charCodeAt(0)] = value;

/** Values of base62 characters are below it, and what is none of them is not: nor is anything that holds one, or-ed. */
const NONE = 64;

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
  // One walk over the text for its alphabet and its checksum, without a decision on the way: this runs on every request.
  let remainder = CRC32_START;
  for (let index = 0; index < prefix.length; index += 1) {
    remainder = crc32Next(remainder, prefix.charCodeAt(index));
  }
  let seen = 0;
  for (let index = prefix.length; index < bodyEnd; index += 1) {
    const code = presentedText.charCodeAt(index);
    seen |= base62Value(code);
    remainder = crc32Next(remainder, code);
  }
  let sum = 0;
  for (let index = bodyEnd; index < length; index += 1) {
    const value = base62Value(presentedText.charCodeAt(index));
    seen |= value;
    sum = sum * 62 + value;
  }
  return seen < NONE && (!hasChecksum || sum === crc32End(remainder));
}

/** At least {@link NONE} for a character that is none of base62's. */
function base62Value(code: number): number {
  return (VALUES[code & 127] as number) | ((code >> 7) << 6);
}
