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

/** Tells whether a text has base62 characters only. Every request asks, and a regular expression would take twice as long. */
export function isBase62(text: string): boolean {
  for (let index = 0; index < text.length; index += 1) {
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

/** @param text base62 characters only, as {@link encodeBase62} writes them. */
export function decodeBase62(text: string): number {
  let value = 0;
  for (let index = 0; index < text.length; index += 1) value = value * 62 + valueAt(text, index);
  return value;
}

function valueAt(text: string, index: number): number {
  return VALUES[text.charCodeAt(index)] ?? NO_VALUE;
}
