import { areWithinNetworks } from '../access/network.ts';
import type { Principal } from '../access/principal.ts';
import { effectiveLimit, isWithinLimit, type RateLimit } from '../access/rate-limit.ts';
import { isRoleAtLeast, type Role, scopesOfRole } from '../access/role.ts';
import { covers, type ScopeCatalogue, type Scopes } from '../access/scope.ts';
import type { ApiKey, KeyFields } from '../credential/credential.ts';
import {
  BOUND_FIELDS,
  type BoundField,
  isLoosened,
  type KeyBounds,
  type NamedFields,
  type Rank,
  ranksAbove,
} from '../credential/key-bounds.ts';
import type { Profile } from '../profile/profile.ts';
import { type Creator, limitOfCaller } from './caller.ts';
import type { Invitation } from './invitation-store.ts';

/**
 * Who may do what through the management API. Nobody issues a credential that can do more than they can themselves, or
 * changes a credential into one. Nobody acts on a credential that can do more than they can.
 */
export type Permission =
  | { readonly kind: 'allow' }
  | { readonly kind: 'refuse' /** A whole sentence. */; readonly reason: string };

const ALLOW: Permission = { kind: 'allow' };
const refuse = (reason: string): Permission => ({ kind: 'refuse', reason });

/** The fields that say how much a key can do. */
export type KeyRights = Pick<
  KeyFields,
  'scopes' | 'expiresAt' | 'allowedCidrs' | 'rateLimit' | 'issuerLimit'
>;

/** A key may hold what its creator may issue, even if a management key issues it in the creator's name. */
export function mayIssue(
  profile: Profile,
  caller: Principal,
  asked: { key: KeyRights; creator: Creator; planLimit: RateLimit | null },
): Permission {
  const bound = isWithinCreatorRights(profile, asked.key.scopes, asked.creator);
  return bound.kind === 'refuse' ? bound : isWithinOwnRights(profile, caller, asked.key, asked.planLimit);
}

/**
 * A caller who changes a key needs the rights that the key has before and after. The key's creator must be allowed to issue the
 * scopes that the key gains. Scopes that it has already stay, whatever became of the creator. A key that calls is bounded by
 * its own creator too, as in {@link mayRotate}.
 * @param asked.issuer what the creator of a key that calls is now; `nobody` for every other caller.
 * @param asked.planLimit the limit of the workspace's plan.
 */
export function mayUpdate(
  profile: Profile,
  caller: Principal,
  asked: { before: ApiKey; after: KeyRights; creator: Creator; issuer: Creator; planLimit: RateLimit | null },
): Permission {
  const { before, after, creator, issuer, planLimit } = asked;
  if (caller.credentialId === before.id) return refuse('A key may not change itself.');
  const reach = mayReach(caller, before);
  if (reach.kind === 'refuse') return reach;
  const gains = !isWithin(profile.scopes, before.scopes, after.scopes);
  const bound = gains ? isWithinCreatorRights(profile, after.scopes, creator) : ALLOW;
  if (bound.kind === 'refuse') return bound;
  for (const rights of [before, after]) {
    const issuing = isWithinCreatorRights(profile, rights.scopes, issuer);
    if (issuing.kind === 'refuse') return issuing;
  }
  const own = isWithinOwnRights(profile, caller, before, planLimit);
  if (own.kind === 'refuse') return own;
  if (!isRoleCovered(caller, before)) return refuse('The key acts with a higher role than the caller has.');
  return isWithinOwnRights(profile, caller, after, planLimit);
}

/**
 * A new secret has all rights of the key, so a caller who rotates a key needs what issuing it would need. A key that calls
 * is bounded by its own creator: otherwise a member who was demoted or removed could use a key that stayed to take over the
 * secrets of others.
 * @param asked.issuer what the creator of a key that calls is now; `nobody` for every other caller.
 * @param asked.planLimit the limit of the workspace's plan.
 */
export function mayRotate(
  profile: Profile,
  caller: Principal,
  { key, issuer, planLimit }: { key: ApiKey; issuer: Creator; planLimit: RateLimit | null },
): Permission {
  if (caller.credentialId === key.id) return refuse('A key may not rotate itself.');
  const reach = mayReach(caller, key);
  if (reach.kind === 'refuse') return reach;
  const isCreators = caller.user !== null && caller.user === key.createdBy;
  if (profile.inheritsRole && caller.kind !== 'management_key' && !isCreators)
    return refuse('A key acts as the user who created it, so only they may rotate it.');
  const bound = isWithinCreatorRights(profile, key.scopes, issuer);
  return bound.kind === 'refuse' ? bound : isWithinOwnRights(profile, caller, key, planLimit);
}

/** Who may revoke whose key: see {@link mayReach}. Revoking gives nobody rights, so it needs none. */
export function mayRevoke(caller: Principal, key: Pick<ApiKey, 'createdBy'>): Permission {
  return mayReach(caller, key);
}

/** Who may see whose key: see {@link mayReach}. */
export function maySee(caller: Principal, key: Pick<ApiKey, 'createdBy'>): Permission {
  return mayReach(caller, key);
}

/** A plain member reaches their own keys. Every other caller whom the route lets in reaches all keys. */
function mayReach(caller: Principal, key: Pick<ApiKey, 'createdBy'>): Permission {
  if (reachesAll(caller) || key.createdBy === caller.user) return ALLOW;
  return refuse('A member may only reach their own keys.');
}

/**
 * Tells whether a caller sees everybody's credentials, and not only their own. A key that acts with a role sees what a person
 * of that role sees. The route has let in a key without a role for its scopes.
 */
export function reachesAll({ kind, role }: Principal): boolean {
  if (role === null) return kind !== 'person';
  return isRoleAtLeast(role, 'admin');
}

/** Where keys act with a role, its rights are more than its scopes. */
function isRoleCovered({ kind, role }: Principal, key: ApiKey): boolean {
  if (kind === 'management_key' || key.role === null) return true;
  return role !== null && isRoleAtLeast(role, key.role);
}

export function isWithinCreatorRights(profile: Profile, scopes: Scopes, creator: Creator): Permission {
  if (creator === 'nobody') return ALLOW;
  if (creator === 'gone') return refuse('The user in whose name the key was issued is no longer a member.');
  if (isWithin(profile.scopes, scopesOfRole(profile, creator), scopes)) return ALLOW;
  return refuse(`A user with the role ${creator} may not issue these scopes.`);
}

function isWithinOwnRights(
  profile: Profile,
  caller: Principal,
  asked: KeyRights,
  planLimit: RateLimit | null,
): Permission {
  if (caller.kind === 'management_key') return ALLOW;
  const { expiresAt, allowedCidrs } = caller.constraints;
  if (!isWithin(profile.scopes, caller.scopes, asked.scopes))
    return refuse('The caller does not hold these scopes.');
  if (expiresAt !== null && (asked.expiresAt === null || asked.expiresAt > expiresAt))
    return refuse('A key may not outlive the key that issues it.');
  const isWider = asked.allowedCidrs.length === 0 || !areWithinNetworks(asked.allowedCidrs, allowedCidrs);
  if (allowedCidrs.length > 0 && isWider)
    return refuse('A key may not be used from more networks than its issuer.');
  if (!isWithinLimit(effectiveLimit(planLimit, asked), limitOfCaller(caller, planLimit)))
    return refuse('A key may not have a wider rate limit than the key that issues, changes or rotates it.');
  return ALLOW;
}

function isWithin(catalogue: ScopeCatalogue | undefined, held: Scopes, asked: Scopes): boolean {
  return catalogue === undefined || covers(catalogue, held, asked);
}

/** The operator sells limits, so only the operator sets or removes one. */
export function maySetRateLimit(caller: Principal): Permission {
  return caller.kind === 'management_key' ? ALLOW : refuse('Only a management key may set rate_limit.');
}

/** A lower rank may narrow what a higher rank has set on a key, and may not loosen it. */
export function mayLoosen(
  { scopes }: Pick<Profile, 'scopes'>,
  { bounds, rank, named }: { readonly bounds: KeyBounds; readonly rank: Rank; readonly named: NamedFields },
): Permission {
  for (const setter of ranksAbove(rank))
    for (const field of BOUND_FIELDS)
      if (isLoosened(scopes, { field, bounds, setter, named })) return refuse(describeBound(field, setter));
  return ALLOW;
}

const DESCRIPTIONS: Readonly<Record<BoundField, (setter: string, able: string) => string>> = {
  enabled: (setter, able) => `The key was disabled by ${setter}. Only ${able} may enable it again.`,
  expiresAt: (setter, able) => `expires_at was set by ${setter}. Only ${able} may make it later.`,
  allowedCidrs: (setter, able) => `allowed_cidrs was set by ${setter}. Only ${able} may widen it.`,
  scopes: (setter, able) => `scopes was set by ${setter}. Only ${able} may add to it.`,
};
const WHO = { operator: 'the operator', owner: 'an owner', admin: 'an admin', member: 'a member' } as const;

/** Says who set a bound, and who may loosen it. */
function describeBound(field: BoundField, setter: Rank): string {
  const able = [setter, ...ranksAbove(setter).toReversed()];
  return DESCRIPTIONS[field](WHO[setter], able.map((rank) => WHO[rank]).join(' or '));
}

/** A workspace's log tells of all its members, so it is for callers who see everybody's credentials. */
export function mayReadEvents(caller: Principal): Permission {
  return reachesAll(caller) ? ALLOW : refuse('A member may not read the audit log.');
}

/** Who may invite a member, and revoke an invitation. A key may not: a person has to answer for each new member. */
export function mayInvite({ kind, role }: Principal, invited: Role): Permission {
  if (kind === 'management_key') return ALLOW;
  if (kind !== 'person') return refuse('An API key may not invite anybody.');
  if (role === 'owner' || (role === 'admin' && invited !== 'owner')) return ALLOW;
  return refuse(role === 'admin' ? 'Only an owner may invite an owner.' : 'A member may not invite anybody.');
}

/** Callers who may invite see the invitations, and so do keys that administer. */
export function maySeeInvitations(caller: Principal): Permission {
  return reachesAll(caller) ? ALLOW : refuse('A member may not see invitations.');
}

/**
 * Tells whether an invitation still holds when it is accepted. It does only while its inviter could make it.
 * @param inviter what the inviter is in the workspace now; `undefined` for a user who has left.
 */
export function mayStillInvite({ invitedBy, role }: Invitation, inviter: Principal | undefined): Permission {
  if (invitedBy === null) return ALLOW;
  return inviter === undefined ? refuse('The inviter is no longer a member.') : mayInvite(inviter, role);
}

const INVITE =
  'Nobody is made a member without accepting. Invite them by their e-mail address, with POST /v1/workspaces/{workspace}/invitations.';

/** The change of one membership; `none` for a user who is not a member. */
export interface MembershipChange {
  readonly userId: string;
  readonly before: Role | 'none';
  readonly after: Role | 'none';
}

/**
 * Who may add, change and remove members. People become members by accepting an invitation: in a workspace that a stranger
 * added them to, they would answer for it with their own tokens. Only the operator adds a member without asking. Only owners
 * make, change or remove owners. A plain member may only leave. An API key may change no member: the member would outlive the
 * key's expiry, scopes and networks.
 */
export function mayChangeMember(caller: Principal, { userId, before, after }: MembershipChange): Permission {
  if (caller.kind === 'management_key') return ALLOW;
  if (caller.kind !== 'person') return refuse('An API key may not change who is a member.');
  const mayChangeOthers = caller.role === 'owner' || caller.role === 'admin';
  if (mayChangeOthers && before === 'none' && after !== 'none') return refuse(INVITE);
  if (caller.role === 'owner' || (caller.user === userId && after === 'none')) return ALLOW;
  if (caller.role !== 'admin') return refuse('A member may only remove themselves.');
  const concernsOwner = before === 'owner' || after === 'owner';
  return concernsOwner ? refuse('Only owners make, change or remove owners.') : ALLOW;
}

/** The operator sells plans, so only the operator sets one. The name is the owners'. */
export function mayUpdateWorkspace(caller: Principal, fields: readonly ('name' | 'plan')[]): Permission {
  if (caller.kind === 'management_key') return ALLOW;
  if (fields.includes('plan')) return refuse('Only a management key may set the plan.');
  if (caller.kind === 'person' && caller.role === 'owner') return ALLOW;
  return refuse('Only an owner who is signed in may rename the workspace.');
}
