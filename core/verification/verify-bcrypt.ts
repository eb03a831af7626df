import { createHmac } from 'node:crypto';
import type { KeyFormat } from '../credential/key-text.ts';
import { type Bcrypt, lookupPrefixOf, type SecretLocator } from '../credential/secret.ts';
import type { Verdict } from './verdict.ts';

/** How secrets kept as bcrypt are proven. They cannot be looked up by value. */
export interface BcryptProof {
  readonly store: BcryptSecretStore;
  readonly bcrypt: Bcrypt;
  readonly cache: BcryptCache;
}

export interface BcryptSecretStore {
  /** Finds the few secrets that share a look-up prefix. One operation, strongly consistent; throws faults. */
  findByPrefix(lookupPrefix: string): Promise<readonly BcryptMatch[]>;
}

/** A stored secret, and the hash that a text was compared with. */
export interface BcryptMatch {
  readonly locator: SecretLocator;
  readonly secretHash: string;
}

/** A hash of cost 10 that belongs to no secret. Comparing it where nothing is found keeps the time from telling. */
export const DECOY_HASH = `$2b$10$KeywardKnowsNoSuchKey.${'.'.repeat(31)}`;

/**
 * Proves a secret by comparison, once in each instance, and then decides about it. A text that was proven before goes to the
 * decision at once. The decision asks the store for exactly that item and hash. If the store has another hash by now, or
 * none, the verdict is `unknown`, and the secret is proven again. A text that is not proven is never stamped or counted.
 * @param decide comes to a verdict on the store's newest state in one operation.
 * @see docs/decisions/0010-bcrypt.md
 */
export async function verifyBcrypt(
  proof: BcryptProof,
  { text, format }: { readonly text: string; readonly format: KeyFormat },
  decide: (match: BcryptMatch) => Promise<Verdict>,
): Promise<Verdict> {
  const { cache } = proof;
  const known = cache.recall(text);
  if (known !== undefined) {
    const verdict = await decide(known);
    if (verdict.kind === 'allow' || verdict.code !== 'unknown') return verdict;
    cache.forget(text);
  }
  const match = await findMatch(proof, text, lookupPrefixOf(format, text));
  if (match === undefined) return { kind: 'refuse', code: 'unknown' };
  cache.remember(text, match);
  return decide(match);
}

async function findMatch(
  { store, bcrypt }: BcryptProof,
  text: string,
  lookupPrefix: string,
): Promise<BcryptMatch | undefined> {
  const candidates = await store.findByPrefix(lookupPrefix);
  for (const candidate of candidates) {
    if (await bcrypt.matches(text, candidate.secretHash)) return candidate;
  }
  if (candidates.length === 0) await bcrypt.matches(text, DECOY_HASH);
  return undefined;
}

/** The texts that one instance has proven, so that it pays for a slow comparison once and not for every call. */
export interface BcryptCache {
  recall(presentedText: string): BcryptMatch | undefined;
  remember(presentedText: string, match: BcryptMatch): void;
  forget(presentedText: string): void;
}

/** A few megabytes at most. */
const CACHE_CAPACITY = 5_000;

/**
 * Makes a cache that never holds a text, but its HMAC-SHA-256 under a key that lives and dies with the process: not even a dump
 * of the memory holds a digest that could be tried elsewhere. The cache holds no state of a key. Every call asks the store
 * for that.
 * @param key at least 32 random bytes, drawn when the process starts.
 */
export function createBcryptCache(key: Uint8Array, capacity = CACHE_CAPACITY): BcryptCache {
  const entries = new Map<string, BcryptMatch>();
  const fingerprintOf = (text: string) => createHmac('sha256', key).update(text).digest('base64url');
  const put = (fingerprint: string, match: BcryptMatch) => {
    // A map keeps the order of insertion, so the first entry is the least recently used one.
    entries.delete(fingerprint);
    entries.set(fingerprint, match);
    const [oldest] = entries.keys();
    if (entries.size > capacity && oldest !== undefined) entries.delete(oldest);
  };
  return {
    recall(presentedText) {
      const fingerprint = fingerprintOf(presentedText);
      const match = entries.get(fingerprint);
      if (match !== undefined) put(fingerprint, match);
      return match;
    },
    remember: (presentedText, match) => put(fingerprintOf(presentedText), match),
    forget: (presentedText) => {
      entries.delete(fingerprintOf(presentedText));
    },
  };
}
