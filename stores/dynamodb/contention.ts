import {
  type CancellationReason,
  ConditionalCheckFailedException,
  type DynamoDBClient,
  TransactionCanceledException,
  type TransactWriteItem,
  TransactWriteItemsCommand,
} from '@aws-sdk/client-dynamodb';
import { Unavailable } from '../../core/unavailable.ts';

/** Attempts at a write that meets others on the same item, and the longest first pause between two, in milliseconds. */
const ATTEMPTS = 8;
const FIRST_PAUSE_MS = 10;
const LONGEST_PAUSE_MS = 300;

/** Reasons for which a transaction is cancelled though nothing is wrong with it. */
const PASSING = new Set(['TransactionConflict', 'ThrottlingError', 'ProvisionedThroughputExceeded']);

/** One item takes about a thousand writes a second, whatever the table takes. */
const THROTTLINGS = new Set([
  'ProvisionedThroughputExceededException',
  'ThrottlingException',
  'RequestLimitExceeded',
]);

/** What a write fails with for the same reasons; and a transaction while DynamoDB still works on an earlier sending of it. */
const PASSING_EXCEPTIONS = new Set([
  ...THROTTLINGS,
  'TransactionConflictException',
  'TransactionInProgressException',
]);

/**
 * Sends a write again while it only meets other writes. DynamoDB answers a single write that meets a running transaction
 * on its item with TransactionConflictException, and the SDK does not retry that one; a transaction that meets a busy
 * item is cancelled. DynamoDB Local shows neither.
 * @throws {Unavailable} when it does not get through, or the store fails otherwise.
 */
export async function contend<T>(write: () => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await write();
    } catch (error) {
      if (isConditionFailure(error)) throw error;
      if (attempt === ATTEMPTS || !isPassing(error))
        throw new Unavailable('The store did not take a write.', { cause: error });
      await pause(attempt);
    }
  }
}

/**
 * As {@link contend}, for a write whose condition only fails where what was wanted is so already, or where what it was wanted
 * for is gone.
 */
export async function unlessRefused(write: () => Promise<unknown>): Promise<void> {
  await wasWritten(write);
}

/** As {@link contend}. @returns false where the write's condition did not hold. */
export async function wasWritten(write: () => Promise<unknown>): Promise<boolean> {
  try {
    await contend(write);
    return true;
  } catch (error) {
    if (error instanceof ConditionalCheckFailedException) return false;
    throw error;
  }
}

/** Waits a random time that grows with the attempts, so that contenders spread out. */
export async function pause(attempt: number): Promise<void> {
  const longest = Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** attempt);
  await new Promise((resolve) => setTimeout(resolve, Math.random() * longest));
}

/** Turns a store's failure to read into what the edge answers as 503. */
export async function reading<T>(read: () => Promise<T>): Promise<T> {
  try {
    return await read();
  } catch (error) {
    throw new Unavailable('The store did not answer a read.', { cause: error });
  }
}

/**
 * Writes a transaction, and tells which of its items did not meet their condition. However often it is sent, it is one and the
 * same: where it was done and the answer was lost, sending it again would otherwise meet its own items and be taken for refused.
 * @returns their positions; empty when the transaction went through.
 */
export async function failedConditions(
  client: Pick<DynamoDBClient, 'send'>,
  TransactItems: TransactWriteItem[],
): Promise<number[]> {
  const transaction = { TransactItems, ClientRequestToken: crypto.randomUUID() };
  try {
    await contend(() => client.send(new TransactWriteItemsCommand(transaction)));
    return [];
  } catch (error) {
    if (!(error instanceof TransactionCanceledException)) throw error;
    return reasonsOf(error).flatMap(({ Code }, index) => (Code === 'ConditionalCheckFailed' ? [index] : []));
  }
}

function isConditionFailure(error: unknown): boolean {
  if (error instanceof ConditionalCheckFailedException) return true;
  if (!(error instanceof TransactionCanceledException)) return false;
  return reasonsOf(error).some(({ Code }) => Code === 'ConditionalCheckFailed');
}

function isPassing(error: unknown): boolean {
  if (error instanceof TransactionCanceledException) {
    return reasonsOf(error).every(({ Code = 'None' }) => Code === 'None' || PASSING.has(Code));
  }
  return error instanceof Error && PASSING_EXCEPTIONS.has(error.name);
}

/** Whether an item takes no more writes for now. */
export function isThrottling(error: unknown): boolean {
  return error instanceof Error && THROTTLINGS.has(error.name);
}

function reasonsOf(error: TransactionCanceledException): CancellationReason[] {
  return error.CancellationReasons ?? [];
}
