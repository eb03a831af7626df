import type { OwnLimit } from './rate-limit.ts';
import type { Role } from './role.ts';
import type { CredentialKind, Scopes } from './scope.ts';

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

/** Who calls the management API: a verified credential, or a person, who is nobody in particular until a workspace is named. */
export type Caller = Principal | SignedInUser;

export interface SignedInUser {
  readonly kind: 'signed_in';
  /** The `sub` that the issuer knows them by. */
  readonly user: string;
}
