import type { Principal } from '../access/principal.ts';
import type { RateLimit } from '../access/rate-limit.ts';
import type { CredentialType } from '../credential/credential-type.ts';
import type { SecretLocator } from '../credential/secret.ts';

/** What verification asks of a store. Each method is one operation, strongly consistent, and throws faults. */
export interface VerificationStore {
  find(locator: SecretLocator): Promise<StoredSecret | undefined>;
  /**
   * Counts one call where a limit applies, and stamps its time, if all conditions hold at this moment. Otherwise it changes
   * nothing.
   * @throws {Throttled} when the secret is used more often than the store can count.
   */
  count(conditions: CountConditions): Promise<CountOutcome>;
  /** Stamps when a secret was last used. It never brings back a secret that is gone. */
  stamp(locator: SecretLocator, now: number): Promise<void>;
}

/** The secret must be active, not expired, below its limit, and as follows. */
export interface CountConditions {
  readonly locator: SecretLocator;
  /** The kind of credential that it must be the secret of. */
  readonly kind: CredentialType['kind'];
  /** The hash that it must still be kept with; absent where the locator proves it. */
  readonly secretHash?: string;
  /** Unix seconds. */
  readonly now: number;
  /** The scopes of which it must hold one; `any` where the action needs none. */
  readonly scopes: 'any' | readonly string[];
  /** The workspace it must belong to; absent where the request names none. */
  readonly workspace?: string;
  /** The networks that it must be bound to, exactly; empty for none. Verification has checked the address against them. */
  readonly allowedCidrs: readonly string[];
  /**
   * `current`: a window of the limit's own length must be open. `none`: no limit applies, and the call is not counted. A
   * window: it is opened, if the limit's windows are that long and no window that ends later is open.
   */
  readonly window: 'current' | 'none' | { readonly endsAt: number; readonly windowSeconds: number };
}

/** `counted`: the secret right after counting. `not_counted`: the secret that did not meet the conditions. */
export type CountOutcome =
  | { readonly kind: 'counted'; readonly secret: StoredSecret }
  | { readonly kind: 'not_counted'; readonly secret: StoredSecret | undefined };

/** What the store keeps of one secret: only what a verdict needs. During a rotation a key has two. */
export interface StoredSecret {
  readonly principal: Principal;
  readonly state: 'active' | 'disabled' | 'revoked';
  /** Unix seconds; the earlier of the key's own expiry and `replacedAt`. `null` for none. */
  readonly expiresAt: number | null;
  /** When a rotation ends this secret, in Unix seconds; 0 for at once. Absent for the newest secret of a key. */
  readonly replacedAt?: number;
  readonly rateLimit: RateLimit | null;
  /** `null` while the store knows no window of the limit's length. */
  readonly window: RateWindow | null;
  /** Unix seconds; `null` for never. */
  readonly lastUsedAt: number | null;
  /** The hash that proves it; absent for a secret that is found by its digest. */
  readonly secretHash?: string;
}

/** How much of a rate limit's window is used. */
export interface RateWindow {
  /** Unix seconds; the window is over when this moment has come. */
  readonly endsAt: number;
  readonly used: number;
}

/** Windows are aligned to the Unix epoch, so that every instance opens the same one. */
export function windowEndAfter(now: number, windowSeconds: number): number {
  return (Math.floor(now / windowSeconds) + 1) * windowSeconds;
}

/** What verification knows of a presented text before it reads the stored secret. */
export interface PresentedSecret {
  readonly locator: SecretLocator;
  /** The kind of credential whose shape the text has. */
  readonly kind: CredentialType['kind'];
  /** The hash that the text was compared with; absent where the locator is the text's digest and proves it. */
  readonly secretHash?: string;
}

/**
 * Checks that a stored secret is the presented one. Finding an item under the digest of a text is not enough: code that may
 * write one table could put any item there. So a stored secret counts only as the kind that the text was taken for.
 * @returns `undefined` where the secret is of another kind, or has another hash by now: then it is no longer the secret that
 * was proven.
 */
export function matchSecret(
  secret: StoredSecret | undefined,
  { kind, secretHash }: PresentedSecret,
): StoredSecret | undefined {
  return secret?.secretHash === secretHash && secret?.principal.kind === kind ? secret : undefined;
}
