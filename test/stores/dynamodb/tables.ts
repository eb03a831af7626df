import { randomBytes } from 'node:crypto';
import {
  type AttributeDefinition,
  CreateTableCommand,
  type DynamoDBClient,
  type DynamoDBClientConfig,
} from '@aws-sdk/client-dynamodb';
import type { SessionTable } from '../../../stores/dynamodb/sessions/session-store.ts';
import { dynamoDbClient } from '../../../stores/dynamodb/table/client.ts';
import { type OperatorTables, PENDING_INDEX } from '../../../stores/dynamodb/table/tables.ts';
import { sharedDynamoDb } from '../../dynamodb.ts';

export interface TestTables extends OperatorTables, SessionTable {
  /** Another client of the same tables, to be given faults of its own. */
  connect(config?: DynamoDBClientConfig): OperatorTables;
  /** The variables by which a function finds them that is run in this process. */
  readonly environment: Readonly<Record<string, string>>;
  release(): Promise<void>;
}

const NAMES = {
  records: 'records',
  secrets: 'secrets',
  events: 'events',
  managementKeys: 'managementKeys',
  sessions: 'sessions',
} as const;

/** Makes all tables in a namespace of their own: DynamoDB Local separates databases by access key id. */
export async function createTables(): Promise<TestTables> {
  const dynamoDb = await sharedDynamoDb();
  const config = {
    endpoint: dynamoDb.endpoint,
    region: 'us-east-1',
    credentials: { accessKeyId: `test${randomBytes(8).toString('hex')}`, secretAccessKey: 'unused' },
  };
  const clients: DynamoDBClient[] = [];
  const connect = (own: DynamoDBClientConfig = {}): OperatorTables & SessionTable => {
    // A busy test machine may need longer for an answer than AWS does; what is timed out is no part of these tests.
    const client = dynamoDbClient({ ...config, requestHandler: { requestTimeout: 20_000 }, ...own });
    clients.push(client);
    return { client, ...NAMES };
  };
  const tables = connect();
  await Promise.all(Object.values(NAMES).map((name) => createTable(tables.client, name)));
  return {
    ...tables,
    connect,
    environment: {
      AWS_ENDPOINT_URL_DYNAMODB: config.endpoint,
      AWS_REGION: config.region,
      AWS_ACCESS_KEY_ID: config.credentials.accessKeyId,
      AWS_SECRET_ACCESS_KEY: config.credentials.secretAccessKey,
      KEYWARD_RECORDS_TABLE: NAMES.records,
      KEYWARD_SECRETS_TABLE: NAMES.secrets,
      KEYWARD_EVENTS_TABLE: NAMES.events,
      KEYWARD_SESSIONS_TABLE: NAMES.sessions,
      KEYWARD_CONSOLE_URL: 'https://keys.example.com/console/',
      KEYWARD_EVENT_RETENTION_DAYS: 'forever',
      KEYWARD_MAX_KEYS_PER_MEMBER: '500',
    },
    async release() {
      for (const client of clients) client.destroy();
      await dynamoDb.release();
    },
  };
}

async function createTable(client: DynamoDBClient, name: string): Promise<void> {
  const definitions: AttributeDefinition[] = [
    { AttributeName: 'pk', AttributeType: 'S' },
    { AttributeName: 'sk', AttributeType: 'S' },
  ];
  const indexed: AttributeDefinition[] = [
    { AttributeName: 'pending', AttributeType: 'S' },
    { AttributeName: 'pendingSince', AttributeType: 'N' },
  ];
  const isRecords = name === NAMES.records;
  await client.send(
    new CreateTableCommand({
      TableName: name,
      BillingMode: 'PAY_PER_REQUEST',
      AttributeDefinitions: isRecords ? [...definitions, ...indexed] : definitions,
      KeySchema: [
        { AttributeName: 'pk', KeyType: 'HASH' },
        { AttributeName: 'sk', KeyType: 'RANGE' },
      ],
      ...(isRecords && {
        GlobalSecondaryIndexes: [
          {
            IndexName: PENDING_INDEX,
            Projection: { ProjectionType: 'KEYS_ONLY' },
            KeySchema: [
              { AttributeName: 'pending', KeyType: 'HASH' },
              { AttributeName: 'pendingSince', KeyType: 'RANGE' },
            ],
          },
        ],
      }),
    }),
  );
}
