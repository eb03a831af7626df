import type { Principal } from '../access/principal.ts';
import type { Role } from '../access/role.ts';
import { forbid, PERMITTED, type Permission } from './permission.ts';

const INVITE =
  'Nobody is made a member without accepting. Invite them by their e-mail address, with POST /v1/workspaces/{workspace}/invitations.';

/** One membership, from what it is to what it is to be; `none` for one who is no member. */
export interface MembershipChange {
  readonly userId: string;
  readonly before: Role | 'none';
  readonly after: Role | 'none';
}

/**
 * Who may add, change and remove members. People become members by an invitation that they accept: whoever could be added
 * by others, to as many workspaces as those like, would answer for them with their own tokens. Only the operator, who answers
 * for the deployment, adds somebody without asking. Only owners make, change or remove owners; a plain member may only leave.
 * An API key may do none of it: a member that it made would outlive its own expiry, scopes and networks.
 */
export function mayChangeMember(caller: Principal, { userId, before, after }: MembershipChange): Permission {
  if (caller.kind === 'management_key') return PERMITTED;
  if (caller.kind !== 'person') return forbid('An API key may not change who is a member.');
  const mayChangeOthers = caller.role === 'owner' || caller.role === 'admin';
  if (mayChangeOthers && before === 'none' && after !== 'none') return forbid(INVITE);
  if (caller.role === 'owner') return PERMITTED;
  if (caller.user === userId && after === 'none') return PERMITTED;
  if (caller.role !== 'admin') return forbid('A member may only remove themselves.');
  const concernsOwner = before === 'owner' || after === 'owner';
  return concernsOwner ? forbid('Only owners make, change or remove owners.') : PERMITTED;
}
