import type { Role } from '../access/role.ts';
import type { ScopeCatalogue, Scopes } from '../access/scope.ts';
import type { KeyFormat } from './key-text.ts';

/** One kind of credential that an API takes: how its text is built, and how a store keeps it. */
export type CredentialType = KeyType | TokenType;

/** A secret that is bound to one workspace, or to none: all that a verdict needs stands with it. */
export interface KeyType {
  readonly kind: 'api_key' | 'management_key';
  readonly format: KeyFormat;
  readonly storedAs: SecretStorage;
}

/** A secret that is its user's: what it may do depends on what they are in the workspace that a request names. */
export interface TokenType {
  readonly kind: 'personal_access_token';
  readonly format: KeyFormat;
  readonly storedAs: 'sha256';
  readonly bounds: RoleBounds;
}

/** What the roles of a profile hold, which bounds a token besides its own scopes. */
export interface RoleBounds {
  readonly catalogue: ScopeCatalogue | undefined;
  readonly roleScopes: Readonly<Record<Role, Scopes>> | undefined;
}

/**
 * `sha256` is enough for secrets as random as these, and can be looked up by value. `bcrypt` is for products that have
 * promised it: its secrets are found by a part that is kept in the clear, and proven by a comparison.
 */
export type SecretStorage = 'sha256' | 'bcrypt';

/**
 * @param expiresAt Unix seconds; `null` for never.
 * @param now Unix seconds; what expires at this moment has expired.
 */
export function isExpired(expiresAt: number | null, now: number): boolean {
  return expiresAt !== null && expiresAt <= now;
}

/** Management keys look alike whatever the product: they reach the management API only, never the product's. */
export const MANAGEMENT_KEY_FORMAT: KeyFormat = { prefix: 'kwm_', randomLength: 30, hasChecksum: true };

export const MANAGEMENT_KEY: KeyType = {
  kind: 'management_key',
  format: MANAGEMENT_KEY_FORMAT,
  storedAs: 'sha256',
};
