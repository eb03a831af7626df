import * as v from 'valibot';
import { isActionPattern } from '../../../core/access/action-pattern.ts';
import type { Profile } from '../../../core/profile/profile.ts';
import type { RefusalCode } from '../../../core/verification/refusal.ts';
import { requirementFor } from '../../../core/verification/requirement.ts';
import type { Claim, Verdict } from '../../../core/verification/verdict.ts';
import { type Verification, verify } from '../../../core/verification/verify.ts';
import type { VerificationAnswer, VerificationCode, VerificationsAnswer } from '../answers/caller-answers.ts';
import type { Operation } from '../http/operation.ts';
import { workInParallel } from '../http/parallel-work.ts';
import { readChosenBody } from '../http/request-body.ts';
import { principalView } from '../http/view.ts';

const ACTION = 'an action such as "GET /users" or "records.list"';

const oneVerification = v.strictObject({
  credential: v.string('the text of a credential'),
  workspace: v.optional(v.string('the slug of a workspace')),
  action: v.optional(
    v.pipe(
      v.string(ACTION),
      v.maxLength(200, ACTION),
      v.check((action) => isActionPattern(action) && !action.includes('*'), ACTION),
    ),
  ),
});

/** How many credentials one call verifies at the most. */
const MOST_VERIFIED = 100;

const CREDENTIALS = `a list of 1 to ${MOST_VERIFIED} objects, each with a credential`;

const manyVerifications = v.strictObject({
  credentials: v.pipe(
    v.array(oneVerification, CREDENTIALS),
    v.minLength(1, CREDENTIALS),
    v.maxLength(MOST_VERIFIED, CREDENTIALS),
  ),
});

export const verifyBody = v.union([oneVerification, manyVerifications]);

/**
 * How many credentials are verified at the same time. With bcrypt, a call whose time is over waits for the comparisons that
 * have begun, and there must not be many.
 */
const VERIFIED_AT_ONCE = 4;

export interface VerifyOptions {
  readonly profile: Profile;
  readonly verification: Verification;
}

/**
 * Tells the operator whether credentials are in force, and whether they may do an action. It counts no call. Of many credentials
 * it tells about all or, on a fault, about none.
 */
export function verifyKeyOperation(options: VerifyOptions): Operation {
  return async ({ event, now }) => {
    const body = readChosenBody(event, (sent) =>
      'credentials' in sent ? manyVerifications : oneVerification,
    );
    if (!('credentials' in body)) return { status: 200, body: await verifyOne(options, body, now) };
    const results = await workInParallel(body.credentials, {
      atOnce: VERIFIED_AT_ONCE,
      work: (each) => verifyOne(options, each, now),
    });
    const many: VerificationsAnswer = { results };
    return { status: 200, body: many };
  };
}

async function verifyOne(
  { profile, verification }: VerifyOptions,
  { credential, workspace, action }: v.InferOutput<typeof oneVerification>,
  now: number,
): Promise<VerificationAnswer> {
  const verdict = await verify(verification, credential, {
    now,
    requirement: action === undefined ? 'any' : requirementFor(profile, action),
    // The request comes from the operator, and says nothing about the address of the credential's holder.
    sourceAddress: { skip: true },
    ...workspaceClaim(workspace, action),
  });
  return verificationView(verdict);
}

/** Whether a credential is in force can be asked without a workspace. Whether it may do an action cannot. */
function workspaceClaim(workspace?: string, action?: string): Pick<Claim, 'workspace'> {
  if (workspace !== undefined) return { workspace };
  return action === undefined ? { workspace: { skip: true } } : {};
}

function verificationView(verdict: Verdict): VerificationAnswer {
  if (verdict.kind === 'allow') return { valid: true, principal: principalView(verdict.principal) };
  const code = operatorCode(verdict.code);
  return { valid: false, code, message: MESSAGES[code] };
}

const MESSAGES: Readonly<Record<VerificationCode, string>> = {
  malformed: 'The credential does not have the shape of a key.',
  unknown: 'No such credential exists.',
  revoked: 'The credential was revoked, or a rotation has ended it.',
  expired: 'The credential has expired.',
  disabled: 'The credential is disabled.',
  wrong_workspace: 'The credential does not work in that workspace, or needs one to be named.',
  network: 'The credential may not be used from this network.',
  insufficient_scope: 'The credential lacks the scope that this action requires.',
};

/**
 * An action that no scope grants is, for the operator who asks, one that this credential's scopes do not grant.
 * @throws for codes that need a request to the product: here a credential was sent, and no call is counted.
 */
function operatorCode(code: RefusalCode): VerificationCode {
  if (code === 'forbidden') return 'insufficient_scope';
  if (code === 'missing' || code === 'rate_limited') throw new Error(`A look-up cannot end with ${code}.`);
  return code;
}
