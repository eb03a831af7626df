import { randomBytes } from 'node:crypto';
import { bcrypt } from '#bcrypt';
import { type BcryptProof, createBcryptCache } from '../../core/verification/verify-bcrypt.ts';
import { dynamoBcryptSecretStore } from '../../stores/dynamodb/secrets/bcrypt-secret-store.ts';

/** How this instance proves secrets that are kept as bcrypt. What it has proven ends with it, and so does its key. */
export function bcryptProof(table: Parameters<typeof dynamoBcryptSecretStore>[0]): BcryptProof {
  return {
    store: dynamoBcryptSecretStore(table),
    bcrypt,
    cache: createBcryptCache(randomBytes(32)),
  };
}
