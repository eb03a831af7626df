import type { Role } from './role.ts';
import type { Scopes } from './scope.ts';

/** `person`: somebody who signed in, in one workspace. They hold no secret of Keyward's. */
export type CredentialKind = 'api_key' | 'management_key' | 'person';

/** Who a verified credential speaks for. */
export interface Principal {
  readonly kind: CredentialKind;
  readonly credentialId: string;
  /** `null` for a management key, which belongs to no workspace. */
  readonly workspace: string | null;
  /** The user in whose name an API key was issued; `null` where nobody was named. */
  readonly user: string | null;
  /** `null` where credentials do not carry a role. */
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
}
