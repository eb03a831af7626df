import {
  type AcceptedShape,
  hasAcceptedFormat,
  hashedText,
  lookupPrefixIn,
} from '../credential/accepted-shape.ts';
import type { CredentialType, KeyType } from '../credential/credential-type.ts';
import { canImprove, shapesOf } from '../credential/key-shapes.ts';
import { hasFormat } from '../credential/key-text.ts';
import { digestOf } from '../credential/secret.ts';
import { isStampDue, recordUse } from './last-use.ts';
import { type Claim, judge, type Verdict } from './verdict.ts';
import {
  matchSecret,
  type PresentedSecret,
  type StoredSecret,
  type VerificationStore,
} from './verification-store.ts';
import { type BcryptProof, type PresentedKey, verifyBcrypt } from './verify-bcrypt.ts';
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
  if (type === undefined) return verifyOlderKey(verification, presentedText, claim);
  if (type.kind !== 'api_key' || type.storedAs === 'bcrypt')
    return verifyOtherKind(verification, { type, text: presentedText }, claim);
  const presented: PresentedSecret = { locator: digestOf(presentedText), kind: 'api_key' };
  return verifySecret(verification, { presented }, claim);
}

/** Verifies the kinds of credential that are read from elsewhere, or that a digest alone does not prove. */
async function verifyOtherKind(
  verification: Verification,
  { type, text }: { readonly type: CredentialType; readonly text: string },
  claim: Claim,
): Promise<Verdict> {
  const { tokens, managementKeys, tracking } = verification;
  if (type.kind === 'personal_access_token') {
    if (tokens === undefined)
      throw new Error('Tokens are accepted, but there is no store to read them from.');
    return verifyToken({ source: tokens, tracking }, { type, text }, claim);
  }
  if (type.kind === 'management_key') {
    if (managementKeys === undefined)
      throw new Error('Management keys are accepted, but there is no store to read them from.');
    const presented = { locator: digestOf(text), kind: type.kind };
    return verifySecret({ ...verification, store: managementKeys }, { presented }, claim);
  }
  const [issued] = shapesOf(type);
  return verifyByPrefix(verification, { type, shape: issued, text }, claim);
}

/** Verifies a text that Keyward issues to nobody: it may be a key that another system issued. */
async function verifyOlderKey(verification: Verification, text: string, claim: Claim): Promise<Verdict> {
  for (const type of verification.credentials) {
    if (type.kind === 'personal_access_token') continue;
    const shape = type.accepts?.find(({ format }) => hasAcceptedFormat(format, text));
    if (shape === undefined) continue;
    if (shape.storedAs.kind === 'bcrypt') return verifyByPrefix(verification, { type, shape, text }, claim);
    const presented = { locator: digestOf(hashedText(shape, text)), kind: type.kind };
    return verifySecret(verification, { presented }, claim);
  }
  return { kind: 'refuse', code: 'malformed' };
}

/** Verifies a key that is found by its look-up prefix and proven by its hash. */
function verifyByPrefix(
  verification: Verification,
  { type, shape, text }: { readonly type: KeyType; readonly shape: AcceptedShape; readonly text: string },
  claim: Claim,
): Promise<Verdict> {
  const { bcrypt, tracking } = verification;
  if (bcrypt === undefined) throw new Error('Keys are kept as bcrypt, but there is no bcrypt to compare.');
  const presented: PresentedKey = {
    text,
    lookupPrefix: lookupPrefixIn(shape, text),
    hashedText: hashedText(shape, text),
    afterProof: tracking !== 'nothing' && canImprove(type, shape) ? 'improve' : 'keep',
    now: claim.now,
  };
  const { kind } = type;
  return verifyBcrypt(bcrypt, presented, ({ locator, secretHash, fresh }) =>
    verifySecret(verification, { presented: { locator, secretHash, kind }, fresh }, claim),
  );
}

/**
 * Decides about one secret that the presented text is the text of.
 * @param secret.fresh the secret, if it was read after its text was proven. Where calls are counted, counting reads it again.
 */
async function verifySecret(
  verification: SecretVerification,
  { presented, fresh }: { readonly presented: PresentedSecret; readonly fresh?: StoredSecret | undefined },
  claim: Claim,
): Promise<Verdict> {
  const { tracking, store } = verification;
  const isCounting = tracking === 'count' || tracking === 'stamp_every_call';
  if (isCounting && isCountable(claim, presented.kind)) return verifyCounted(verification, presented, claim);
  const secret = matchSecret(fresh ?? (await store.find(presented.locator)), presented);
  const verdict = judge(secret, claim);
  if (verdict.kind === 'refuse' || secret === undefined) return verdict;
  if (!isStampDue(tracking, secret, claim.now)) return verdict;
  return recordUse(verdict, () => store.stamp(presented.locator, claim.now));
}
