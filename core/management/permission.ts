import { areWithinNetworks } from '../access/network.ts';
import type { Principal } from '../access/principal.ts';
import { effectiveLimit, isWithinLimit, type RateLimit } from '../access/rate-limit.ts';
import { isRoleAtLeast, type Role, scopesOfRole } from '../access/role.ts';
import { covers, type ScopeCatalogue, type Scopes } from '../access/scope.ts';
import type { ApiKey, KeyFields } from '../credential/api-key.ts';
import {
  BOUND_FIELDS,
  type BoundField,
  type KeyBounds,
  type NamedFields,
  type Rank,
  ranksAbove,
} from '../credential/key-bounds.ts';
import type { Profile } from '../profile/profile.ts';
import { limitOfCaller } from './caller.ts';
import type { Invitation } from './invitation-store.ts';

/**
 * Who may do what through the management API. Nobody issues a credential, or changes one into one, that can do more than
 * they can themselves; nobody acts on a credential that can.
 */
export type Permission =
  | { readonly kind: 'allow' }
  | { readonly kind: 'refuse' /** A whole sentence. */; readonly reason: string };

export const ALLOW: Permission = { kind: 'allow' };
export const refuse = (reason: string): Permission => ({ kind: 'refuse', reason });

/** Tells a stranger from somebody who belongs here; to a stranger the workspace does not exist. */
export function belongsTo({ kind, workspace }: Principal, slug: string): boolean {
  return kind === 'management_key' || workspace === slug;
}

/** What a key may be issued with, and what it may be changed into. */
export type Power = Pick<KeyFields, 'scopes' | 'expiresAt' | 'allowedCidrs' | 'rateLimit' | 'issuerLimit'>;

/** The member in whose name a key is issued: `nobody` was named, or they are `gone` from the workspace. */
export type Creator = Role | 'nobody' | 'gone';

/** What a creator may issue bounds what is issued in their name, also by a management key. */
export function mayIssue(
  profile: Profile,
  caller: Principal,
  asked: { key: Power; creator: Creator; planLimit: RateLimit | null },
): Permission {
  const bound = isWithinCreatorPower(profile, asked.key.scopes, asked.creator);
  return bound.kind === 'refuse' ? bound : isWithinOwnPower(profile, caller, asked.key, asked.planLimit);
}

/**
 * Changing a key needs at least its power before and after. What it gains, its creator must be allowed to issue; what it
 * has already stays, whatever has become of them. A key that calls is bounded by its own creator too, as in {@link mayRotate}.
 * @param asked.issuer what the creator of a key that calls is at this moment; `nobody` for every other caller.
 * @param asked.planLimit what the workspace's plan holds keys to.
 */
export function mayUpdate(
  profile: Profile,
  caller: Principal,
  asked: { before: ApiKey; after: Power; creator: Creator; issuer: Creator; planLimit: RateLimit | null },
): Permission {
  const { before, after, creator, issuer, planLimit } = asked;
  if (caller.credentialId === before.id) return refuse('A key may not change itself.');
  const reach = mayReach(caller, before);
  if (reach.kind === 'refuse') return reach;
  const gains = !isWithin(profile.scopes, before.scopes, after.scopes);
  const bound = gains ? isWithinCreatorPower(profile, after.scopes, creator) : ALLOW;
  if (bound.kind === 'refuse') return bound;
  for (const power of [before, after]) {
    const issuing = isWithinCreatorPower(profile, power.scopes, issuer);
    if (issuing.kind === 'refuse') return issuing;
  }
  const own = isWithinOwnPower(profile, caller, before, planLimit);
  if (own.kind === 'refuse') return own;
  if (!isRoleCovered(caller, before)) return refuse('The key acts with a higher role than the caller has.');
  return isWithinOwnPower(profile, caller, after, planLimit);
}

/**
 * A new secret has the key's whole power, so rotating needs what issuing it would. A key acts as its own creator there too:
 * otherwise somebody who was demoted or removed could use a key that stayed to take over the secrets of others.
 * @param asked.issuer what the creator of a key that calls is at this moment; `nobody` for every other caller.
 * @param asked.planLimit what the workspace's plan holds keys to.
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
  const bound = isWithinCreatorPower(profile, key.scopes, issuer);
  if (bound.kind === 'refuse') return bound;
  return isWithinOwnPower(profile, caller, key, planLimit);
}

/**
 * Seeing and revoking: a plain member reaches their own credentials, everybody else whom the route lets in reaches all.
 * Revoking takes no power away from anybody who needs it, so it needs none.
 */
export function mayReach(caller: Principal, key: Pick<ApiKey, 'createdBy'>): Permission {
  if (reachesAll(caller) || key.createdBy === caller.user) return ALLOW;
  return refuse('A member may only reach their own keys.');
}

/**
 * Whether the caller sees everybody's credentials, and not only their own. A key that acts with a role is no more than
 * somebody of that role; one that carries none was let in for its scopes.
 */
export function reachesAll({ kind, role }: Principal): boolean {
  if (role === null) return kind !== 'person';
  return isRoleAtLeast(role, 'admin');
}

/** Where keys act with a role, power is not scopes alone. */
function isRoleCovered({ kind, role }: Principal, key: ApiKey): boolean {
  if (kind === 'management_key' || key.role === null) return true;
  return role !== null && isRoleAtLeast(role, key.role);
}

/** Limits are what the operator sells: naming one is theirs, even to take it away. */
export function maySetRateLimit(caller: Principal): Permission {
  return caller.kind === 'management_key' ? ALLOW : refuse('Only a management key may set rate_limit.');
}

function isWithinCreatorPower(profile: Profile, scopes: Scopes, creator: Creator): Permission {
  if (creator === 'nobody') return ALLOW;
  if (creator === 'gone') return refuse('The user in whose name the key was issued is no longer a member.');
  return isWithin(profile.scopes, scopesOfRole(profile, creator), scopes)
    ? ALLOW
    : refuse(`Somebody with the role ${creator} may not issue these scopes.`);
}

function isWithinOwnPower(
  profile: Profile,
  caller: Principal,
  asked: Power,
  planLimit: RateLimit | null,
): Permission {
  if (caller.kind === 'management_key') return ALLOW;
  const { expiresAt, allowedCidrs } = caller.constraints;
  if (!isWithin(profile.scopes, caller.scopes, asked.scopes))
    return refuse('The caller does not hold these scopes.');
  if (expiresAt !== null && (asked.expiresAt === null || asked.expiresAt > expiresAt)) {
    return refuse('A key may not outlive the key that issues it.');
  }
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

/** The log of a workspace tells of everybody in it, so it is for those who see everybody's credentials. */
export function mayReadEvents(caller: Principal): Permission {
  return reachesAll(caller) ? ALLOW : refuse('A member may not read the audit log.');
}

/**
 * Inviting somebody, and taking an invitation back: whoever could make them a member of that role. A key invites
 * nobody: people answer for who is let in.
 */
export function mayInvite({ kind, role }: Principal, invited: Role): Permission {
  if (kind === 'management_key') return ALLOW;
  if (kind !== 'person') return refuse('An API key may not invite anybody.');
  if (role === 'owner' || (role === 'admin' && invited !== 'owner')) return ALLOW;
  return refuse(role === 'admin' ? 'Only an owner may invite an owner.' : 'A member may not invite anybody.');
}

/** Who was invited is for those who could invite, and for keys that administer. */
export function maySeeInvitations(caller: Principal): Permission {
  return reachesAll(caller) ? ALLOW : refuse('A member may not see invitations.');
}

/**
 * Whether an invitation is still worth what it says, at the moment when it is accepted: it grants what its inviter could give
 * away now, and nothing once they could not.
 * @param inviter what they are in the workspace at this moment; undefined for nobody.
 */
export function mayStillInvite({ invitedBy, role }: Invitation, inviter: Principal | undefined): Permission {
  if (invitedBy === null) return ALLOW;
  if (inviter === undefined) return refuse('The inviter is no longer a member.');
  return mayInvite(inviter, role);
}

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
  if (caller.kind === 'management_key') return ALLOW;
  if (caller.kind !== 'person') return refuse('An API key may not change who is a member.');
  const mayChangeOthers = caller.role === 'owner' || caller.role === 'admin';
  if (mayChangeOthers && before === 'none' && after !== 'none') return refuse(INVITE);
  if (caller.role === 'owner') return ALLOW;
  if (caller.user === userId && after === 'none') return ALLOW;
  if (caller.role !== 'admin') return refuse('A member may only remove themselves.');
  const concernsOwner = before === 'owner' || after === 'owner';
  return concernsOwner ? refuse('Only owners make, change or remove owners.') : ALLOW;
}

/** A plan is what the operator sells, so that only they set it; a name is the owners'. */
export function mayUpdateWorkspace(
  { kind, role }: Principal,
  fields: readonly ('name' | 'plan')[],
): Permission {
  if (kind === 'management_key') return ALLOW;
  if (fields.includes('plan')) return refuse('Only a management key may set the plan.');
  const isOwner = kind === 'person' && role === 'owner';
  return isOwner ? ALLOW : refuse('Only an owner who is signed in may rename the workspace.');
}

/** @param issuer what the creator of a key that calls is now: a key ranks as they do, and as a member where it has none. */
export function rankOf({ kind, role }: Principal, issuer: Creator): Rank {
  if (kind === 'management_key') return 'operator';
  if (kind === 'person') return role ?? 'member';
  return issuer === 'nobody' || issuer === 'gone' ? 'member' : issuer;
}

/**
 * What a higher rank has set may be narrowed further, and is loosened beyond what they set by nobody below them: neither by
 * the key's own maker, nor by a key of theirs.
 */
export function mayLoosen(
  profile: Profile,
  { bounds, rank, named }: { readonly bounds: KeyBounds; readonly rank: Rank; readonly named: NamedFields },
): Permission {
  for (const setter of ranksAbove(rank))
    for (const field of BOUND_FIELDS)
      if (isBeyond(profile, { field, bounds, setter, named })) return refuse(refusalOf(field, setter));
  return ALLOW;
}

/** What a caller is told, by field: who set it, and who may do what they may not. */
const REFUSALS: Readonly<Record<BoundField, (setter: string, able: string) => string>> = {
  enabled: (setter, able) => `The key was disabled by ${setter}. Only ${able} may enable it again.`,
  expiresAt: (setter, able) => `expires_at was set by ${setter}. Only ${able} may make it later.`,
  allowedCidrs: (setter, able) => `allowed_cidrs was set by ${setter}. Only ${able} may widen it.`,
  scopes: (setter, able) => `scopes was set by ${setter}. Only ${able} may add to it.`,
};

const WHO = { operator: 'the operator', owner: 'an owner', admin: 'an admin', member: 'a member' } as const;

function refusalOf(field: BoundField, setter: Rank): string {
  const able = [setter, ...ranksAbove(setter).toReversed()];
  return REFUSALS[field](WHO[setter], able.map((rank) => WHO[rank]).join(' or '));
}

interface Bound {
  readonly field: BoundField;
  readonly bounds: KeyBounds;
  readonly setter: Rank;
  readonly named: NamedFields;
}

/** Whether what is named for a field is more than what one rank has set. */
function isBeyond({ scopes: catalogue }: Profile, { field, bounds, setter, named }: Bound): boolean {
  if (setter === 'member') return false;
  if (field === 'enabled') return named.enabled === true && bounds.enabled?.[setter] === false;
  if (field === 'expiresAt') {
    const [asked, set] = [named.expiresAt, bounds.expiresAt?.[setter] ?? null];
    return asked !== undefined && set !== null && (asked === null || asked > set);
  }
  if (field === 'allowedCidrs') {
    const [asked, set = []] = [named.allowedCidrs, bounds.allowedCidrs?.[setter]];
    return asked !== undefined && set.length > 0 && (asked.length === 0 || !areWithinNetworks(asked, set));
  }
  const [asked, set = 'all'] = [named.scopes, bounds.scopes?.[setter]];
  return asked !== undefined && catalogue !== undefined && !covers(catalogue, set, asked);
}
