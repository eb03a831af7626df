import type { Member } from '../management/workspace.ts';
import { roleOf } from '../management/workspace.ts';
import type { Profile } from '../profile/profile.ts';
import type { Principal } from './principal.ts';
import { scopesOfRole } from './role-scopes.ts';

/** Who calls the management API: a verified credential, or a person, who is nobody in particular until a workspace is named. */
export type Caller = Principal | SignedInUser;

export interface SignedInUser {
  readonly kind: 'signed_in';
  /** The `sub` that the issuer knows them by. */
  readonly user: string;
}

/** What a signed-in user is in one workspace: as powerful as their role is at this moment. */
export function personAs(member: Member, profile: Profile): Principal {
  const role = roleOf(member);
  return {
    kind: 'person',
    credentialId: member.userId,
    workspace: member.workspace,
    user: member.userId,
    role,
    scopes: scopesOfRole(profile, role),
    constraints: { expiresAt: null, allowedCidrs: [] },
  };
}
