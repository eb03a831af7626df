import { createHmac } from 'node:crypto';
import type { KeyFormat } from '../credential/key-text.ts';
import { type Bcrypt, lookupPrefixOf } from '../credential/secret.ts';
import type { Verdict } from './verdict.ts';
import type { ProvenSecret } from './verification-store.ts';

/** How secrets are proven that are kept as bcrypt, and so cannot be looked up by value. */
export interface BcryptProof {
  readonly store: BcryptSecretStore;
  readonly bcrypt: Bcrypt;
  readonly cache: BcryptCache;
}

export interface BcryptSecretStore {
  /** The few secrets that share a look-up prefix. One operation, strongly consistent; faults are thrown. */
  findByPrefix(lookupPrefix: string): Promise<readonly Required<ProvenSecret>[]>;
}

/** A hash of cost 10 that no secret has: what is compared where nothing is found, so that the time does not tell. */
export const DECOY_HASH = `$2b$10$KeywardKnowsNoSuchKey.${'.'.repeat(31)}`;

/**
 * Proves a secret by comparison, once for each instance, and then decides about it. What was proven before goes to the
 * decision at once, which asks the store for the very item and hash: where it has another one by now, or none, the verdict
 * is that it is unknown, and the secret is proven anew. Nothing is stamped or counted for a text that is not proven.
 * @param decide comes to a verdict on the store's newest state in one operation.
 * @see docs/decisions/0010-bcrypt.md
 */
export async function verifyBcrypt(
  proof: BcryptProof,
  presented: { readonly text: string; readonly format: KeyFormat },
  decide: (match: ProvenSecret) => Promise<Verdict> | Verdict,
): Promise<Verdict> {
  const { cache } = proof;
  const known = cache.recall(presented.text);
  if (known !== undefined) {
    const verdict = await decide(known);
    if (verdict.kind === 'allow' || verdict.code !== 'unknown') return verdict;
    cache.forget(presented.text);
  }
  const found = await prove(proof, presented.text, lookupPrefixOf(presented.format, presented.text));
  if (found === undefined) return { kind: 'refuse', code: 'unknown' };
  cache.remember(presented.text, found);
  return decide(found);
}

async function prove(
  { store, bcrypt }: BcryptProof,
  text: string,
  lookupPrefix: string,
): Promise<ProvenSecret | undefined> {
  const candidates = await store.findByPrefix(lookupPrefix);
  for (const candidate of candidates) {
    if (await bcrypt.matches(text, candidate.secretHash)) return candidate;
  }
  if (candidates.length === 0) await bcrypt.matches(text, DECOY_HASH);
  return undefined;
}

/** What one instance has proven already, so that a slow comparison is paid once and not for every call. */
export interface BcryptCache {
  recall(presentedText: string): ProvenSecret | undefined;
  remember(presentedText: string, proven: ProvenSecret): void;
  forget(presentedText: string): void;
}

/** A few megabytes at most. */
const CAPACITY = 5_000;

/**
 * Remembers which texts were proven, never the texts: by their HMAC-SHA-256 under a key that lives and dies with the
 * process, so that not even a dump of its memory holds a digest that could be tried elsewhere. It remembers no state: what
 * a key may do at this moment is asked of the store with every call.
 * @param key at least 32 random bytes, drawn when the process starts.
 */
export function createBcryptCache(key: Uint8Array, capacity = CAPACITY): BcryptCache {
  const entries = new Map<string, ProvenSecret>();
  const fingerprintOf = (text: string) => createHmac('sha256', key).update(text).digest('base64url');
  const put = (fingerprint: string, proven: ProvenSecret) => {
    // A map keeps the order of insertion, so the first entry is the one that was used least recently.
    entries.delete(fingerprint);
    entries.set(fingerprint, proven);
    const [oldest] = entries.keys();
    if (entries.size > capacity && oldest !== undefined) entries.delete(oldest);
  };
  return {
    recall(presentedText) {
      const fingerprint = fingerprintOf(presentedText);
      const proven = entries.get(fingerprint);
      if (proven !== undefined) put(fingerprint, proven);
      return proven;
    },
    remember: (presentedText, proven) => put(fingerprintOf(presentedText), proven),
    forget: (presentedText) => {
      entries.delete(fingerprintOf(presentedText));
    },
  };
}
