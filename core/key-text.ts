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

/** The value of each ASCII base62 character; 255 for every other one. */
const VALUES = new Uint8Array(128).fill(255);
for (const [value, character] of [...BASE62].entries()) VALUES[character.charCodeAt(0)] = value;

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
  // One walk over the text for its alphabet and its checksum: this runs on every request.
  let remainder = CRC32_START;
  for (let index = 0; index < bodyEnd; index += 1) {
    if (index >= prefix.length && valueAt(presentedText, index) === 255) return false;
    remainder = crc32Next(remainder, presentedText.charCodeAt(index));
  }
  return !hasChecksum || presentedChecksum(presentedText, bodyEnd) === crc32End(remainder);
}

/** Reads the checksum as a number: comparing numbers spares encoding one on every request. */
function presentedChecksum(presentedText: string, start: number): number {
  let sum = 0;
  for (let index = start; index < presentedText.length; index += 1) {
    const value = valueAt(presentedText, index);
    if (value === 255) return -1;
    sum = sum * 62 + value;
  }
  return sum;
}

function valueAt(text: string, index: number): number {
  const code = text.charCodeAt(index);
  return code < 128 ? (VALUES[code] as number) : 255;
}
