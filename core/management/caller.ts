import type { CallerSession, Principal } from '../access/principal.ts';
import { isSameLimit, narrowerLimit, type RateLimit } from '../access/rate-limit.ts';
import { type Role, scopesOfRole } from '../access/role.ts';
import type { Rank } from '../credential/key-bounds.ts';
import type { Profile } from '../profile/profile.ts';
import { type Member, roleOf } from './workspace-store.ts';

/** The principal of a signed-in user in one workspace: as powerful as their role is now. */
export function principalOfMember(member: Member, profile: Profile, session?: CallerSession): Principal {
  const role = roleOf(member);
  return {
    kind: 'person',
    credentialId: session?.id ?? member.userId,
    workspace: member.workspace,
    user: member.userId,
    role,
    scopes: scopesOfRole(profile, role),
    constraints: { expiresAt: null, allowedCidrs: [] },
  };
}

/** The role of the member in whose name a key is issued. `nobody`: no member was named. `gone`: the member has left. */
export type Creator = Role | 'nobody' | 'gone';

/** @param issuer what the creator of a key that calls is now. The key ranks as they do, and as a member without one. */
export function rankOf({ kind, role }: Principal, issuer: Creator): Rank {
  if (kind === 'management_key') return 'operator';
  if (kind === 'person') return role ?? 'member';
  return issuer === 'nobody' || issuer === 'gone' ? 'member' : issuer;
}

/** The rate limit that a caller is held to; `null` for every caller but an API key. */
export function limitOfCaller(caller: Principal, planLimit: RateLimit | null): RateLimit | null {
  if (caller.kind !== 'api_key') return null;
  const own = ownLimitOf(caller, planLimit);
  if (own === null) return planLimit;
  return caller.constraints.ownLimit?.from === 'issuer' ? narrowerLimit(planLimit, own) : own;
}

/** The limit for every key that this caller issues, whatever the plan; `null` if the caller has no limit of its own. */
export function limitForIssuedKeys(caller: Principal, planLimit: RateLimit | null): RateLimit | null {
  return caller.kind === 'api_key' ? ownLimitOf(caller, planLimit) : null;
}

function ownLimitOf({ constraints }: Principal, planLimit: RateLimit | null): RateLimit | null {
  const { ownLimit } = constraints;
  if (ownLimit === undefined) return null;
  const { limit, windowSeconds } = ownLimit;
  const isPlans = ownLimit.from === 'unknown' && isSameLimit(ownLimit, planLimit);
  return isPlans ? null : { limit, windowSeconds };
}

/** Tells whether a caller belongs to a workspace. To a stranger the workspace does not exist. */
export function belongsTo({ kind, workspace }: Principal, slug: string): boolean {
  return kind === 'management_key' || workspace === slug;
}
