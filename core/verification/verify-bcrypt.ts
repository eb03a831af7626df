import type { Bcrypt } from '../credential/bcrypt.ts';
import { lookupPrefixOf } from '../credential/digest.ts';
import type { KeyFormat } from '../credential/key-text.ts';
import type { BcryptCache, ProvenSecret } from './proven-secret.ts';
import type { Verdict } from './verdict.ts';

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
