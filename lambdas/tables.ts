import { dynamoDbClient, PATIENT } from '../stores/dynamodb/table/client.ts';
import type { Tables } from '../stores/dynamodb/table/tables.ts';
import { eventRetention, requiredVariable } from './environment.ts';
import { millisecondsLeft } from './time-limit.ts';

/**
 * The tables that this function's environment names. The client waits for a busy store for as long as the invocation lasts.
 * @throws at start, where a variable is missing.
 */
export function connectTables(): Tables {
  return {
    client: dynamoDbClient(PATIENT, millisecondsLeft),
    records: requiredVariable('KEYWARD_RECORDS_TABLE'),
    secrets: requiredVariable('KEYWARD_SECRETS_TABLE'),
    events: requiredVariable('KEYWARD_EVENTS_TABLE'),
    eventRetention: eventRetention(),
  };
}
