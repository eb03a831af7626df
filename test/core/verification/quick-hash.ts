import type { SlowHash } from '../../../core/credential/bcrypt.ts';
import { type ProvenSecrets, rememberProvenSecrets } from '../../../core/verification/proven-secret.ts';

export interface CountedHash extends SlowHash {
  /** The hashes that something was compared with, in order. */
  readonly compared: string[];
}

/** Stands for bcrypt where what counts is how often it is paid. */
export function countedHash(hashOf = (secret: string) => `hash of ${secret}`): CountedHash {
  const compared: string[] = [];
  return {
    compared,
    hash: async (secret) => hashOf(secret),
    matches: async (secret, secretHash) => {
      compared.push(secretHash);
      return secretHash === hashOf(secret);
    },
  };
}

/** What an instance that has just started has proven: nothing. */
export const nothingProven = (capacity?: number): ProvenSecrets =>
  rememberProvenSecrets(
    Uint8Array.from({ length: 32 }, (_, index) => index),
    capacity,
  );
