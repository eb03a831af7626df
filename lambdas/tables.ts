import type { SessionTable } from '../stores/dynamodb/sessions/session-store.ts';
import { dynamoDbClient, PATIENT } from '../stores/dynamodb/table/client.ts';
import type { Tables } from '../stores/dynamodb/table/tables.ts';
import { eventRetention, requiredVariable } from './environment.ts';
import { millisecondsLeft } from './time-limit.ts';

type ClientSettings = Parameters<typeof dynamoDbClient>[0];

/**
 * The tables that this function's environment names.
 * @param settings of the client. The default waits for a busy store for as long as the invocation lasts; `{}` does not wait.
 * @throws at start, where a variable is missing.
 */
export function connectTables(settings: ClientSettings = PATIENT): Tables {
  return {
    client: dynamoDbClient(settings, millisecondsLeft),
    records: requiredVariable('KEYWARD_RECORDS_TABLE'),
    secrets: requiredVariable('KEYWARD_SECRETS_TABLE'),
    events: requiredVariable('KEYWARD_EVENTS_TABLE'),
    eventRetention: eventRetention(),
  };
}

/** As {@link connectTables}, for a function that makes or ends sessions. */
export function connectSessionTables(): Tables & SessionTable {
  return { ...connectTables(), sessions: requiredVariable('KEYWARD_SESSIONS_TABLE') };
}

/**
 * The table that verification reads. Its client does not wait for a busy store.
 * @param secrets the name of the table. @default the one that the environment names
 * @throws at start, where the variable is missing.
 */
export function connectSecrets(
  secrets = requiredVariable('KEYWARD_SECRETS_TABLE'),
): Pick<Tables, 'client' | 'secrets'> {
  return { client: dynamoDbClient({}, millisecondsLeft), secrets };
}
