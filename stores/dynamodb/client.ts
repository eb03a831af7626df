import { DynamoDBClient, type DynamoDBClientConfig } from '@aws-sdk/client-dynamodb';

/**
 * Attempts and time-outs that fit into the shortest deadline, the authorizer's three seconds: what DynamoDB does not answer
 * within 700 ms is given up, and an operation is tried three times at most.
 */
const CONFIG: DynamoDBClientConfig = {
  maxAttempts: 3,
  requestHandler: { connectionTimeout: 500, requestTimeout: 700, throwOnRequestTimeout: true },
};

export function dynamoDbClient(config: DynamoDBClientConfig = {}): DynamoDBClient {
  return new DynamoDBClient({ ...CONFIG, ...config });
}
