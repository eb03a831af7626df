import { roleCopiesOf } from '../../core/management/member-store.ts';
import { dynamoDbClient, PATIENT } from '../../stores/dynamodb/client.ts';
import { dynamoEventStore } from '../../stores/dynamodb/event-store.ts';
import { dynamoInvitationStore } from '../../stores/dynamodb/invitation-store.ts';
import type { Finisher } from '../../stores/dynamodb/key-settle.ts';
import { dynamoKeyStore } from '../../stores/dynamodb/key-store.ts';
import { dynamoMemberStore } from '../../stores/dynamodb/member-store.ts';
import type { Tables } from '../../stores/dynamodb/tables.ts';
import { dynamoTokenStore } from '../../stores/dynamodb/token-store.ts';
import { dynamoWorkspaceStore } from '../../stores/dynamodb/workspace-store.ts';
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
