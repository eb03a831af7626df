import type { Principal } from '../access/principal.ts';
import type { RateLimit } from '../access/rate-limit.ts';
import type { CredentialType } from '../credential/credential-type.ts';
import type { SecretLocator } from '../credential/secret.ts';

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

/** What the store remembers of one secret: only what a verdict needs. A key that is being rotated has two. */
export interface StoredSecret {
  readonly principal: Principal;
  readonly state: 'active' | 'disabled' | 'revoked';
  /** Unix seconds; the earlier of the key's own expiry and `replacedAt`. `null` for none. */
  readonly expiresAt: number | null;
  /** When a rotation ends this secret, in Unix seconds; 0 for at once. Absent for the newest secret of a key. */
  readonly replacedAt?: number;
  readonly rateLimit: RateLimit | null;
  /** `null` while none of the limit's length is known. */
  readonly window: RateWindow | null;
  /** Unix seconds; `null` for never. */
  readonly lastUsedAt: number | null;
  /** The bcrypt hash that proves it; absent where it was looked up by its digest. */
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

/**
 * What a verification leaves behind. `count`: every allowed call is counted against the limit and stamped.
 * `stamp_every_call`: stamped, whatever limits there are. `stamp`: the time of use is noted, at most once a minute.
 * `nothing`: for looking at somebody else's credential.
 */
export type Tracking = 'count' | 'stamp_every_call' | 'stamp' | 'nothing';

/** A stored secret that a presented text is the secret of. */
export interface ProvenSecret {
  readonly locator: SecretLocator;
  /** The hash that the text was compared with; absent where the locator proves it, being the digest of the text. */
  readonly secretHash?: string;
}

/** A proven secret, and the kind of credential that its text has the shape of. */
export interface PresentedSecret extends ProvenSecret {
  readonly kind: CredentialType['kind'];
}

/**
 * Finding an item under the digest of a text is not enough: code that may write one table could put any item there. So a
 * stored secret counts only as the kind that the text was taken for.
 * @returns `undefined` where the secret is of another kind, or of none; or has another hash by now, so that it is no longer
 * the one that was proven.
 */
export function matchSecret(
  secret: StoredSecret | undefined,
  { kind, secretHash }: PresentedSecret,
): StoredSecret | undefined {
  return secret?.secretHash === secretHash && secret?.principal.kind === kind ? secret : undefined;
}
