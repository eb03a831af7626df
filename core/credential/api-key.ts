import type { RateLimit } from '../access/rate-limit.ts';
import type { Role } from '../access/role.ts';
import type { Scopes } from '../access/scope.ts';
import { isExpired } from './credential-type.ts';
import type { KeyBounds } from './key-bounds.ts';

/** An API key as people see it. Times are Unix seconds; absent ones are `null`. */
export interface ApiKey {
  readonly id: string;
  readonly workspace: string;
  readonly name: string | null;
  readonly description: string | null;
  /** What may be shown of the secret. */
  readonly start: string;
  readonly scopes: Scopes;
  readonly enabled: boolean;
  readonly createdAt: number;
  readonly createdBy: string | null;
  /** The role it acts with; `null` where keys inherit none. */
  readonly role: Role | null;
  readonly expiresAt: number | null;
  readonly lastUsedAt: number | null;
  readonly revokedAt: number | null;
  /** Empty for everywhere. */
  readonly allowedCidrs: readonly string[];
  /** What the operator has set for this key; `null` for the plan's limit. */
  readonly rateLimit: RateLimit | null;
  /** What the key that issued this one was held to by a limit of its own; `null` for none. */
  readonly issuerLimit: RateLimit | null;
  /** What higher roles and the operator have set, which no lower one changes back. */
  readonly bounds: KeyBounds;
  /** Grows with every change; a change names the version that it was decided on. */
  readonly version: number;
}

/** What may be changed about a key; everything else about it stays as it was issued. */
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
