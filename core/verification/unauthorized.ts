import type { Presentation } from '../profile/profile.ts';
import { credentialHeader } from './presentation.ts';

/** The challenge that a 401 carries (RFC 9110, 11.6.1). */
export function challengeOf(presentation: Presentation, realm: string): string {
  if (presentation.kind === 'bearer') return `Bearer realm="${realm}"`;
  return `ApiKey realm="${realm}", header="${presentation.header}"`;
}

/**
 * The detail of a product's 401: where the key is expected, and never which check it failed. It holds no quotes and no backslashes.
 * @param header from {@link credentialHeader}.
 */
export function unauthorizedDetail(header: string): string {
  if (header === 'authorization')
    return 'A valid API key is required in the header Authorization: Bearer KEY, copied whole and without whitespace. It is missing, malformed, unknown, expired, disabled or revoked.';
  return `A valid API key is required in the header ${header}. The header is missing, malformed, or does not match an active key.`;
}
