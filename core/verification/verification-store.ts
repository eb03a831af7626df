import type { CredentialType } from '../credential/credential-type.ts';
import type { SecretLocator } from '../credential/secret-locator.ts';
import type { StoredSecret } from './stored-secret.ts';

/** What verification asks of a store. Each method is one operation, strongly consistent; faults are thrown. */
export interface VerificationStore {
  /** @returns no promise where the answer is at hand, so that nothing waits for it. */
  find(locator: SecretLocator): Promise<StoredSecret | undefined> | StoredSecret | undefined;
  /**
   * Counts one call where something limits it, and stamps its time, if everything asked for holds at this moment; changes nothing otherwise.
   * @throws {Throttled} when the secret is used more often than it can be counted.
   */
  count(conditions: CountConditions): Promise<CountOutcome>;
  /** Notes when a secret was last used; a secret that is gone stays gone. */
  stamp(locator: SecretLocator, now: number): Promise<void>;
}

/** The secret must be active, not expired, below its limit, and as follows. */
export interface CountConditions {
  readonly locator: SecretLocator;
  /** What it must be the secret of. */
  readonly kind: CredentialType['kind'];
  /** The hash that it must still be kept with; absent where the locator proves it. */
  readonly secretHash?: string;
  /** Unix seconds. */
  readonly now: number;
  /** The scopes of which it must hold one; `any` where the action needs none. */
  readonly scopes: 'any' | readonly string[];
  /** The workspace it must belong to; absent where the request names none. */
  readonly workspace?: string;
  /** The networks it must be bound to, exactly; the caller has checked that the address lies in them. Empty for none. */
  readonly allowedCidrs: readonly string[];
  /**
   * `current`: a window of the limit's own length must be open. `none`: nothing is limited, and nothing is counted.
   * Otherwise this one is opened, if the limit's windows are that long and none of them that ends later is open.
   */
  readonly window: 'current' | 'none' | { readonly endsAt: number; readonly windowSeconds: number };
}

/** `secret` is the state right after counting, or the one that did not satisfy the conditions. */
export type CountOutcome =
  | { readonly kind: 'counted'; readonly secret: StoredSecret }
  | { readonly kind: 'not_counted'; readonly secret: StoredSecret | undefined };
