import { type CredentialKind, isForKind } from '../access/scope.ts';
import type { SecretLocator } from '../credential/secret.ts';
import { Throttled, Unavailable } from '../errors/fault.ts';
import type { Tracking } from './last-use.ts';
import { type Claim, isFromAllowedNetwork, judge, rateStateOf, type Verdict } from './verdict.ts';
import {
  type CountConditions,
  matchSecret,
  type PresentedSecret,
  type StoredSecret,
  type VerificationStore,
  windowEndAfter,
} from './verification-store.ts';

/** How to verify the secrets of one table. */
export interface SecretVerification {
  readonly store: VerificationStore;
  readonly tracking: Tracking;
  /**
   * Saves an operation for secrets bound to networks, if calls are counted or stamped.
   * @default every call reads the networks first
   */
  readonly networks?: NetworkMemory;
}

/** A claim whose verdict depends on what the credential may do. */
export type CountedClaim = Claim & {
  readonly requirement: Exclude<Claim['requirement'], 'none' | 'possession'>;
};

/**
 * Attempts to count one call: one in the current window, one to open the next, one if another caller was faster, and one if the
 * secret's networks were not known.
 */
const COUNT_ATTEMPTS = 4;

/**
 * Tells whether to count a call. Counting is skipped if the answer cannot depend on the counter: the action is closed to this kind
 * of credential, or possession of the secret is enough.
 */
export function isCountable(claim: Claim, kind: CredentialKind): claim is CountedClaim {
  const { requirement } = claim;
  return typeof requirement === 'string' ? requirement === 'any' : isForKind(requirement, kind);
}

/**
 * Counts a call and decides about it in one conditional operation. If the conditions fail, it judges the state that came back with
 * the failure. It tries again only if that state would allow the call.
 * @throws {Unavailable} when a limited call could not be counted, and its limit is not used up either.
 */
export async function verifyCounted(
  verification: SecretVerification,
  presented: PresentedSecret,
  claim: CountedClaim,
): Promise<Verdict> {
  try {
    return await countUntilDecided(verification, presented, claim);
  } catch (error) {
    if (!(error instanceof Throttled || error instanceof Undecided)) throw error;
    return readInstead(verification, { presented, uncounted: error }, claim);
  }
}

/** Something changed the secret between all attempts to count a call. */
class Undecided extends Error {
  override readonly name = 'Undecided';
}

/**
 * Decides by reading when counting failed. A credential is always checked. The limit is skipped only if DynamoDB throttles the
 * write and calls remain.
 */
async function readInstead(
  { store, tracking }: SecretVerification,
  {
    presented,
    uncounted,
  }: { readonly presented: PresentedSecret; readonly uncounted: Throttled | Undecided },
  claim: CountedClaim,
): Promise<Verdict> {
  const secret = matchSecret(await store.find(presented.locator), presented);
  const verdict = judge(secret, claim);
  if (verdict.kind === 'refuse' || secret === undefined) return verdict;
  if (tracking !== 'count' || secret.rateLimit === null)
    return { ...verdict, degraded: 'stamp', degradedBy: uncounted };
  if (isExhausted(secret, claim.now)) return rateLimited(secret, claim.now);
  if (uncounted instanceof Undecided)
    throw new Unavailable('A call could not be counted against its limit.', { cause: uncounted });
  return { ...verdict, degraded: 'limit', degradedBy: uncounted };
}

/** @throws {Undecided} after too many attempts. */
async function countUntilDecided(
  { store, tracking, networks }: SecretVerification,
  presented: PresentedSecret,
  claim: CountedClaim,
): Promise<Verdict> {
  const { now, workspace } = claim;
  const conditions = { ...presented, now, scopes: countedScopes(claim) };
  const asked = typeof workspace === 'string' ? { ...conditions, workspace } : conditions;
  const isLimiting = tracking === 'count';
  let attempt: Pick<CountConditions, 'allowedCidrs' | 'window'> = {
    allowedCidrs: guessedNetworks(networks?.recall(presented.locator), claim),
    window: isLimiting ? 'current' : 'none',
  };
  for (let count = 0; count < COUNT_ATTEMPTS; count += 1) {
    const outcome = await store.count({ ...asked, ...attempt });
    const secret = matchSecret(outcome.secret, presented);
    const verdict = judge(secret, claim);
    if (verdict.kind === 'refuse' || secret === undefined) return verdict;
    const rate = isLimiting ? rateStateOf(secret, now) : undefined;
    if (outcome.kind === 'counted') return rate === undefined ? verdict : { ...verdict, rate };
    if (isLimiting && isExhausted(secret, now)) return rateLimited(secret, now);
    const { allowedCidrs } = secret.principal.constraints;
    networks?.remember(presented.locator, allowedCidrs);
    attempt = { allowedCidrs, window: isLimiting ? dueWindow(secret, now) : 'none' };
  }
  throw new Undecided('The secret was changed between all attempts to count one call.');
}

function rateLimited(secret: StoredSecret, now: number): Verdict {
  const refusal = { kind: 'refuse', code: 'rate_limited', principal: secret.principal } as const;
  const rate = rateStateOf(secret, now);
  return rate === undefined ? refusal : { ...refusal, rate };
}

/** The store trusts the named networks, so the address must lie in them. */
function guessedNetworks(guess: readonly string[] = [], claim: Claim): readonly string[] {
  return isFromAllowedNetwork(guess, claim) ? guess : [];
}

function countedScopes({ requirement }: CountedClaim): CountConditions['scopes'] {
  return requirement === 'any' ? 'any' : requirement.grantedBy;
}

function isExhausted({ rateLimit, window }: StoredSecret, now: number): boolean {
  return rateLimit !== null && window !== null && window.endsAt > now && window.used >= rateLimit.limit;
}

/** A stored window that ends later than this clock's counts as current: clocks differ, and nobody gets a limit twice. */
function dueWindow({ rateLimit, window }: StoredSecret, now: number): CountConditions['window'] {
  if (rateLimit === null || (window !== null && window.endsAt > now)) return 'current';
  const { windowSeconds } = rateLimit;
  return { endsAt: windowEndAfter(now, windowSeconds), windowSeconds };
}

/** The networks that secrets were bound to when an instance last saw them. They are only a guess. */
export interface NetworkMemory {
  /** @returns an empty list for an unknown secret, which is right for most secrets. */
  recall(locator: SecretLocator): readonly string[];
  remember(locator: SecretLocator, allowedCidrs: readonly string[]): void;
}

/** Less than a megabyte: a secret has at most eight networks. */
const NETWORKS_CAPACITY = 1_000;

/**
 * Saves the second operation for a counted secret bound to networks. Counting has to name the networks, so without a guess they have
 * to be read first. A wrong guess costs that operation and decides nothing: counting requires exactly the networks that the
 * secret has at that moment.
 */
export function createNetworkMemory(capacity = NETWORKS_CAPACITY): NetworkMemory {
  const entries = new Map<SecretLocator, readonly string[]>();
  return {
    recall: (locator) => entries.get(locator) ?? [],
    remember(locator, allowedCidrs) {
      // A map keeps the order of insertion, so the first entry is the one that was seen least recently.
      entries.delete(locator);
      if (allowedCidrs.length === 0) return;
      entries.set(locator, allowedCidrs);
      const [oldest] = entries.keys();
      if (entries.size > capacity && oldest !== undefined) entries.delete(oldest);
    },
  };
}
