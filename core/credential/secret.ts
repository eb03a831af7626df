import { hash } from 'node:crypto';
import type { RandomBytes } from './base62.ts';
import type { CredentialType } from './credential-type.ts';
import { generateKey, type KeyFormat, startOf } from './key-text.ts';

/**
 * Makes a secret, and what a store keeps of it. One that is kept as bcrypt is given a place under its look-up prefix at
 * random; where that place is taken, the store says so, and another secret has to be made.
 * @param source.draw a cryptographically secure source, such as `randomBytes` of `node:crypto`.
 * @returns `text` is to be shown once and kept nowhere.
 */
export async function makeSecret(
  { format, storedAs }: Pick<CredentialType, 'format' | 'storedAs'>,
  { draw, bcrypt }: { readonly draw: RandomBytes; readonly bcrypt: Bcrypt },
): Promise<{ readonly text: string; readonly secret: NewSecret }> {
  const text = generateKey(format, draw);
  if (storedAs === 'sha256') {
    return { text, secret: { locator: digestOf(text), start: startOf(format, text), secretHash: null } };
  }
  const lookupPrefix = lookupPrefixOf(format, text);
  const [byte = 0] = draw(1);
  return {
    text,
    secret: {
      locator: slotLocator(lookupPrefix, byte % SLOTS_PER_PREFIX),
      // What is kept in the clear anyway may be shown.
      start: format.prefix + lookupPrefix,
      secretHash: await bcrypt.hash(text),
    },
  };
}

export interface NewSecret {
  readonly locator: SecretLocator;
  readonly start: string;
  /** The bcrypt hash by which it is proven; `null` where the locator is its digest and proves it. */
  readonly secretHash: string | null;
}

/**
 * SHA-256 of a whole secret, a character for each byte: what is made, hashed and compared on every call is as short as it
 * can be. One is enough, and a slow hash would add nothing: the secret has at least 178 random bits, so there is no
 * dictionary to try (OWASP ASVS 5.0, 11.4.2 asks for slow hashes of passwords only).
 * @param secret its text, or the bytes of it.
 */
export function digestOf(secret: string | Uint8Array): SecretLocator {
  return hash('sha256', secret, 'binary') as SecretLocator;
}

declare const located: unique symbol;

/**
 * Under what a store finds one secret: the SHA-256 of its text, a character for each byte, or, for a secret that is kept as
 * bcrypt, the part of it that is kept in the clear with a place behind it (`PREFIX#abcdefgh#2`). It proves nothing by itself.
 * A digest in it is no text: a store writes it in a form of its own.
 */
export type SecretLocator = string & { readonly [located]: 'secret' };

/** Bytes of a SHA-256. No placed locator is as long. */
const DIGEST_LENGTH = 32;

export function isDigest(locator: SecretLocator): boolean {
  return locator.length === DIGEST_LENGTH;
}

/** How many random characters of a secret that is kept as bcrypt are kept in the clear: it is found by them. */
export const LOOKUP_LENGTH = 8;

/** Numbered places under each look-up prefix: no more secrets than these can ever have to be compared. */
export const SLOTS_PER_PREFIX = 4;

/** The first random characters. A prefix that all keys have in common would find nothing. */
export function lookupPrefixOf({ prefix }: KeyFormat, secret: string): string {
  return secret.slice(prefix.length, prefix.length + LOOKUP_LENGTH);
}

/** @param place from 0 to {@link SLOTS_PER_PREFIX} - 1. */
export function slotLocator(lookupPrefix: string, place: number): SecretLocator {
  return `PREFIX#${lookupPrefix}#${place}` as SecretLocator;
}

/** bcrypt, as the core asks for it. Each call costs tens of milliseconds of a whole processor. */
export interface Bcrypt {
  hash(secret: string): Promise<string>;
  matches(secret: string, secretHash: string): Promise<boolean>;
}

/** bcrypt looks at no more bytes of a secret than these. */
export const LONGEST_BCRYPT_BYTES = 72;
