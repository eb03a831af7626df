import type { OwnLimit } from './rate-limit.ts';
import type { Role } from './role.ts';
import type { Scopes } from './scope.ts';

/** The kinds of credential that a product's callers present. */
export const PRODUCT_CREDENTIAL_KINDS = ['api_key', 'personal_access_token'] as const;

export type ProductCredentialKind = (typeof PRODUCT_CREDENTIAL_KINDS)[number];

/** `person`: somebody who signed in, in one workspace. They hold no secret of Keyward's. */
export type CredentialKind = ProductCredentialKind | 'management_key' | 'person';

/** Who a verified credential speaks for. */
export interface Principal {
  readonly kind: CredentialKind;
  readonly credentialId: string;
  /** `null` for a management key, which belongs to no workspace, and for a token where none was named. */
  readonly workspace: string | null;
  /** The user in whose name an API key was issued, `null` where nobody was named; or the owner of a token. */
  readonly user: string | null;
  /** `null` where credentials do not carry a role. A token's is the lower of its user's and its own ceiling. */
  readonly role: Role | null;
  readonly scopes: Scopes;
  readonly constraints: Constraints;
}

/** What bounds a credential besides its scopes. */
export interface Constraints {
  /** Unix seconds; `null` for none. */
  readonly expiresAt: number | null;
  /** Empty for everywhere. */
  readonly allowedCidrs: readonly string[];
  /** Absent where it has no rate limit but its plan's. */
  readonly ownLimit?: OwnLimit;
}
