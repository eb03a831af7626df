import type { CredentialType } from '../credential/credential-type.ts';
import { bytesOf } from '../credential/key-text.ts';
import { digestOf } from '../credential/secret.ts';
import { isStampDue, recordUse } from './last-use.ts';
import { type Claim, judge, type Verdict } from './verdict.ts';
import {
  matchSecret,
  type PresentedSecret,
  type ProvenSecret,
  type StoredSecret,
  type Tracking,
  type VerificationStore,
} from './verification-store.ts';
import { type BcryptProof, verifyBcrypt } from './verify-bcrypt.ts';
import { isCountable, type SecretVerification, verifyCounted } from './verify-counted.ts';
import { type TokenSource, verifyToken } from './verify-token.ts';

export interface Verification extends SecretVerification {
  /** The kinds of credential that are taken; anything else is refused without a look-up. */
  readonly credentials: readonly CredentialType[];
  /**
   * Where management keys are read, and nowhere else; needed where they are taken. No product's function can write there, so
   * that none can make one.
   */
  readonly managementKeys?: VerificationStore;
  /** How secrets are proven that are kept as bcrypt; needed where any credential is kept so. */
  readonly bcrypt?: BcryptProof;
  /** Where personal access tokens are read; needed where they are taken. */
  readonly tokens?: TokenSource;
}

/**
 * Decides whether a presented credential may do one thing.
 * @returns never throws for a bad credential: that is a refusal. No promise where nothing had to be waited for, as with a
 * text that has no known shape.
 * @throws what the store throws, at once or as a rejection. A fault is no verdict; the caller must not let the request
 * through.
 * @see docs/decisions/0003-verification.md and 0016-cost-of-a-verdict.md
 */
export function verify(
  verification: Verification,
  presentedText: string,
  claim: Claim,
): Promise<Verdict> | Verdict {
  for (const type of verification.credentials) {
    const bytes = bytesOf(type.format, presentedText);
    if (bytes === undefined) continue;
    const { kind } = type;
    if (kind !== 'api_key' || type.storedAs !== 'sha256')
      return verifyOtherwise(verification, { type, text: presentedText }, claim);
    return verdictOn(verification, { locator: digestOf(bytes), kind }, claim);
  }
  // A text that has none of the shapes is no credential, and costs no look-up.
  return { kind: 'refuse', code: 'malformed' };
}

/** Credentials that are looked up elsewhere, or for which one look-up by their digest is not enough. */
async function verifyOtherwise(
  verification: Verification,
  { type, text }: { readonly type: CredentialType; readonly text: string },
  claim: Claim,
): Promise<Verdict> {
  const { bcrypt, tokens, tracking, managementKeys } = verification;
  const { kind } = type;
  if (kind === 'management_key') {
    if (managementKeys === undefined)
      throw new Error('Management keys are taken, and nothing here can read them.');
    const presented = { locator: digestOf(text), kind };
    return verdictOn({ ...verification, store: managementKeys }, presented, claim);
  }
  if (kind === 'personal_access_token') {
    if (tokens === undefined) throw new Error('Tokens are taken, and nothing here can read them.');
    return verifyToken({ source: tokens, tracking }, { type, text }, claim);
  }
  if (bcrypt === undefined) throw new Error('Secrets are kept as bcrypt, and nothing here can compare them.');
  const decide = (proven: ProvenSecret) => verdictOn(verification, { ...proven, kind }, claim);
  return verifyBcrypt(bcrypt, { text, format: type.format }, decide);
}

/** Decides about one stored secret. */
function verdictOn(
  verification: Verification,
  presented: PresentedSecret,
  claim: Claim,
): Promise<Verdict> | Verdict {
  const { tracking, store } = verification;
  const isCounting = tracking === 'count' || tracking === 'stamp_every_call';
  if (isCounting && isCountable(claim, presented.kind)) return verifyCounted(verification, presented, claim);
  const found = store.find(presented.locator);
  if (found === undefined || !('then' in found))
    return verdictOnFound(verification, { presented, found }, claim);
  return Promise.resolve(found).then((secret) =>
    verdictOnFound(verification, { presented, found: secret }, claim),
  );
}

function verdictOnFound(
  { store, tracking }: Verification,
  { presented, found }: { readonly presented: PresentedSecret; readonly found: StoredSecret | undefined },
  claim: Claim,
): Promise<Verdict> | Verdict {
  const secret = matchSecret(found, presented);
  const verdict = judge(secret, claim);
  if (verdict.kind === 'refuse' || secret === undefined || !isDue(tracking, secret, claim.now))
    return verdict;
  return recordUse(verdict, () => store.stamp(presented.locator, claim.now));
}

function isDue(tracking: Tracking, secret: StoredSecret, now: number): boolean {
  if (tracking === 'nothing') return false;
  return tracking !== 'stamp' || isStampDue(secret, now);
}
