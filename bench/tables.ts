import { randomBytes } from 'node:crypto';
import { CreateTableCommand, type DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { dynamoDbClient, PATIENT } from '../stores/dynamodb/table/client.ts';
import type { OperatorTables } from '../stores/dynamodb/table/tables.ts';

export interface BenchTables extends OperatorTables {
  /** For filling the tables. A slow batch is not a failure. */
  readonly patientClient: DynamoDBClient;
  /** Another key id sees other tables. */
  readonly accessKeyId: string;
}

export const REGION = 'us-east-1';

const NAMES = {
  records: 'records',
  secrets: 'secrets',
  events: 'events',
  managementKeys: 'managementKeys',
} as const;

/** Makes empty tables in their own namespace, with the authorizer's client. */
export async function createTables(endpoint: string): Promise<BenchTables> {
  const accessKeyId = `bench${randomBytes(8).toString('hex')}`;
  const credentials = { accessKeyId, secretAccessKey: 'unused' };
  const config = { endpoint, region: REGION, credentials };
  const patientClient = dynamoDbClient({
    ...config,
    ...PATIENT,
    maxAttempts: 5,
    requestHandler: { requestTimeout: 30_000 },
  });
  // Without the index of pending changes, because nothing here reads it.
  for (const name of Object.values(NAMES)) await createTable(patientClient, name);
  return { client: dynamoDbClient(config), patientClient, accessKeyId, ...NAMES };
}

export function closeTables({ client, patientClient }: BenchTables): void {
  client.destroy();
  patientClient.destroy();
}

async function createTable(client: DynamoDBClient, name: string): Promise<void> {
  await client.send(
    new CreateTableCommand({
      TableName: name,
      BillingMode: 'PAY_PER_REQUEST',
      AttributeDefinitions: ['pk', 'sk'].map((each) => ({ AttributeName: each, AttributeType: 'S' })),
      KeySchema: [
        { AttributeName: 'pk', KeyType: 'HASH' },
        { AttributeName: 'sk', KeyType: 'RANGE' },
      ],
    }),
  );
}
