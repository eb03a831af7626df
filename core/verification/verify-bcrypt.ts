import { createHmac } from 'node:crypto';
import { type Bcrypt, digestHashOf, isDigestHash, type SecretLocator } from '../credential/secret.ts';
import type { Verdict } from './verdict.ts';
import type { StoredSecret } from './verification-store.ts';

/** How secrets are proven that cannot be looked up by value. */
export interface BcryptProof {
  readonly store: BcryptSecretStore;
  readonly bcrypt: Bcrypt;
  readonly cache: BcryptCache;
}

export interface BcryptSecretStore {
  /** Finds the few secrets that share a look-up prefix. One operation, strongly consistent; throws faults. */
  findByPrefix(lookupPrefix: string): Promise<readonly FoundSecret[]>;
  /** Replaces the hash of a secret that is in force and still has the hash that was proven. Otherwise it changes nothing. */
  replaceHash(match: BcryptMatch, replacement: HashReplacement): Promise<'replaced' | 'kept'>;
}

export interface FoundSecret {
  readonly locator: SecretLocator;
  readonly secret: StoredSecret;
}

export interface HashReplacement {
  readonly secretHash: string;
  /** Unix seconds. */
  readonly now: number;
}

/** A stored secret, and the hash that a text was compared with. */
export interface BcryptMatch {
  readonly locator: SecretLocator;
  readonly secretHash: string;
}

/** A text that has the shape of keys which are found by a look-up prefix. */
export interface PresentedKey {
  readonly text: string;
  readonly lookupPrefix: string;
  /** What its hash of bcrypt is of: the text, or what another system hashed of it. */
  readonly hashedText: string;
  /** `improve`: once a comparison has proven it, its SHA-256 takes the place of the hash. */
  readonly afterProof: 'improve' | 'keep';
  /** Unix seconds. */
  readonly now: number;
}

/** A match, and the secret itself if it was read after the text was proven. */
export type ProvenSecret = BcryptMatch & { readonly fresh?: StoredSecret };

/** A hash of cost 10 that belongs to no secret. Comparing it where nothing is found keeps the time from telling. */
export const DECOY_HASH = `$2b$10$KeywardKnowsNoSuchKey.${'.'.repeat(31)}`;

/** A first proof, and one more if another instance replaced the hash between the proof and the decision. */
const PROOFS = 2;

/**
 * Proves a secret by comparison, once in each instance, and then decides about it. A text that was proven before goes to the
 * decision at once. The decision asks the store for exactly that item and hash. If the store has another hash by now, or
 * none, the verdict is `unknown`, and the secret is proven again. A text that is not proven is never stamped or counted.
 * @param decide comes to a verdict on the store's newest state in one operation.
 * @see docs/decisions/0010-bcrypt.md and 0033-older-keys.md
 */
export async function verifyBcrypt(
  proof: BcryptProof,
  presented: PresentedKey,
  decide: (proven: ProvenSecret) => Promise<Verdict>,
): Promise<Verdict> {
  const { cache } = proof;
  const { text } = presented;
  const known = cache.recall(text);
  if (known !== undefined) {
    const verdict = await decide(known);
    if (isDecided(verdict)) return verdict;
    cache.forget(text);
  }
  for (let count = 0; count < PROOFS; count += 1) {
    const proven = await prove(proof, presented);
    if (proven === undefined) break;
    const { locator, secretHash } = proven;
    cache.remember(text, { locator, secretHash });
    const verdict = await decide(proven);
    if (isDecided(verdict)) return improve(proof, presented, { match: { locator, secretHash }, verdict });
    cache.forget(text);
  }
  return { kind: 'refuse', code: 'unknown' };
}

function isDecided(verdict: Verdict): boolean {
  return verdict.kind === 'allow' || verdict.code !== 'unknown';
}

/** A SHA-256 proves the text at once, so what was read with it is fresh. Comparisons take time, so the decision reads again. */
async function prove(
  { store, bcrypt }: BcryptProof,
  { text, hashedText, lookupPrefix }: PresentedKey,
): Promise<ProvenSecret | undefined> {
  const found = await store.findByPrefix(lookupPrefix);
  const digest = digestHashOf(text);
  const improved = found.find(({ secret }) => secret.secretHash === digest);
  if (improved !== undefined)
    return { locator: improved.locator, secretHash: digest, fresh: improved.secret };
  let hashes = 0;
  for (const { locator, secret } of found) {
    const { secretHash } = secret;
    if (secretHash === undefined || isDigestHash(secretHash)) continue;
    hashes += 1;
    if (await bcrypt.matches(hashedText, secretHash)) return { locator, secretHash };
  }
  if (hashes === 0) await bcrypt.matches(hashedText, DECOY_HASH);
  return undefined;
}

/**
 * Replaces a hash of bcrypt with SHA-256 after the call was allowed. From then on no instance has to compare. The verdict stands,
 * whether or not that works: the next instance that proves the text tries again.
 */
async function improve(
  { store, cache }: BcryptProof,
  { text, afterProof, now }: PresentedKey,
  { match, verdict }: { readonly match: BcryptMatch; readonly verdict: Verdict },
): Promise<Verdict> {
  if (afterProof === 'keep' || isDigestHash(match.secretHash)) return verdict;
  if (verdict.kind === 'refuse' || verdict.degraded !== undefined) return verdict;
  const secretHash = digestHashOf(text);
  try {
    const outcome = await store.replaceHash(match, { secretHash, now });
    if (outcome === 'replaced') cache.remember(text, { locator: match.locator, secretHash });
    return verdict;
  } catch (error) {
    return { ...verdict, degraded: 'hash', degradedBy: error };
  }
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
