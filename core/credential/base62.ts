/** Digits, upper case, lower case: the order of their bytes, so that texts of one length sort as their numbers do. */
export const BASE62 = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';

/** A text of base62 characters and nothing else. */
export const BASE62_TEXT = /^[0-9A-Za-z]*$/;

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

/** @param value a whole number from 0 to `62 ** width - 1`; padded with zeros on the left. */
export function encodeBase62(value: number, width: number): string {
  let text = '';
  for (let rest = value; text.length < width; rest = Math.floor(rest / 62)) {
    text = BASE62.charAt(rest % 62) + text;
  }
  return text;
}
