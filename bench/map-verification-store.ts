import type { SecretLocator } from '../core/credential/secret.ts';
import type { StoredSecret, VerificationStore } from '../core/verification/verification-store.ts';

/** A store without latency for verification's reads. It cannot count. */
export function mapVerificationStore(secrets: ReadonlyMap<SecretLocator, StoredSecret>): VerificationStore {
  return {
    find: (locator) => Promise.resolve(secrets.get(locator)),
    async count() {
      throw new Error('This store does not count.');
    },
    async stamp() {
      throw new Error('No secret was due to be stamped.');
    },
  };
}
