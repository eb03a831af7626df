import type { CredentialType } from '../credential/credential-type.ts';
import { hasFormat } from '../credential/key-text.ts';
import { digestOf } from '../credential/secret.ts';
import { isStampDue, recordUse } from './last-use.ts';
import { type Claim, judge, type Verdict } from './verdict.ts';
import { matchSecret, type PresentedSecret, type VerificationStore } from './verification-store.ts';
import { type BcryptProof, verifyBcrypt } from './verify-bcrypt.ts';
import { isCountable, type SecretVerification, verifyCounted } from './verify-counted.ts';
import { type TokenSource, verifyToken } from './verify-token.ts';

export interface Verification extends SecretVerification {
  /** The kinds of credential that are accepted. Any other text is refused without a look-up. */
  readonly credentials: readonly CredentialType[];
  /**
   * Where management keys are read, and nowhere else; needed where they are accepted. No product's function can write there,
   * so none can make a management key.
   */
  readonly managementKeys?: VerificationStore;
  /** How secrets kept as bcrypt are proven; needed where any credential is kept so. */
  readonly bcrypt?: BcryptProof;
  /** Where personal access tokens are read; needed where they are accepted. */
  readonly tokens?: TokenSource;
}

/**
 * Decides whether a presented credential may do one thing.
 * @returns a promise of the verdict. A bad credential is a refusal, never an error.
 * @throws (as a rejection) what the store throws. A fault is no verdict: the caller must not let the request through.
 * @see docs/decisions/0003-verification.md and 0016-cost-of-a-verdict.md
 */
export function verify(verification: Verification, presentedText: string, claim: Claim): Promise<Verdict> {
  const type = verification.credentials.find(({ format }) => hasFormat(format, presentedText));
  if (type === undefined) return Promise.resolve({ kind: 'refuse', code: 'malformed' });
  if (type.kind !== 'api_key' || type.storedAs === 'bcrypt')
    return verifyOtherKind(verification, { type, text: presentedText }, claim);
  return verifySecret(verification, { locator: digestOf(presentedText), kind: 'api_key' }, claim);
}

/** Verifies the kinds of credential that are read from elsewhere, or that a digest alone does not prove. */
async function verifyOtherKind(
  verification: Verification,
  { type, text }: { readonly type: CredentialType; readonly text: string },
  claim: Claim,
): Promise<Verdict> {
  const { tokens, bcrypt, managementKeys, tracking } = verification;
  if (type.kind === 'personal_access_token') {
    if (tokens === undefined)
      throw new Error('Tokens are accepted, but there is no store to read them from.');
    return verifyToken({ source: tokens, tracking }, { type, text }, claim);
  }
  const { kind, format } = type;
  if (kind === 'management_key') {
    if (managementKeys === undefined)
      throw new Error('Management keys are accepted, but there is no store to read them from.');
    const presented = { locator: digestOf(text), kind };
    return verifySecret({ ...verification, store: managementKeys }, presented, claim);
  }
  if (bcrypt === undefined) throw new Error('Keys are kept as bcrypt, but there is no bcrypt to compare.');
  return verifyBcrypt(bcrypt, { text, format }, (match) =>
    verifySecret(verification, { ...match, kind }, claim),
  );
}

/** Decides about one secret that the presented text is the text of. */
async function verifySecret(
  verification: SecretVerification,
  presented: PresentedSecret,
  claim: Claim,
): Promise<Verdict> {
  const { tracking, store } = verification;
  const isCounting = tracking === 'count' || tracking === 'stamp_every_call';
  if (isCounting && isCountable(claim, presented.kind)) return verifyCounted(verification, presented, claim);
  const secret = matchSecret(await store.find(presented.locator), presented);
  const verdict = judge(secret, claim);
  if (verdict.kind === 'refuse' || secret === undefined) return verdict;
  if (!isStampDue(tracking, secret, claim.now)) return verdict;
  return recordUse(verdict, () => store.stamp(presented.locator, claim.now));
}
