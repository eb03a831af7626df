/** Digits, upper case, lower case: the order of the bytes, so that equally long texts sort as their numbers do. */
export const BASE62 = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';

export type RandomBytes = (count: number) => Uint8Array;

/** The largest multiple of 62 in a byte. Bytes from here on are drawn again: taking them modulo 62 would favour `0`–`7`. */
const UNBIASED_BYTES = 248;

/**
 * Draws base62 characters, each equally likely.
 * @param randomBytes a cryptographically secure source, such as `randomBytes` of `node:crypto`.
 */
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
