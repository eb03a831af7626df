import type { Bcrypt } from '../../../core/credential/secret.ts';
import { type BcryptCache, createBcryptCache } from '../../../core/verification/verify-bcrypt.ts';

export interface CountedHash extends Bcrypt {
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
export const emptyBcryptCache = (capacity?: number): BcryptCache =>
  createBcryptCache(
    Uint8Array.from({ length: 32 }, (_, index) => index),
    capacity,
  );
