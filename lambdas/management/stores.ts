import { dynamoDbClient, PATIENT } from '../../stores/dynamodb/client.ts';
import { dynamoInvitationStore } from '../../stores/dynamodb/invitation-store.ts';
import { dynamoKeyStore } from '../../stores/dynamodb/key-store.ts';
import type { Tables } from '../../stores/dynamodb/tables.ts';
import { dynamoWorkspaceStore } from '../../stores/dynamodb/workspace-store.ts';
import { newId, requiredVariable, unixNow } from '../environment.ts';

/** The stores of the management functions, wired once for each instance. */
export const tables: Tables = {
  client: dynamoDbClient(PATIENT),
  records: requiredVariable('KEYWARD_RECORDS_TABLE'),
  secrets: requiredVariable('KEYWARD_SECRETS_TABLE'),
  events: requiredVariable('KEYWARD_EVENTS_TABLE'),
};

export const keyStore = dynamoKeyStore({ tables, now: unixNow, newId });

export const workspaceStore = dynamoWorkspaceStore(tables);

export const invitationStore = dynamoInvitationStore(tables);
