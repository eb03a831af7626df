import type { Context, PreTokenGenerationTriggerEvent } from 'aws-lambda';
import { isUserId, normalizeEmailAddress } from '../../core/access/identity.ts';
import { countOne, faultEntry, type LogEntry } from '../log/entry.ts';
import { beginInvocation, writeEntry } from '../log/powertools-log.ts';
import { withinMilliseconds } from '../time-limit.ts';
import type { VerifiedPerson } from './acceptance.ts';

/** Cognito waits five seconds for this function. After that it turns the person away. */
const ACCEPTING_MS = 3_500;

/**
 * Makes the function that the user pool runs before it gives somebody tokens. It logs every failure and never throws: a failure
 * must not keep anybody from signing in. They may be a member elsewhere, and the next sign-in tries again.
 */
export function createSignInHandler(acceptInvitations: (person: VerifiedPerson) => Promise<void>) {
  return async (
    event: PreTokenGenerationTriggerEvent,
    context: Pick<Context, 'awsRequestId'>,
  ): Promise<PreTokenGenerationTriggerEvent> => {
    beginInvocation(context);
    try {
      const person = verifiedPerson(event.request.userAttributes);
      if (person === undefined)
        writeEntry(unverifiedEntry(event.request.userAttributes), context.awsRequestId);
      else await withinMilliseconds(ACCEPTING_MS, () => acceptInvitations(person));
    } catch (error) {
      writeEntry(faultEntry(error, countOne('SignInFault')), context.awsRequestId);
    }
    return event;
  };
}

type Attributes = PreTokenGenerationTriggerEvent['request']['userAttributes'];

/** @returns `undefined` unless the issuer has verified the address: an unproven address must accept no invitation. */
function verifiedPerson({ sub, email, email_verified }: Attributes): VerifiedPerson | undefined {
  const address = email_verified === 'true' && email !== undefined ? normalizeEmailAddress(email) : undefined;
  if (sub === undefined || address === undefined || !isUserId(sub)) return undefined;
  return { userId: sub, email: address };
}

/**
 * Tells an operator why an invited person is no member. The entry leaves the address out: an unproven address may be somebody
 * else's.
 */
function unverifiedEntry({ sub, email_verified }: Attributes): LogEntry {
  const reason = email_verified === 'true' ? 'unusable_address' : 'unverified_address';
  const user = sub !== undefined && isUserId(sub) ? sub : null;
  return { level: 'WARN', message: 'invitations not looked for', fields: { reason, user } };
}
