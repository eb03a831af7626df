import { randomBytes } from 'node:crypto';
import { compare, hash } from 'bcryptjs';
import type { Bcrypt } from '../../core/credential/secret.ts';
import { type BcryptProof, createBcryptCache } from '../../core/verification/verify-bcrypt.ts';
import { dynamoBcryptSecretStore } from '../../stores/dynamodb/secrets/verification-store.ts';
import type { Tables } from '../../stores/dynamodb/table/tables.ts';

/** bcrypt runs two to the power of this many rounds. */
const COST = 10;

/** bcrypt in plain JavaScript. It needs no native code for the processor that Lambda runs on. */
export const bcrypt: Bcrypt = {
  hash: (secret) => hash(secret, COST),
  matches: (secret, secretHash) => compare(secret, secretHash),
};

/**
 * `#verifiers` for a profile that stores its keys as bcrypt. An instance remembers the secrets that it has proven, under a
 * random key that it draws when it starts and never stores.
 */
export function createVerifiers(table: Pick<Tables, 'client' | 'secrets'>): { readonly bcrypt: BcryptProof } {
  return {
    bcrypt: {
      store: dynamoBcryptSecretStore(table),
      bcrypt,
      cache: createBcryptCache(randomBytes(32)),
    },
  };
}
