import type { RateLimit } from '../access/rate-limit.ts';
import type { Role } from '../access/role.ts';
import type { Scopes } from '../access/scope.ts';
import type { KeyBounds } from './key-bounds.ts';

/** An API key as people see it. Times are Unix seconds; absent ones are `null`. */
export interface ApiKey {
  readonly id: string;
  readonly workspace: string;
  readonly name: string | null;
  readonly description: string | null;
  /** What the operator's own systems call the key; several keys may have the same. */
  readonly externalId: string | null;
  /** The part of the secret that people may see. */
  readonly start: string;
  readonly scopes: Scopes;
  readonly enabled: boolean;
  readonly createdAt: number;
  readonly createdBy: string | null;
  /** The role that it acts with; `null` if keys inherit no role. */
  readonly role: Role | null;
  readonly expiresAt: number | null;
  readonly lastUsedAt: number | null;
  /** The secret that the last rotation replaced; `null` if there is none. {@link livePreviousSecret} tells whether it works. */
  readonly previousSecret: PreviousSecret | null;
  readonly revokedAt: number | null;
  /** Empty for everywhere. */
  readonly allowedCidrs: readonly string[];
  /** The limit that the operator set for this key; `null` for the plan's limit. */
  readonly rateLimit: RateLimit | null;
  /** The limit of the key that issued this one, if it had one of its own; `null` for none. */
  readonly issuerLimit: RateLimit | null;
  /** The values that the operator and higher roles have set. No lower role loosens them. */
  readonly bounds: KeyBounds;
  /** Grows with every change. A change names the version that it was decided on. */
  readonly version: number;
}

/** A secret that a rotation has replaced. Times are Unix seconds. */
export interface PreviousSecret {
  /** When the rotation ends it. 0 for a secret that was revoked before. */
  readonly endsAt: number;
  /** When the rotation replaced it; `null` for one from before this was kept. */
  readonly replacedAt: number | null;
  readonly lastUsedAt: number | null;
}

/** The fields of a key that may change. All others stay as they were issued. */
export type KeyFields = Pick<
  ApiKey,
  | 'name'
  | 'description'
  | 'externalId'
  | 'scopes'
  | 'enabled'
  | 'expiresAt'
  | 'allowedCidrs'
  | 'rateLimit'
  | 'issuerLimit'
  | 'bounds'
>;

/**
 * A personal access token as its user sees it. It works in every workspace of its user, or only in those that it names, with
 * the lower of the user's role there and its own ceiling. Times are Unix seconds; absent ones are `null`.
 */
export interface PersonalAccessToken {
  readonly id: string;
  readonly userId: string;
  readonly name: string;
  /** The part of the secret that people may see. */
  readonly start: string;
  readonly scopes: Scopes;
  /** The highest role it acts with. */
  readonly ceiling: Role;
  /**
   * The slugs of the workspaces that it is bound to, at most {@link MOST_TOKEN_WORKSPACES}; `null` for every workspace that its
   * user is in or joins later.
   */
  readonly workspaces: readonly string[] | null;
  readonly createdAt: number;
  readonly expiresAt: number | null;
  readonly lastUsedAt: number | null;
  readonly revokedAt: number | null;
}

/** As many workspaces as one transaction can bind a token to, besides its record, secret, event and user. */
export const MOST_TOKEN_WORKSPACES = 80;

export const KEY_STATUSES = ['active', 'disabled', 'expired', 'revoked'] as const;

export type KeyStatus = (typeof KEY_STATUSES)[number];

/** @param now Unix seconds. */
export function statusOf(key: Pick<ApiKey, 'revokedAt' | 'expiresAt' | 'enabled'>, now: number): KeyStatus {
  if (key.revokedAt !== null) return 'revoked';
  if (isExpired(key.expiresAt, now)) return 'expired';
  return key.enabled ? 'active' : 'disabled';
}

/**
 * The older secret of a key, as long as it has not ended. Its end is the earlier of the rotation's and the key's own.
 * @param now Unix seconds.
 */
export function livePreviousSecret(
  { previousSecret, revokedAt, expiresAt }: Pick<ApiKey, 'previousSecret' | 'revokedAt' | 'expiresAt'>,
  now: number,
): PreviousSecret | null {
  if (previousSecret === null || revokedAt !== null) return null;
  const endsAt = Math.min(previousSecret.endsAt, expiresAt ?? Number.POSITIVE_INFINITY);
  return isExpired(endsAt, now) ? null : { ...previousSecret, endsAt };
}

/** A token is active, expired or revoked. Nobody can disable one. @param now Unix seconds. */
export function tokenStatusOf(
  token: Pick<PersonalAccessToken, 'revokedAt' | 'expiresAt'>,
  now: number,
): KeyStatus {
  return statusOf({ ...token, enabled: true }, now);
}

/**
 * Every check of an expiry comes here: `judge` in `verification/verdict.ts` and `verifyToken` for a presented credential, the
 * guard for a cached verdict, `serve` for a caller of the management API, `statusOf` for the status that people see, and the
 * stores.
 * @param expiresAt Unix seconds; `null` for never.
 * @param now Unix seconds; `expiresAt === now` counts as expired.
 */
export function isExpired(expiresAt: number | null, now: number): boolean {
  return expiresAt !== null && expiresAt <= now;
}
