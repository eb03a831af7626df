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

/** How the secrets of one table are verified. */
export interface SecretVerification {
  readonly store: VerificationStore;
  readonly tracking: Tracking;
  /**
   * Saves an operation where calls are counted or stamped, for secrets that are bound to networks.
   * @default they are read first, with every call
   */
  readonly networks?: NetworkMemory;
}

/** A claim that is decided by what the credential may do. */
export type CountedClaim = Claim & {
  readonly requirement: Exclude<Claim['requirement'], 'none' | 'possession'>;
};

/**
 * Attempts to count one call: one in the current window, one to open the next, one when another caller was faster, and one
 * when the networks that the secret is bound to were not known.
 */
const COUNT_ATTEMPTS = 4;

/**
 * What nobody may do, with a credential of this kind, is refused without being counted; and holding the secret is enough
 * though it be disabled.
 */
export function isCountable(claim: Claim, kind: CredentialKind): claim is CountedClaim {
  const { requirement } = claim;
  return typeof requirement === 'string' ? requirement === 'any' : isForKind(requirement, kind);
}

/**
 * Counts and decides in one conditional operation: what did not satisfy its conditions is judged from the state that
 * came back with the failure, and tried again only where that state says the call was due.
 * @throws {Unavailable} when a call that is limited could neither be counted nor be seen to exceed its limit.
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

/** The secret was changed between one attempt to count and the next, each time. */
class Undecided extends Error {
  override readonly name = 'Undecided';
}

/**
 * Authentication goes on by reading; of the two, only the limit may give way, and only where the store takes no more writes:
 * what is seen to be used up stays used up.
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
  const named = typeof workspace === 'string' && { workspace };
  const asked = { ...presented, now, scopes: countedScopes(claim), ...named };
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
  const rate = rateStateOf(secret, now);
  return { kind: 'refuse', code: 'rate_limited', principal: secret.principal, ...(rate && { rate }) };
}

/** Whoever names networks to the store vouches that the address lies in them. */
function guessedNetworks(guess: readonly string[] = [], claim: Claim): readonly string[] {
  return isFromAllowedNetwork(guess, claim) ? guess : [];
}

function countedScopes({ requirement }: CountedClaim): CountConditions['scopes'] {
  return requirement === 'any' ? 'any' : requirement.grantedBy;
}

function isExhausted({ rateLimit, window }: StoredSecret, now: number): boolean {
  return rateLimit !== null && window !== null && window.endsAt > now && window.used >= rateLimit.limit;
}

/** A stored window that ends later than mine counts as current: clocks differ, and a limit is not given out twice. */
function dueWindow({ rateLimit, window }: StoredSecret, now: number): CountConditions['window'] {
  if (rateLimit === null || (window !== null && window.endsAt > now)) return 'current';
  const { windowSeconds } = rateLimit;
  return { endsAt: windowEndAfter(now, windowSeconds), windowSeconds };
}

/** The networks that secrets were bound to when an instance last met them. Only ever a guess. */
export interface NetworkMemory {
  /** @returns an empty list for what is not known, which is right for most secrets. */
  recall(locator: SecretLocator): readonly string[];
  remember(locator: SecretLocator, allowedCidrs: readonly string[]): void;
}

/** Under a megabyte: eight networks to a secret at most. */
const NETWORKS_CAPACITY = 1_000;

/**
 * Saves the second operation of a counted secret that is bound to networks: they have to be named when it is counted, so
 * without a guess they have to be read first. A wrong guess costs that operation and decides nothing, since counting
 * requires exactly the networks that the secret has at that moment.
 */
export function createNetworkMemory(capacity = NETWORKS_CAPACITY): NetworkMemory {
  const entries = new Map<SecretLocator, readonly string[]>();
  return {
    recall: (locator) => entries.get(locator) ?? [],
    remember(locator, allowedCidrs) {
      // A map keeps the order of insertion, so the first entry is the one that was met least recently.
      entries.delete(locator);
      if (allowedCidrs.length === 0) return;
      entries.set(locator, allowedCidrs);
      const [oldest] = entries.keys();
      if (entries.size > capacity && oldest !== undefined) entries.delete(oldest);
    },
  };
}
