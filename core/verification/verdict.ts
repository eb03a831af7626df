import { isInNetworks } from '../access/network.ts';
import type { Principal } from '../access/principal.ts';
import { holdsAny, isForKind, type Requirement } from '../access/scope.ts';
import { isExpired } from '../credential/credential.ts';
import type { RefusalCode } from './refusal.ts';
import type { RateWindow, StoredSecret } from './verification-store.ts';

export type Verdict = Allowance | Refusal;

export interface Allowance {
  readonly kind: 'allow';
  readonly principal: Principal;
  /** The state of the rate limit; absent if no limit applies. */
  readonly rate?: RateState;
  /** What the store could not write: the count against the limit, the time of use, or a better hash of an imported key. */
  readonly degraded?: Degradation['degraded'];
  /** With `degraded`: the store's error, for the log. */
  readonly degradedBy?: unknown;
}

/** The reason why a call was let in although the store could not write. */
export interface Degradation {
  readonly degraded: 'limit' | 'stamp' | 'hash';
  readonly degradedBy: unknown;
}

export interface RateState {
  readonly limit: number;
  readonly windowSeconds: number;
  readonly remaining: number;
  /** Whole seconds to the window's end, at least 1. */
  readonly resetSeconds: number;
}

export interface Refusal {
  readonly kind: 'refuse';
  readonly code: RefusalCode;
  /** Present if the secret is proven. */
  readonly principal?: Principal;
  /** With `insufficient_scope`: the narrowest scope that grants the action, if any does. */
  readonly requiredScope?: string;
  /** With `rate_limited`. */
  readonly rate?: RateState;
}

/** The scopes that grant an action. `none`: nobody may do it. `any`: every valid credential may. */
export type ActionRequirement = Requirement | 'none' | 'any';

/** The parts of a request that a verdict depends on. */
export interface Claim {
  /** Unix seconds; `expiresAt === now` counts as expired. */
  readonly now: number;
  /**
   * The requirement of the action. `possession`: holding the secret is enough, even if the key is disabled or used from another
   * network.
   */
  readonly requirement: ActionRequirement | 'possession';
  /** `skip` if the request does not come from the holder of the credential. */
  readonly sourceAddress: string | { readonly skip: true };
  /**
   * The workspace that the request names, unverified. Absent if it names none: a key does not need one, a token does. `skip` if the
   * request is about no workspace.
   */
  readonly workspace?: string | { readonly skip: true };
}

/**
 * Decides about a stored secret, apart from its rate limit.
 *
 * The order of the checks is part of the security. Reaching this function proves the secret. Then come its state, its workspace and
 * network, and only then the action.
 * @see docs/decisions/0003-verification.md
 */
export function judge(secret: StoredSecret | undefined, claim: Claim): Verdict {
  if (secret === undefined) return { kind: 'refuse', code: 'unknown' };
  const { state, expiresAt, replacedAt, principal } = secret;
  // A rotation ends a secret for good, as a revocation does. Only a key past its own expiry has expired.
  if (state === 'revoked' || isExpired(replacedAt ?? null, claim.now)) return refuse('revoked', principal);
  if (isExpired(expiresAt, claim.now)) return refuse('expired', principal);
  const { requirement, workspace } = claim;
  if (requirement === 'possession') return { kind: 'allow', principal };
  if (state === 'disabled') return refuse('disabled', principal);
  if (typeof workspace === 'string' && workspace !== principal.workspace)
    return refuse('wrong_workspace', principal);
  if (!isFromAllowedNetwork(principal.constraints.allowedCidrs, claim)) return refuse('network', principal);
  return judgeScopes(principal, requirement);
}

/** The last step alone, for a caller that has decided everything before it. */
export function judgeScopes(principal: Principal, requirement: ActionRequirement): Verdict {
  if (typeof requirement === 'string') {
    return requirement === 'any' ? { kind: 'allow', principal } : refuse('forbidden', principal);
  }
  // No scope would help a credential of this kind, so the refusal names none.
  if (!isForKind(requirement, principal.kind)) return refuse('forbidden', principal);
  if (holdsAny(principal.scopes, requirement.grantedBy)) return { kind: 'allow', principal };
  return { kind: 'refuse', code: 'insufficient_scope', principal, requiredScope: requirement.requiredScope };
}

function refuse(code: RefusalCode, principal: Principal): Refusal {
  return { kind: 'refuse', code, principal };
}

/** @param allowedCidrs empty to allow every network. */
export function isFromAllowedNetwork(allowedCidrs: readonly string[], { sourceAddress }: Claim): boolean {
  if (allowedCidrs.length === 0 || typeof sourceAddress !== 'string') return true;
  return isInNetworks(sourceAddress, allowedCidrs);
}

export function rateStateOf(secret: StoredSecret, now: number): RateState | undefined {
  const { rateLimit, window } = secret;
  if (rateLimit === null) return undefined;
  const { used, endsAt } = window ?? ({ used: 0, endsAt: now } satisfies RateWindow);
  return {
    limit: rateLimit.limit,
    windowSeconds: rateLimit.windowSeconds,
    remaining: Math.max(0, rateLimit.limit - used),
    resetSeconds: Math.max(1, endsAt - now),
  };
}
