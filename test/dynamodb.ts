import { startDynamoDb } from '../local/dynamodb/dynamodb-local.ts';

export interface SharedDynamoDb {
  readonly endpoint: string;
  /** Gives it back: ends it when it was started for this caller alone. */
  release(): Promise<void>;
}

/** The DynamoDB Local of the whole test run where there is one, and one of its own otherwise. */
export async function sharedDynamoDb(): Promise<SharedDynamoDb> {
  const endpoint = process.env.KEYWARD_TEST_DYNAMODB;
  if (endpoint) return { endpoint, release: async () => {} };
  const own = await startDynamoDb();
  return { endpoint: own.endpoint, release: own.stop };
}
