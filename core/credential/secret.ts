import { hash } from 'node:crypto';
import type { CredentialType } from './credential-type.ts';
import { generateKey, type KeyFormat, type RandomBytes, startOf } from './key-text.ts';

/** What a store keeps of a secret. The text itself is kept nowhere. */
export interface NewSecret {
  readonly locator: SecretLocator;
  /** What lists may show of the text. */
  readonly start: string;
  /**
   * The hash that proves the text: of bcrypt, or a SHA-256 as {@link digestHashOf} writes it. `null` where the locator is the
   * digest and proves it.
   */
  readonly secretHash: string | null;
}

/**
 * Makes a secret, and what a store keeps of it. A secret kept as bcrypt gets a random slot under its look-up prefix. Where
 * another secret has that slot, the store says so, and the caller makes another one.
 * @param source.draw a cryptographically secure source, such as `randomBytes` of `node:crypto`.
 * @returns `text` is shown to the caller once and stored nowhere.
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
      // The look-up prefix is stored in the clear anyway, so lists may show all of it.
      start: format.prefix + lookupPrefix,
      secretHash: await bcrypt.hash(text),
    },
  };
}

declare const located: unique symbol;

/**
 * The text under which a store finds a secret: the SHA-256 of the secret in base64url, or, for a secret kept as bcrypt, its
 * look-up prefix and slot (`PREFIX#abcdefgh#2`). A locator proves nothing by itself.
 */
export type SecretLocator = string & { readonly [located]: 'secret' };

/**
 * The SHA-256 of a secret. One round is enough, and a slow hash would add nothing: an issued secret has at least 130 random bits
 * and one from another system 112, so there is no dictionary to try (OWASP ASVS 5.0, 11.4.2 asks for slow hashes of passwords only).
 */
export function digestOf(secret: string): SecretLocator {
  return hash('sha256', secret, 'base64url') as SecretLocator;
}

/** The hash that proves a secret which is found by its look-up prefix, where SHA-256 is enough for it. */
export function digestHashOf(secret: string): string {
  return `sha256:${digestOf(secret)}`;
}

export function isDigestHash(secretHash: string): boolean {
  return secretHash.startsWith('sha256:');
}

/** bcrypt, as the core asks for it. Each call costs tens of milliseconds of a whole processor. */
export interface Bcrypt {
  hash(secret: string): Promise<string>;
  matches(secret: string, secretHash: string): Promise<boolean>;
}

/** bcrypt ignores all bytes of a secret after these. */
export const LONGEST_BCRYPT_BYTES = 72;

/** How many random characters of a secret kept as bcrypt are stored in the clear. Verification looks the secret up by them. */
export const LOOKUP_LENGTH = 8;

/** Numbered slots under each look-up prefix. Verification never compares a text with more hashes than this. */
export const SLOTS_PER_PREFIX = 4;

/** The first random characters. The format's own prefix is the same for all keys, so it would find nothing. */
export function lookupPrefixOf({ prefix }: KeyFormat, secret: string): string {
  return secret.slice(prefix.length, prefix.length + LOOKUP_LENGTH);
}

/** @param slot from 0 to {@link SLOTS_PER_PREFIX} - 1. */
export function slotLocator(lookupPrefix: string, slot: number): SecretLocator {
  return `PREFIX#${lookupPrefix}#${slot}` as SecretLocator;
}
