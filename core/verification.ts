import { type CredentialType, credentialTypeOf } from './credential-type.ts';
import { digestOf } from './digest.ts';
import { isStampDue } from './last-use.ts';
import type { CredentialKind } from './principal.ts';
import { isForKind } from './scope.ts';
import type { SecretLocator } from './secret-locator.ts';
import type { StoredSecret } from './stored-secret.ts';
import { windowEndAfter } from './stored-secret.ts';
import { verifyToken } from './token-verification.ts';
import { Throttled } from './unavailable.ts';
import { type Claim, judge, rateStateOf, type Verdict } from './verdict.ts';
import type { CountConditions, VerificationStore } from './verification-store.ts';

/**
 * What a verification leaves behind. `count`: every allowed call is counted against the limit and stamped. `stamp`: the
 * time of use is noted, at most once a minute. `nothing`: for looking at somebody else's credential.
 */
export type Tracking = 'count' | 'stamp' | 'nothing';

export interface Verification {
  /** The kinds of credential that are taken; anything else is refused without a look-up. */
  readonly credentials: readonly CredentialType[];
  readonly store: VerificationStore;
  readonly tracking: Tracking;
}

/**
 * Attempts to count one call: one in the current window, one to open the next, one when another caller was faster. A
 * key bound to networks needs one more, since its networks have to be read before they can be required.
 */
const COUNT_ATTEMPTS = 4;

/**
 * Decides whether a presented credential may do one thing.
 * @returns never throws for a bad credential: that is a refusal.
 * @throws what the store throws. A fault is no verdict; the caller must not let the request through.
 * @see docs/decisions/0003-verification.md
 */
export async function verify(
  verification: Verification,
  presentedText: string,
  claim: Claim,
): Promise<Verdict> {
  const { credentials, store, tracking } = verification;
  const type = credentialTypeOf(credentials, presentedText);
  if (type === undefined) return { kind: 'refuse', code: 'malformed' };
  if (type.kind === 'personal_access_token')
    return verifyToken(verification, { type, text: presentedText }, claim);
  const locator = digestOf(presentedText);
  // What nobody may do, with a credential of this kind, is refused without being counted.
  if (tracking === 'count' && isPossible(claim, type.kind)) {
    try {
      return await countedVerdict(store, locator, claim);
    } catch (error) {
      // Authentication goes on by reading; of the two, only the limit may give way.
      if (!(error instanceof Throttled)) throw error;
      return judge(await store.find(locator), claim);
    }
  }
  const secret = await store.find(locator);
  const verdict = judge(secret, claim);
  if (secret && verdict.kind === 'allow' && tracking === 'stamp' && isStampDue(secret, claim.now)) {
    // The verdict stands on what was read: that its time could not be noted refuses nobody.
    await store.stamp(locator, claim.now).catch(() => {});
  }
  return verdict;
}

function isPossible({ requirement }: Claim, kind: CredentialKind): boolean {
  return typeof requirement === 'string' ? requirement !== 'none' : isForKind(requirement, kind);
}

/**
 * Counts and decides in one conditional operation: what did not satisfy its conditions is judged from the state that
 * came back with the failure, and tried again only where that state says the call was due.
 */
async function countedVerdict(
  store: VerificationStore,
  locator: SecretLocator,
  claim: Claim,
): Promise<Verdict> {
  const { now, workspace } = claim;
  const named = typeof workspace === 'string' && { workspace };
  const asked = { locator, now, scopes: countedScopes(claim), ...named };
  let attempt: Pick<CountConditions, 'allowedCidrs' | 'window'> = { allowedCidrs: [], window: 'current' };
  let secret: StoredSecret | undefined;
  for (let count = 0; count < COUNT_ATTEMPTS; count += 1) {
    const outcome = await store.count({ ...asked, ...attempt });
    secret = outcome.secret;
    const verdict = judge(secret, claim);
    if (verdict.kind === 'refuse' || secret === undefined) return verdict;
    const rate = rateStateOf(secret, now);
    if (outcome.kind === 'counted') return rate === undefined ? verdict : { ...verdict, rate };
    if (isExhausted(secret, now)) break;
    attempt = { allowedCidrs: secret.principal.constraints.allowedCidrs, window: dueWindow(secret, now) };
  }
  const rate = secret && rateStateOf(secret, now);
  return {
    kind: 'refuse',
    code: 'rate_limited',
    ...(secret && { principal: secret.principal }),
    ...(rate && { rate }),
  };
}

function countedScopes({ requirement }: Claim): CountConditions['scopes'] {
  return typeof requirement === 'string' ? 'any' : requirement.grantedBy;
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
