import * as v from 'valibot';
import { isActionPattern } from '../../../core/access/action-pattern.ts';
import type { Profile } from '../../../core/profile/profile.ts';
import { REFUSALS, type RefusalCode } from '../../../core/verification/refusal.ts';
import { requirementFor } from '../../../core/verification/requirement.ts';
import type { Claim, Verdict } from '../../../core/verification/verdict.ts';
import { type Verification, verify } from '../../../core/verification/verify.ts';
import type { VerificationAnswer, VerificationCode } from '../answers/caller-answers.ts';
import type { Operation } from '../http/operation.ts';
import { readBody } from '../http/request-body.ts';
import { principalView } from '../http/view.ts';

const ACTION = 'an action such as "GET /users" or "records.list"';

export const verifyBody = v.strictObject({
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

export interface VerifyOptions {
  readonly profile: Profile;
  readonly verification: Verification;
}

/** Tells the operator whether a credential is in force, and whether it may do an action. It counts no call. */
export function verifyKeyOperation({ profile, verification }: VerifyOptions): Operation {
  return async ({ event, now }) => {
    const { credential, workspace, action } = readBody(event, verifyBody);
    const verdict = await verify(verification, credential, {
      now,
      requirement: action === undefined ? 'any' : requirementFor(profile, action),
      // The request comes from the operator, and says nothing about the address of the credential's holder.
      sourceAddress: { skip: true },
      ...workspaceClaim(workspace, action),
    });
    return { status: 200, body: verificationView(verdict) };
  };
}

/** Whether a credential is in force can be asked without a workspace. Whether it may do an action cannot. */
function workspaceClaim(workspace?: string, action?: string): Pick<Claim, 'workspace'> {
  if (workspace !== undefined) return { workspace };
  return action === undefined ? { workspace: { skip: true } } : {};
}

function verificationView(verdict: Verdict): VerificationAnswer {
  if (verdict.kind === 'allow') return { valid: true, principal: principalView(verdict.principal) };
  const code = operatorCode(verdict.code);
  return { valid: false, code, message: REFUSALS[code].message };
}

/**
 * An action that no scope grants is, for the operator who asks, one that this credential's scopes do not grant.
 * @throws for codes that need a request to the product: here a credential was sent, and no call is counted.
 */
function operatorCode(code: RefusalCode): VerificationCode {
  if (code === 'forbidden') return 'insufficient_scope';
  if (code === 'missing' || code === 'rate_limited') throw new Error(`A look-up cannot end with ${code}.`);
  return code;
}
