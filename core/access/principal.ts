import type { OwnLimit } from './rate-limit.ts';
import type { Role } from './role.ts';
import type { CredentialKind, Scopes } from './scope.ts';

/** Who a verified credential speaks for. */
export interface Principal {
  readonly kind: CredentialKind;
  /** Of a person, their session, and their own id where they signed in at the issuer. */
  readonly credentialId: string;
  /** `null` for a management key, which belongs to no workspace, and for a token if the request named no workspace. */
  readonly workspace: string | null;
  /** The user in whose name an API key was issued, or the owner of a token; `null` if the key has no user. */
  readonly user: string | null;
  /** `null` if credentials carry no role. A token acts with the lower of its user's role and its own ceiling. */
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
  /** Absent if it has no rate limit besides its plan's. */
  readonly ownLimit?: OwnLimit;
}

/** Who calls the management API: a verified credential, or a signed-in user, who has a role only in a workspace. */
export type Caller = Principal | SignedInUser;

export interface SignedInUser {
  readonly kind: 'signed_in';
  /** The `sub` that the issuer knows them by, or the id that the product's back end vouches for. */
  readonly user: string;
  /** Absent for somebody who signed in at the issuer. */
  readonly session?: CallerSession;
}

/** The session that a person acts through: in one workspace, as the member that they were when it began. */
export interface CallerSession {
  readonly id: string;
  readonly workspace: string;
  /** Unix seconds, as the others. */
  readonly memberSince: number;
  readonly expiresAt: number;
  readonly endsAt: number;
}
