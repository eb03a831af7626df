import { DynamoDBClient, type DynamoDBClientConfig } from '@aws-sdk/client-dynamodb';

/**
 * Time-outs that fit into the authorizer's three seconds: what DynamoDB does not answer within 700 ms is given up, and an
 * operation is tried three times at most.
 */
const HASTY: DynamoDBClientConfig = {
  maxAttempts: 3,
  requestHandler: { connectionTimeout: 500, requestTimeout: 700, throwOnRequestTimeout: true },
};

/** For functions that are given ten seconds: a change that is under way is better finished late than left to the sweeper. */
export const PATIENT: DynamoDBClientConfig = {
  requestHandler: { connectionTimeout: 1000, requestTimeout: 2500, throwOnRequestTimeout: true },
};

export function dynamoDbClient(config: DynamoDBClientConfig = {}): DynamoDBClient {
  return new DynamoDBClient({ ...HASTY, ...config });
}
