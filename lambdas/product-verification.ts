import { createVerifiers } from '#verifiers';
import { credentialTypesOf, type Profile } from '../core/profile/profile.ts';
import type { Tracking } from '../core/verification/last-use.ts';
import type { Verification } from '../core/verification/verify.ts';
import { createNetworkMemory } from '../core/verification/verify-counted.ts';
import { dynamoVerificationStore } from '../stores/dynamodb/secrets/verification-store.ts';
import { connectSecrets } from './tables.ts';

/**
 * Wires the verification of a product's credentials, for the product's authorizer and for guards without an authorizer.
 * @param table where the secrets are kept.
 */
export function productVerification(profile: Profile, table = connectSecrets()): Verification {
  return {
    credentials: credentialTypesOf(profile),
    store: dynamoVerificationStore(table),
    tracking: profile.rateLimits === undefined ? stampingOf(profile) : 'count',
    networks: createNetworkMemory(),
    ...createVerifiers(table),
  };
}

/** How the store notes that a credential was used, where it need not count the calls. */
export function stampingOf({ lastUsed }: Profile): Tracking {
  return lastUsed === 'every_call' ? 'stamp_every_call' : 'stamp';
}
