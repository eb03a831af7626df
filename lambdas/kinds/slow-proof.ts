import { randomBytes } from 'node:crypto';
import { bcrypt } from '#bcrypt';
import { rememberProvenSecrets } from '../../core/verification/proven-secret.ts';
import type { SlowProof } from '../../core/verification/verify-bcrypt.ts';
import { dynamoSlowSecretStore } from '../../stores/dynamodb/secrets/bcrypt-secret-store.ts';

/** How this instance proves secrets that are kept as bcrypt. What it has proven ends with it, and so does its key. */
export function slowProof(table: Parameters<typeof dynamoSlowSecretStore>[0]): SlowProof {
  return {
    store: dynamoSlowSecretStore(table),
    slowHash: bcrypt,
    proven: rememberProvenSecrets(randomBytes(32)),
  };
}
