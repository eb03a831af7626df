import { type RunningDynamoDb, startDynamoDb } from '../../local/index.ts';

/** The DynamoDB Local that all tests share when there is one, and one of its own otherwise. */
export async function testDynamoDb(): Promise<RunningDynamoDb> {
  const endpoint = process.env.KEYWARD_TEST_DYNAMODB;
  return endpoint ? { endpoint, stop: async () => {} } : startDynamoDb();
}
