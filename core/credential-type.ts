import { hasFormat, type KeyFormat } from './key-text.ts';
import type { CredentialKind } from './principal.ts';

/** One kind of credential that an API takes: how its text is built, and how a store keeps it. */
export interface CredentialType {
  readonly kind: CredentialKind;
  readonly format: KeyFormat;
  readonly storedAs: SecretStorage;
}

/**
 * `sha256` is enough for secrets as random as these, and can be looked up by value. `bcrypt` is for products that have
 * promised it: its secrets are found by a part that is kept in the clear, and proven by a comparison.
 */
export type SecretStorage = 'sha256' | 'bcrypt';

/** @returns `undefined` for a text that none of the kinds has: it is no credential, and costs no look-up. */
export function credentialTypeOf(
  types: readonly CredentialType[],
  presentedText: string,
): CredentialType | undefined {
  return types.find(({ format }) => hasFormat(format, presentedText));
}
