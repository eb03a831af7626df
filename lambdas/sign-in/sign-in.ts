import type { Context, PreTokenGenerationTriggerEvent } from 'aws-lambda';
import { isUserId, normalizeEmailAddress } from '../../core/access/identity.ts';
import { roleCopiesOf } from '../../core/management/member-store.ts';
import type { Finisher } from '../../stores/dynamodb/keys/key-settle.ts';
import { dynamoDbClient } from '../../stores/dynamodb/table/client.ts';
import type { Tables } from '../../stores/dynamodb/table/tables.ts';
import { dynamoAcceptanceStore } from '../../stores/dynamodb/workspaces/acceptance-store.ts';
import { dynamoMemberStore } from '../../stores/dynamodb/workspaces/member-store.ts';
import { dynamoWorkspaceStore } from '../../stores/dynamodb/workspaces/workspace-store.ts';
import { eventRetention, newId, requiredVariable, unixNow } from '../environment.ts';
import { faultEntry, type LogEntry, one } from '../log/entry.ts';
import { beginInvocation, writeEntry } from '../log/powertools-log.ts';
import { profile } from '../profile.ts';
import { millisecondsLeft, withinMilliseconds } from '../time-limit.ts';
import { acceptInvitations, type VerifiedPerson } from './acceptance.ts';

/** Cognito waits five seconds, and turns whoever signs in away when they are over. */
const ACCEPTING_MS = 3_500;

const tables: Tables = {
  client: dynamoDbClient({}, millisecondsLeft),
  records: requiredVariable('KEYWARD_RECORDS_TABLE'),
  secrets: requiredVariable('KEYWARD_SECRETS_TABLE'),
  events: requiredVariable('KEYWARD_EVENTS_TABLE'),
  eventRetention: eventRetention(),
};
const finisher: Finisher = { tables, now: unixNow, newId, millisecondsLeft };
const workspaces = dynamoWorkspaceStore(finisher, roleCopiesOf(profile));
const members = dynamoMemberStore(finisher, roleCopiesOf(profile));

/**
 * Runs whenever the user pool is about to give somebody tokens. Whatever goes wrong here is logged and keeps nobody from
 * signing in: they may be a member elsewhere, and the next sign-in tries again.
 */
export const handler = async (
  event: PreTokenGenerationTriggerEvent,
  context: Pick<Context, 'awsRequestId'>,
): Promise<PreTokenGenerationTriggerEvent> => {
  beginInvocation(context);
  try {
    const person = verifiedPerson(event.request.userAttributes);
    if (person === undefined) writeEntry(unverifiedEntry(event.request.userAttributes), context.awsRequestId);
    else await withinMilliseconds(ACCEPTING_MS, () => acceptInvitationsOf(person));
  } catch (error) {
    writeEntry(faultEntry(error, one('SignInFault')), context.awsRequestId);
  }
  return event;
};

function acceptInvitationsOf(person: VerifiedPerson): Promise<void> {
  const options = { invitations: dynamoAcceptanceStore(tables), workspaces, members, profile };
  return acceptInvitations({ ...options, newId, now: unixNow }, person);
}

type Attributes = PreTokenGenerationTriggerEvent['request']['userAttributes'];

/** An address that is not proven to be theirs invites nobody. */
function verifiedPerson({ sub, email, email_verified }: Attributes): VerifiedPerson | undefined {
  const address = email_verified === 'true' && email !== undefined ? normalizeEmailAddress(email) : undefined;
  if (sub === undefined || address === undefined || !isUserId(sub)) return undefined;
  return { userId: sub, email: address };
}

/**
 * Tells an operator why somebody who was invited is no member. It holds no address: one that nobody has proven may be somebody
 * else's.
 */
function unverifiedEntry({ sub, email_verified }: Attributes): LogEntry {
  const reason = email_verified === 'true' ? 'unusable_address' : 'unverified_address';
  const user = sub !== undefined && isUserId(sub) ? sub : null;
  return { level: 'WARN', message: 'invitations not looked for', fields: { reason, user } };
}
