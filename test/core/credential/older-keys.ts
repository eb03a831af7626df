import { createHash } from 'node:crypto';
import fc from 'fast-check';
import {
  type AcceptedFormat,
  type AcceptedShape,
  ALPHABETS,
  type Alphabet,
} from '../../../core/credential/accepted-shape.ts';
import type { KeyType } from '../../../core/credential/credential-type.ts';

const WHOLE = { part: 'whole', before: '', after: '' } as const;

/** What other systems issue, as a profile describes it. */
export const OLDER = {
  /** Unkey: base58 of two bytes that say what follows, and of 16 random bytes; base64 of SHA-256 of the whole text. */
  unkey: {
    name: 'unkey',
    format: { prefix: 'acme_', alphabet: 'base58', minLength: 22, maxLength: 25 },
    hashing: WHOLE,
    storedAs: { kind: 'sha256' },
  },
  /** better-auth: 64 letters right behind the prefix; base64url of SHA-256 of the whole text. */
  betterAuth: {
    name: 'better-auth',
    format: { prefix: 'Acme-', alphabet: 'letters', minLength: 64, maxLength: 64 },
    hashing: WHOLE,
    storedAs: { kind: 'sha256' },
  },
  /** API Gateway: 20 to 128 characters, kept in the clear. */
  apiGateway: {
    name: 'api-gateway',
    format: { prefix: '', alphabet: 'base62', minLength: 20, maxLength: 128 },
    hashing: WHOLE,
    storedAs: { kind: 'sha256' },
  },
  /** A home-made table: hexadecimal digits, of which only the random part is hashed, behind a fixed text. */
  salted: {
    name: 'salted',
    format: { prefix: 'fg.live-', alphabet: 'hex', minLength: 48, maxLength: 48 },
    hashing: { part: 'after_prefix', before: 'fg:', after: ':v1' },
    storedAs: { kind: 'sha256' },
  },
  /** A home-made table of bcrypt hashes, which finds a key by the first characters of its random part. */
  bcrypt: {
    name: 'old-bcrypt',
    format: { prefix: 'sk_old_', alphabet: 'base64url', minLength: 43, maxLength: 43 },
    hashing: WHOLE,
    storedAs: { kind: 'bcrypt', lookupLength: 8 },
  },
} as const satisfies Record<string, AcceptedShape>;

export function keyTypeWith(...accepts: readonly AcceptedShape[]): KeyType {
  return {
    kind: 'api_key',
    format: { prefix: 'kw_live_', randomLength: 30, hasChecksum: true },
    storedAs: 'sha256',
    accepts,
  };
}

/** All characters of an alphabet, as its character class writes them. */
export function charactersOf(alphabet: Alphabet): string[] {
  const one = new RegExp(`[${ALPHABETS[alphabet].characters}]`);
  return Array.from({ length: 128 }, (_, code) => String.fromCharCode(code)).filter((text) => one.test(text));
}

/** Texts of a shape. */
export function textOf({ prefix, alphabet, minLength, maxLength }: AcceptedFormat): fc.Arbitrary<string> {
  return fc
    .string({ unit: fc.constantFrom(...charactersOf(alphabet)), minLength, maxLength })
    .map((body) => prefix + body);
}

export function sha256Of(text: string, encoding: 'hex' | 'base64' | 'base64url'): string {
  return createHash('sha256').update(text).digest(encoding);
}
