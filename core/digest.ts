import { hash } from 'node:crypto';
import type { SecretLocator } from './secret-locator.ts';

/**
 * SHA-256 of a whole secret in base64url. One is enough, and a slow hash would add nothing: the secret has at least 178
 * random bits, so there is no dictionary to try (OWASP ASVS 5.0, 11.4.2 asks for slow hashes of passwords only).
 */
export function digestOf(secret: string): SecretLocator {
  return hash('sha256', secret, 'base64url') as SecretLocator;
}
