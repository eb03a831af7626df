import { hash } from 'node:crypto';
import type { ImportedSecret } from '../credential/imported-hash.ts';
import type { NewKey } from './key-store.ts';

/**
 * What importing keys asks of a store. It only puts new items: nothing that is there is changed, and a key that has ended stays
 * ended. Each key is put whole with its event, or not at all.
 */
export interface KeyImportStore {
  /**
   * @param changes `only_tell` writes nothing: the outcomes say what `make` would do.
   * @returns the outcome of each key, in their order.
   */
  importKeys(keys: readonly KeyToImport[], changes: 'make' | 'only_tell'): Promise<readonly ImportOutcome[]>;
}

/** A key of another system, as an operator may import it. */
export interface KeyToImport extends Omit<NewKey, 'secret' | 'caller' | 'request'> {
  readonly secret: Exclude<ImportedSecret, { readonly kind: 'refused' }>;
  /** When the other system saw it last, in Unix seconds; `null` if nobody knows. */
  readonly lastUsedAt: number | null;
  /** When it is imported, in Unix seconds. `createdAt` may be long before. */
  readonly now: number;
}

/**
 * `present`: the workspace has a key with this hash. `ended`: it had one, which stays ended. `taken`: another workspace has one.
 * `prefix_full`: as many secrets have this look-up prefix as may have it. `changed`: the creator or the workspace has changed
 * since the decision, or other writes came first each time; decide again. `unavailable`: the store did not do it now.
 */
export type ImportOutcome =
  | { readonly kind: 'imported' | 'present' | 'ended'; readonly id: string }
  | { readonly kind: 'taken' | 'limit_reached' | 'member_limit_reached' | 'prefix_full' | 'changed' }
  | { readonly kind: 'unavailable'; readonly fault: Error };

/** One text for each secret: keys of the same text are the same key. */
export function identityOf(secret: KeyToImport['secret']): string {
  return secret.kind === 'by_digest' ? secret.locator : `${secret.lookupPrefix} ${secret.secretHash}`;
}

/**
 * Tells an imported bcrypt hash again after the secret was improved, which gives it another hash. It is a digest of the hash and
 * not of the key, so it helps nobody to guess.
 */
export function fingerprintOf(secretHash: string): string {
  return hash('sha256', secretHash, 'base64url');
}
