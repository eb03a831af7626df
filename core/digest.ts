import { hash } from 'node:crypto';

declare const proof: unique symbol;

/** SHA-256 of a whole secret in base64url: the key under which a credential is looked up. */
export type Digest = string & { readonly [proof]: 'digest' };

/**
 * One SHA-256 is enough, and a slow hash would add nothing: the secret has at least 178 random bits, so there is no
 * dictionary to try (OWASP ASVS 5.0, 11.4.2 asks for slow hashes of passwords only).
 */
export function digestOf(secret: string): Digest {
  return hash('sha256', secret, 'base64url') as Digest;
}
