import type { Principal } from '../access/principal.ts';
import type { RateLimit } from '../profile/profile.ts';

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
