import { DynamoDBClient, type DynamoDBClientConfig } from '@aws-sdk/client-dynamodb';

/**
 * Attempts and time-outs that fit into the shortest deadline, the authorizer's three seconds: a request that DynamoDB
 * does not answer within half a second is given up and sent again, three times at most.
 */
const CONFIG: DynamoDBClientConfig = {
  maxAttempts: 3,
  requestHandler: { connectionTimeout: 500, requestTimeout: 700, throwOnRequestTimeout: true },
};

export function dynamoDbClient(config: DynamoDBClientConfig = {}): DynamoDBClient {
  return new DynamoDBClient({ ...CONFIG, ...config });
}
