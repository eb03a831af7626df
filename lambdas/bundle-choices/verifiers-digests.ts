import type { Bcrypt } from '../../core/credential/secret.ts';

/** Takes the place of bcrypt where the profile does not use it, so that cold starts need not load it. */
export const bcrypt: Bcrypt = { hash: failToHash, matches: failToHash };

/** `#verifiers` for a profile whose credentials are all looked up by their SHA-256 digest: it needs nothing else. */
export function createVerifiers(): Record<string, never> {
  return {};
}

async function failToHash(): Promise<never> {
  throw new Error('The profile stores no secret as bcrypt.');
}
