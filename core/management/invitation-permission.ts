import type { Principal } from '../access/principal.ts';
import type { Role } from '../access/role.ts';
import type { Invitation } from './invitation.ts';
import { forbid, PERMITTED, type Permission, reachesAll } from './permission.ts';

/**
 * Inviting somebody, and taking an invitation back: whoever could make them a member of that role. A key invites
 * nobody: people answer for who is let in.
 */
export function mayInvite({ kind, role }: Principal, invited: Role): Permission {
  if (kind === 'management_key') return PERMITTED;
  if (kind !== 'person') return forbid('An API key may not invite anybody.');
  if (role === 'owner' || (role === 'admin' && invited !== 'owner')) return PERMITTED;
  return forbid(role === 'admin' ? 'Only an owner may invite an owner.' : 'A member may not invite anybody.');
}

/** Who was invited is for those who could invite, and for keys that administer. */
export function maySeeInvitations(caller: Principal): Permission {
  return reachesAll(caller) ? PERMITTED : forbid('A member may not see invitations.');
}

/**
 * Whether an invitation is still worth what it says, at the moment when it is accepted: it grants what its inviter could give
 * away now, and nothing once they could not.
 * @param inviter what they are in the workspace at this moment; undefined for nobody.
 */
export function mayStillInvite({ invitedBy, role }: Invitation, inviter: Principal | undefined): Permission {
  if (invitedBy === null) return PERMITTED;
  if (inviter === undefined) return forbid('The inviter is no longer a member.');
  return mayInvite(inviter, role);
}
