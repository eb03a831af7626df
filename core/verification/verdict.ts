import { isInNetworks } from '../access/network.ts';
import type { Principal } from '../access/principal.ts';
import { holdsAny, isForKind, type Requirement } from '../access/scope.ts';
import { isExpired } from '../credential/credential-type.ts';
import type { RefusalCode } from './refusal.ts';
import type { RateWindow, StoredSecret } from './verification-store.ts';

export type Verdict = Allowance | Refusal;

export interface Allowance {
  readonly kind: 'allow';
  readonly principal: Principal;
  /** What is left of the rate limit; absent where none applies. */
  readonly rate?: RateState;
  /** What could not be written of this call: that it counts against the limit, or when the credential was used. */
  readonly degraded?: Degradation['degraded'];
  /** With `degraded`: what the store threw, for the log. */
  readonly degradedBy?: unknown;
}

/** How a call was let through by reading alone. */
export interface Degradation {
  readonly degraded: 'limit' | 'stamp';
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
  /** Present once the secret is proven. */
  readonly principal?: Principal;
  /** With `insufficient_scope`: the narrowest scope that would do, where any would. */
  readonly requiredScope?: string;
  /** With `rate_limited`. */
  readonly rate?: RateState;
}

/** The scopes that grant an action; `none` when nothing does, `any` when every valid credential may. */
export type ActionRequirement = Requirement | 'none' | 'any';

/** One request, as far as a verdict depends on it. */
export interface Claim {
  /** Unix seconds; `expiresAt === now` counts as expired. */
  readonly now: number;
  /**
   * What the action requires, or `possession` when holding the secret is enough, though it be disabled or used from
   * elsewhere.
   */
  readonly requirement: ActionRequirement | 'possession';
  /** `skip` where the request does not come from the credential's holder. */
  readonly sourceAddress: string | { readonly skip: true };
  /**
   * The workspace that the request names, unverified; absent when it names none, which is enough for a key and not for a
   * token. `skip` where the request is about no workspace.
   */
  readonly workspace?: string | { readonly skip: true };
}

/**
 * Decides about a secret that the store knows, apart from its rate limit.
 *
 * The order is part of the security: reaching this function proves the secret, then its state, then whose it is and
 * where it is used, and only then what for.
 * @see docs/decisions/0003-verification.md
 */
export function judge(secret: StoredSecret | undefined, claim: Claim): Verdict {
  if (secret === undefined) return { kind: 'refuse', code: 'unknown' };
  const { state, expiresAt, replacedAt, principal } = secret;
  // A rotation ends a secret for good, as a revocation does. Only a key that is past its own expiry has expired.
  if (state === 'revoked' || isExpired(replacedAt ?? null, claim.now)) return refuse('revoked', principal);
  if (isExpired(expiresAt, claim.now)) return refuse('expired', principal);
  const { requirement, workspace } = claim;
  // Asked for its type first, here and below: comparing an object with a text is slow, and this runs on every request.
  if (typeof requirement === 'string' && requirement === 'possession') return { kind: 'allow', principal };
  if (state === 'disabled') return refuse('disabled', principal);
  if (typeof workspace === 'string' && workspace !== principal.workspace)
    return refuse('wrong_workspace', principal);
  if (!isFromAllowedNetwork(principal.constraints.allowedCidrs, claim)) return refuse('network', principal);
  return judgeScopes(principal, requirement);
}

/** The last step alone, for where everything before it has been decided. */
export function judgeScopes(principal: Principal, requirement: ActionRequirement): Verdict {
  if (typeof requirement === 'string') {
    return requirement === 'any' ? { kind: 'allow', principal } : refuse('forbidden', principal);
  }
  // No scope would help a credential of this kind, so none is named.
  if (!isForKind(requirement, principal.kind)) return refuse('forbidden', principal);
  if (holdsAny(principal.scopes, requirement.grantedBy)) return { kind: 'allow', principal };
  return { kind: 'refuse', code: 'insufficient_scope', principal, requiredScope: requirement.requiredScope };
}

function refuse(code: RefusalCode, principal: Principal): Refusal {
  return { kind: 'refuse', code, principal };
}

/** @param allowedCidrs empty for everywhere. */
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
