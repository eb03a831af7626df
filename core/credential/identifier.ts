import { encodeBase62, type RandomBytes, randomBase62 } from './key-text.ts';

const TIME_LENGTH = 8;
const RANDOM_LENGTH = 12;

/** Unix milliseconds; in the year 8888. */
export const LATEST_IDENTIFIER_TIME = 62 ** TIME_LENGTH - 1;

export type IdentifierPrefix = 'key' | 'pat' | 'evt' | 'chg' | 'usr' | 'inv';

/**
 * Makes an identifier such as `key_0V4jJ2cQ9xKq3Ls8Vd1w`. Identifiers sort by the time they were made, so lists are in order
 * without an index. They are not secret.
 * @param now Unix milliseconds.
 */
export function makeIdentifier(prefix: IdentifierPrefix, now: number, randomBytes: RandomBytes): string {
  return `${prefix}_${encodeIdentifierTime(now)}${randomBase62(RANDOM_LENGTH, randomBytes)}`;
}

/** The part of an identifier that tells when it was made. @param now Unix milliseconds. */
export function encodeIdentifierTime(now: number): string {
  return encodeBase62(now, TIME_LENGTH);
}

export function isIdentifier(prefix: IdentifierPrefix, text: string): boolean {
  return text.startsWith(`${prefix}_`) && /^[0-9A-Za-z]{20}$/.test(text.slice(prefix.length + 1));
}
