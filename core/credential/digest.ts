import { hash } from 'node:crypto';
import type { SecretLocator } from './secret-locator.ts';

/**
 * SHA-256 of a whole secret, a character for each byte: what is made, hashed and compared on every call is as short as it
 * can be. One is enough, and a slow hash would add nothing: the secret has at least 178 random bits, so there is no
 * dictionary to try (OWASP ASVS 5.0, 11.4.2 asks for slow hashes of passwords only).
 * @param secret its text, or the bytes of it.
 */
export function digestOf(secret: string | Uint8Array): SecretLocator {
  return hash('sha256', secret, 'binary') as SecretLocator;
}
