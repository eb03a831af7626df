import type { Principal } from '../access/principal.ts';
import { isSameLimit, narrowerLimit } from '../access/rate-limit.ts';
import type { RateLimit } from '../profile/profile.ts';

/** What a caller is held to; `null` for all but API keys. */
export function limitOfCaller(caller: Principal, planLimit: RateLimit | null): RateLimit | null {
  if (caller.kind !== 'api_key') return null;
  const own = ownLimitOf(caller, planLimit);
  if (own === null) return planLimit;
  return caller.constraints.ownLimit?.from === 'issuer' ? narrowerLimit(planLimit, own) : own;
}

/** What bounds the keys that a caller issues, whatever becomes of their plan; `null` where the caller has no limit of its own. */
export function limitHandedOn(caller: Principal, planLimit: RateLimit | null): RateLimit | null {
  return caller.kind === 'api_key' ? ownLimitOf(caller, planLimit) : null;
}

function ownLimitOf({ constraints }: Principal, planLimit: RateLimit | null): RateLimit | null {
  const { ownLimit } = constraints;
  if (ownLimit === undefined) return null;
  const { limit, windowSeconds } = ownLimit;
  const isPlans = ownLimit.from === 'unknown' && isSameLimit(ownLimit, planLimit);
  return isPlans ? null : { limit, windowSeconds };
}
