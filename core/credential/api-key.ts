import type { RateLimit } from '../access/rate-limit.ts';
import type { Role } from '../access/role.ts';
import type { Scopes } from '../access/scope.ts';
import { isExpired } from './expiry.ts';
import type { KeyBounds } from './key-bounds.ts';

/** An API key as people see it. Times are Unix seconds; absent ones are `null`. */
export interface ApiKey {
  readonly id: string;
  readonly workspace: string;
  readonly name: string | null;
  readonly description: string | null;
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

/** The fields of a key that may change. All others stay as they were issued. */
export type KeyFields = Pick<
  ApiKey,
  | 'name'
  | 'description'
  | 'scopes'
  | 'enabled'
  | 'expiresAt'
  | 'allowedCidrs'
  | 'rateLimit'
  | 'issuerLimit'
  | 'bounds'
>;

export const KEY_STATUSES = ['active', 'disabled', 'expired', 'revoked'] as const;

export type KeyStatus = (typeof KEY_STATUSES)[number];

/** @param now Unix seconds. */
export function statusOf(key: Pick<ApiKey, 'revokedAt' | 'expiresAt' | 'enabled'>, now: number): KeyStatus {
  if (key.revokedAt !== null) return 'revoked';
  if (isExpired(key.expiresAt, now)) return 'expired';
  return key.enabled ? 'active' : 'disabled';
}
