import { hash } from 'node:crypto';
import { encodeBase62, type RandomBytes, randomBase62 } from './key-text.ts';

const TIME_LENGTH = 8;
const RANDOM_LENGTH = 12;

/** As many texts as half of the random characters have. */
const HALF = 62 ** (RANDOM_LENGTH / 2);

/** Unix milliseconds; in the year 8888. */
export const LATEST_IDENTIFIER_TIME = 62 ** TIME_LENGTH - 1;

export type IdentifierPrefix = 'key' | 'pat' | 'evt' | 'chg' | 'usr' | 'inv' | 'ses';

/**
 * Makes an identifier such as `key_0V4jJ2cQ9xKq3Ls8Vd1w`. Identifiers sort by the time they were made, so lists are in order
 * without an index. They are not secret.
 * @param now Unix milliseconds.
 */
export function makeIdentifier(prefix: IdentifierPrefix, now: number, randomBytes: RandomBytes): string {
  return `${prefix}_${encodeIdentifierTime(now)}${randomBase62(RANDOM_LENGTH, randomBytes)}`;
}

/**
 * Makes the identifier of a thing that has an identity of its own already: whoever makes it again makes the same one.
 * @param at Unix milliseconds; where the thing belongs in lists.
 */
export function deriveIdentifier(prefix: IdentifierPrefix, at: number, identity: string): string {
  const digest = Buffer.from(hash('sha256', identity, 'hex'), 'hex');
  // 48 bits are so many more than six characters of base62 that all characters stay about equally likely.
  const halves = [0, 6].map((start) => encodeBase62(digest.readUIntBE(start, 6) % HALF, RANDOM_LENGTH / 2));
  return `${prefix}_${encodeIdentifierTime(at)}${halves.join('')}`;
}

/** The part of an identifier that tells when it was made. @param now Unix milliseconds. */
export function encodeIdentifierTime(now: number): string {
  return encodeBase62(now, TIME_LENGTH);
}

export function isIdentifier(prefix: IdentifierPrefix, text: string): boolean {
  return text.startsWith(`${prefix}_`) && /^[0-9A-Za-z]{20}$/.test(text.slice(prefix.length + 1));
}
