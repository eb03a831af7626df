import * as v from 'valibot';
import { createVerifiers } from '#verifiers';
import { isActionPattern } from '../../../core/access/action-pattern.ts';
import { credentialTypesOf } from '../../../core/profile/profile.ts';
import { REFUSALS, type RefusalCode } from '../../../core/verification/refusal.ts';
import { requirementFor } from '../../../core/verification/requirement.ts';
import { verify } from '../../../core/verification/verify.ts';
import { dynamoVerificationStore } from '../../../stores/dynamodb/secrets/verification-store.ts';
import { dynamoDbClient } from '../../../stores/dynamodb/table/client.ts';
import { requiredVariable } from '../../environment.ts';
import { profile } from '../../profile.ts';
import { millisecondsLeft } from '../../time-limit.ts';
import { principalView } from '../http/key-view.ts';
import { answering } from '../http/management-call.ts';
import { readBody } from '../http/request-body.ts';

const ACTION = 'an action such as "GET /users" or "records.list"';

const verifyBody = v.strictObject({
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

const table = {
  client: dynamoDbClient({}, millisecondsLeft),
  secrets: requiredVariable('KEYWARD_SECRETS_TABLE'),
};

const verification = {
  credentials: credentialTypesOf(profile),
  store: dynamoVerificationStore(table),
  tracking: 'nothing',
  ...createVerifiers(table),
} as const;

export const handler = answering(async ({ event, now }) => {
  const { credential, workspace, action } = readBody(event, verifyBody);
  const verdict = await verify(verification, credential, {
    now,
    requirement: action === undefined ? 'any' : requirementFor(profile, action),
    // The request comes from the operator, wherever the credential's holder may be.
    sourceAddress: { skip: true },
    // Whether a credential is in force can be asked without saying where; whether it may do something cannot.
    ...(workspace !== undefined ? { workspace } : action === undefined && { workspace: { skip: true } }),
  });
  if (verdict.kind === 'allow')
    return { status: 200, body: { valid: true, principal: principalView(verdict.principal) } };
  const code = operatorCode(verdict.code);
  return { status: 200, body: { valid: false, code, message: REFUSALS[code].message } };
});

/** An action that nothing grants is, for the operator who asks, one that this credential's scopes do not grant. */
function operatorCode(code: RefusalCode): RefusalCode {
  return code === 'forbidden' ? 'insufficient_scope' : code;
}
