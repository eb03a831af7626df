import type { Principal } from '../access/principal.ts';
import { isSameLimit, narrowerLimit, type RateLimit } from '../access/rate-limit.ts';
import { scopesOfRole } from '../access/role.ts';
import type { Profile } from '../profile/profile.ts';
import { type Member, roleOf } from './workspace-store.ts';

/** What a signed-in user is in one workspace: as powerful as their role is at this moment. */
export function principalOfMember(member: Member, profile: Profile): Principal {
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

/** What a caller is held to; `null` for all but API keys. */
export function limitOfCaller(caller: Principal, planLimit: RateLimit | null): RateLimit | null {
  if (caller.kind !== 'api_key') return null;
  const own = ownLimitOf(caller, planLimit);
  if (own === null) return planLimit;
  return caller.constraints.ownLimit?.from === 'issuer' ? narrowerLimit(planLimit, own) : own;
}

/** What bounds the keys that a caller issues, whatever becomes of their plan; `null` where the caller has no limit of its own. */
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
