import type { Member, Membership, Person } from '../api/records.ts';
import { ROLES, type RoleName } from '../config.ts';

/** What a person may do with one member. The API decides; this only spares people a refusal. */
export interface MemberRights {
  /** The roles that the person may give; empty where they may change nothing. */
  readonly roles: readonly RoleName[];
  readonly mayRename: boolean;
  /** `null` where the person may remove the member, else a sentence that says why not. */
  readonly remove: string | null;
}

interface Reader {
  readonly person: Pick<Person, 'user'>;
  readonly membership: Pick<Membership, 'role'>;
  /** Whether the member is the last owner, who must stay. */
  readonly isLastOwner: boolean;
}

export function rightsOver(member: Member, { person, membership, isLastOwner }: Reader): MemberRights {
  const isSelf = member.user_id === person.user;
  const last = 'Somebody has to be the owner. Make another member an owner first.';
  if (membership.role === 'owner' && isLastOwner) return { roles: [], mayRename: true, remove: last };
  if (membership.role === 'owner') return { roles: ROLES, mayRename: true, remove: null };
  const none = { roles: [], mayRename: false };
  if (membership.role === 'member')
    return { ...none, remove: isSelf ? null : 'Only owners and admins remove members.' };
  if (member.role === 'owner') return { ...none, remove: 'Only an owner can change or remove an owner.' };
  return { roles: ROLES.filter((role) => role !== 'owner'), mayRename: true, remove: null };
}

/** The roles to which a person may invite. */
export function invitableRoles({ role }: Pick<Membership, 'role'>): readonly RoleName[] {
  if (role === 'member') return [];
  return role === 'owner' ? ROLES : ROLES.filter((invited) => invited !== 'owner');
}
