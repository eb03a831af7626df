import { DynamoDBClient, type DynamoDBClientConfig } from '@aws-sdk/client-dynamodb';
import { Unavailable } from '../../../core/errors/fault.ts';

/**
 * Time-outs that fit into the authorizer's three seconds: a request that DynamoDB does not answer within 700 ms is given up,
 * and an operation is tried three times at most.
 */
const HASTY: DynamoDBClientConfig = {
  maxAttempts: 3,
  requestHandler: { connectionTimeout: 500, requestTimeout: 700, throwOnRequestTimeout: true },
};

/** For functions that may run for ten seconds. Finishing a change late is better than leaving it to the sweeper. */
export const PATIENT: DynamoDBClientConfig = {
  requestHandler: { connectionTimeout: 1000, requestTimeout: 2500, throwOnRequestTimeout: true },
};

/** For commands. Their operator waits rather than hear of a failure: over a slow line, or beside a store on the same busy machine. */
export const UNHURRIED: DynamoDBClientConfig = {
  requestHandler: { connectionTimeout: 10_000, requestTimeout: 30_000, throwOnRequestTimeout: true },
};

/**
 * @param millisecondsLeft how long the caller may still take. Several slow operations could exceed it. Then the operation under
 * way is given up, and nothing more is sent: a write that nobody waits for must not happen later.
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
    // Inside the SDK's own retry, so it runs before each attempt.
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

/** The SDK does not send a request again after an error of this name. */
function timeIsOver(): Unavailable {
  return new Unavailable('The time for the store to answer is over.');
}
