import type { Role } from '../access/role.ts';
import type { ScopeCatalogue, Scopes } from '../access/scope.ts';
import type { AcceptedShape } from './accepted-shape.ts';
import type { KeyFormat } from './key-text.ts';

/** One kind of credential that an API accepts: how its text is built, and how a store keeps it. */
export type CredentialType = KeyType | TokenType;

/** A secret that belongs to one workspace, or to none. Its item holds everything that a verdict needs. */
export interface KeyType {
  readonly kind: 'api_key' | 'management_key';
  readonly format: KeyFormat;
  readonly storedAs: SecretStorage;
  /** The shapes of keys that another system issued. Absent if there are none. */
  readonly accepts?: readonly AcceptedShape[];
}

/** A secret that belongs to a user. What it may do depends on the user's role in the workspace that a request names. */
export interface TokenType {
  readonly kind: 'personal_access_token';
  readonly format: KeyFormat;
  readonly storedAs: 'sha256';
  readonly bounds: RoleBounds;
}

/** The scopes of a profile's roles. They bound a token, besides its own scopes. */
export interface RoleBounds {
  readonly catalogue: ScopeCatalogue | undefined;
  readonly roleScopes: Readonly<Record<Role, Scopes>> | undefined;
}

/**
 * `sha256` is enough for secrets as random as these, and a store can look them up by value. `bcrypt` is for products that have
 * promised it: a store finds such secrets by a part kept in the clear, and a comparison proves them.
 */
export type SecretStorage = 'sha256' | 'bcrypt';

/** Management keys look alike in every product. They reach the management API only, never the product's API. */
export const MANAGEMENT_KEY_FORMAT: KeyFormat = { prefix: 'kwm_', randomLength: 30, hasChecksum: true };

export const MANAGEMENT_KEY: KeyType = {
  kind: 'management_key',
  format: MANAGEMENT_KEY_FORMAT,
  storedAs: 'sha256',
};

/** The secret of a session, which a page of the console sends as its bearer credential. */
export const SESSION_FORMAT: KeyFormat = { prefix: 'kws_', randomLength: 30, hasChecksum: true };

/** The code in a link that becomes a session. */
export const LINK_FORMAT: KeyFormat = { prefix: 'kwl_', randomLength: 30, hasChecksum: true };

/** Texts of Keyward's own, which no product issues or accepts. */
export const OWN_FORMATS = {
  'management keys': MANAGEMENT_KEY_FORMAT,
  sessions: SESSION_FORMAT,
  'links into the console': LINK_FORMAT,
} as const;
