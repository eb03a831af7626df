import { type CredentialType, credentialTypeOf } from './credential-type.ts';
import { digestOf } from './digest.ts';
import { isStampDue } from './last-use.ts';
import type { CredentialKind } from './principal.ts';
import type { ProvenSecret } from './proven-secret.ts';
import { isForKind } from './scope.ts';
import { type SlowProof, slowVerdict } from './slow-verification.ts';
import type { StoredSecret } from './stored-secret.ts';
import { windowEndAfter } from './stored-secret.ts';
import type { TokenSource } from './stored-token.ts';
import { verifyToken } from './token-verification.ts';
import { Throttled } from './unavailable.ts';
import { type Claim, judge, rateStateOf, type Verdict } from './verdict.ts';
import type { CountConditions, VerificationStore } from './verification-store.ts';

/**
 * What a verification leaves behind. `count`: every allowed call is counted against the limit and stamped.
 * `stamp_every_call`: stamped, whatever limits there are. `stamp`: the time of use is noted, at most once a minute.
 * `nothing`: for looking at somebody else's credential.
 */
export type Tracking = 'count' | 'stamp_every_call' | 'stamp' | 'nothing';

export interface Verification {
  /** The kinds of credential that are taken; anything else is refused without a look-up. */
  readonly credentials: readonly CredentialType[];
  readonly store: VerificationStore;
  readonly tracking: Tracking;
  /** How secrets are proven that are kept as bcrypt; needed where any credential is kept so. */
  readonly slow?: SlowProof;
  /** Where personal access tokens are read; needed where they are taken. */
  readonly tokens?: TokenSource;
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
export function verify(verification: Verification, presentedText: string, claim: Claim): Promise<Verdict> {
  // Not async itself: whatever decides is, and every promise around another one would cost this path three turns.
  const type = credentialTypeOf(verification.credentials, presentedText);
  if (type === undefined) return Promise.resolve({ kind: 'refuse', code: 'malformed' });
  if (type.kind !== 'personal_access_token' && type.storedAs === 'sha256') {
    const proven = { locator: digestOf(presentedText) };
    return verdictOn(verification, { proven, kind: type.kind }, claim);
  }
  return verifyOtherwise(verification, { type, text: presentedText }, claim);
}

/** Credentials that take more than one look-up by their digest. */
async function verifyOtherwise(
  verification: Verification,
  { type, text }: { readonly type: CredentialType; readonly text: string },
  claim: Claim,
): Promise<Verdict> {
  const { slow, tokens, tracking } = verification;
  if (type.kind === 'personal_access_token') {
    if (tokens === undefined) throw new Error('Tokens are taken, and nothing here can read them.');
    return verifyToken({ source: tokens, tracking }, { type, text }, claim);
  }
  if (slow === undefined) throw new Error('Secrets are kept as bcrypt, and nothing here can compare them.');
  const decide = (proven: ProvenSecret) => verdictOn(verification, { proven, kind: type.kind }, claim);
  return slowVerdict(slow, { text, format: type.format }, decide);
}

/** Decides about one stored secret. Where it has another hash by now, it is no longer the one that was proven. */
async function verdictOn(
  verification: Verification,
  { proven, kind }: { readonly proven: ProvenSecret; readonly kind: CredentialKind },
  claim: Claim,
): Promise<Verdict> {
  const { store, tracking } = verification;
  const isCounting = tracking === 'count' || tracking === 'stamp_every_call';
  if (isCounting && isCountable(claim, kind)) {
    try {
      return await countedVerdict(verification, proven, claim);
    } catch (error) {
      // Authentication goes on by reading; of the two, only the limit may give way.
      if (!(error instanceof Throttled)) throw error;
      const secret = ifProven(await store.find(proven.locator), proven);
      const verdict = judge(secret, claim);
      if (verdict.kind === 'refuse') return verdict;
      const isLimited = tracking === 'count' && secret?.rateLimit != null;
      return { ...verdict, degraded: isLimited ? 'limit' : 'stamp' };
    }
  }
  const secret = ifProven(await store.find(proven.locator), proven);
  const verdict = judge(secret, claim);
  if (verdict.kind === 'allow' && secret && isDue(tracking, secret, claim.now)) {
    // The verdict stands on what was read: that its time could not be noted refuses nobody.
    await store.stamp(proven.locator, claim.now).catch(() => {});
  }
  return verdict;
}

/**
 * What nobody may do, with a credential of this kind, is refused without being counted; and holding the secret is enough
 * though it be disabled.
 */
function isCountable(claim: Claim, kind: CredentialKind): claim is CountedClaim {
  const { requirement } = claim;
  return typeof requirement === 'string' ? requirement === 'any' : isForKind(requirement, kind);
}

function ifProven(secret: StoredSecret | undefined, proven: ProvenSecret): StoredSecret | undefined {
  return secret?.secretHash === proven.secretHash ? secret : undefined;
}

function isDue(tracking: Tracking, secret: StoredSecret, now: number): boolean {
  if (tracking === 'nothing') return false;
  return tracking !== 'stamp' || isStampDue(secret, now);
}

/** A claim that is decided by what the credential may do. */
type CountedClaim = Claim & { readonly requirement: Exclude<Claim['requirement'], 'none' | 'possession'> };

/**
 * Counts and decides in one conditional operation: what did not satisfy its conditions is judged from the state that
 * came back with the failure, and tried again only where that state says the call was due.
 */
async function countedVerdict(
  { store, tracking }: Verification,
  proven: ProvenSecret,
  claim: CountedClaim,
): Promise<Verdict> {
  const { now, workspace } = claim;
  const named = typeof workspace === 'string' && { workspace };
  const asked = { ...proven, now, scopes: countedScopes(claim), ...named };
  const isLimiting = tracking === 'count';
  let attempt: Pick<CountConditions, 'allowedCidrs' | 'window'> = {
    allowedCidrs: [],
    window: isLimiting ? 'current' : 'none',
  };
  let secret: StoredSecret | undefined;
  for (let count = 0; count < COUNT_ATTEMPTS; count += 1) {
    const outcome = await store.count({ ...asked, ...attempt });
    secret = ifProven(outcome.secret, proven);
    const verdict = judge(secret, claim);
    if (verdict.kind === 'refuse' || secret === undefined) return verdict;
    const rate = isLimiting ? rateStateOf(secret, now) : undefined;
    if (outcome.kind === 'counted') return rate === undefined ? verdict : { ...verdict, rate };
    if (isLimiting && isExhausted(secret, now)) break;
    attempt = {
      allowedCidrs: secret.principal.constraints.allowedCidrs,
      window: isLimiting ? dueWindow(secret, now) : 'none',
    };
  }
  const rate = secret && rateStateOf(secret, now);
  return {
    kind: 'refuse',
    code: 'rate_limited',
    ...(secret && { principal: secret.principal }),
    ...(rate && { rate }),
  };
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
