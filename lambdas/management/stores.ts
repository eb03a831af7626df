import { roleCopiesOf } from '../../core/management/member-store.ts';
import { dynamoEventStore } from '../../stores/dynamodb/audit/event-store.ts';
import type { Finisher } from '../../stores/dynamodb/keys/key-settle.ts';
import { dynamoKeyStore } from '../../stores/dynamodb/keys/key-store.ts';
import { dynamoDbClient, PATIENT } from '../../stores/dynamodb/table/client.ts';
import type { Tables } from '../../stores/dynamodb/table/tables.ts';
import { dynamoTokenStore } from '../../stores/dynamodb/tokens/token-store.ts';
import { dynamoInvitationStore } from '../../stores/dynamodb/workspaces/invitation-store.ts';
import { dynamoMemberStore } from '../../stores/dynamodb/workspaces/member-store.ts';
import { dynamoWorkspaceStore } from '../../stores/dynamodb/workspaces/workspace-store.ts';
import { eventRetention, newId, requiredVariable, unixNow } from '../environment.ts';
import { profile } from '../profile.ts';
import { millisecondsLeft } from '../time-limit.ts';

/** The stores of the management functions, wired once for each instance. */
export const tables: Tables = {
  client: dynamoDbClient(PATIENT, millisecondsLeft),
  records: requiredVariable('KEYWARD_RECORDS_TABLE'),
  secrets: requiredVariable('KEYWARD_SECRETS_TABLE'),
  events: requiredVariable('KEYWARD_EVENTS_TABLE'),
  eventRetention: eventRetention(),
};

const finisher: Finisher = { tables, now: unixNow, newId, millisecondsLeft };

export const keyStore = dynamoKeyStore(finisher);

export const tokenStore = dynamoTokenStore(tables);

export const workspaceStore = dynamoWorkspaceStore(finisher, roleCopiesOf(profile));

export const memberStore = dynamoMemberStore(finisher, roleCopiesOf(profile));

export const eventStore = dynamoEventStore(tables);

export const invitationStore = dynamoInvitationStore(tables);
