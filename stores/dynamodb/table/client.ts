import { DynamoDBClient, type DynamoDBClientConfig } from '@aws-sdk/client-dynamodb';
import { Unavailable } from '../../../core/errors/fault.ts';

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

/**
 * @param millisecondsLeft how long whoever asks may still take, which several operations, each slow, could exceed. Then the
 * operation under way is given up, and nothing more is sent: a write that nobody waits for must not happen later.
 * @default no end
 */
export function dynamoDbClient(
  config: DynamoDBClientConfig = {},
  millisecondsLeft = () => Number.POSITIVE_INFINITY,
): DynamoDBClient {
  const client = new DynamoDBClient({ ...HASTY, ...config });
  client.middlewareStack.add((next) => (args) => withinTime(millisecondsLeft(), () => next(args)), {
    step: 'initialize',
    name: 'timeLimit',
  });
  client.middlewareStack.add(
    (next) => (args) => {
      if (millisecondsLeft() <= 0) throw timeIsOver();
      return next(args);
    },
    // After the SDK's own retry, hence before each attempt.
    { step: 'finalizeRequest', name: 'timeLimitOfAttempt', priority: 'low' },
  );
  return client;
}

async function withinTime<Output>(milliseconds: number, operation: () => Promise<Output>): Promise<Output> {
  if (milliseconds === Number.POSITIVE_INFINITY) return operation();
  const { promise: end, reject } = Promise.withResolvers<never>();
  const timer = setTimeout(() => reject(timeIsOver()), milliseconds);
  try {
    return await Promise.race([operation(), end]);
  } finally {
    clearTimeout(timer);
  }
}

/** Of a name that the SDK does not try again. */
function timeIsOver(): Unavailable {
  return new Unavailable('The time for the store to answer is over.');
}
