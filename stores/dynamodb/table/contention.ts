import {
  type AttributeValue,
  ConditionalCheckFailedException,
  type DynamoDBClient,
  TransactionCanceledException,
  type TransactWriteItem,
  TransactWriteItemsCommand,
  type UpdateItemCommandOutput,
} from '@aws-sdk/client-dynamodb';
import { Contended, Unavailable } from '../../../core/errors/fault.ts';
import { failureOf, reasonsOf, type StoreFailure } from './store-failure.ts';

/** Attempts at a write that meets others on the same item, and the longest first pause between two, in milliseconds. */
const ATTEMPTS = 8;
const FIRST_PAUSE_MS = 10;
const LONGEST_PAUSE_MS = 300;

/** What a write is sent again for. The SDK has tried the others again by itself. */
const REPEATED: ReadonlySet<StoreFailure> = new Set<StoreFailure>(['conflict', 'in_progress', 'throttled']);

/**
 * Sends a write again while it only meets other writes. DynamoDB answers a single write that meets a running transaction
 * on its item with TransactionConflictException, and the SDK does not retry that one; a transaction that meets a busy
 * item is cancelled. DynamoDB Local shows neither.
 * @throws {Unavailable} when it does not get through or the store is in trouble; what the store threw where a condition
 * failed, and where sending it again would not help.
 */
export async function contend<T>(write: () => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await write();
    } catch (error) {
      const failure = failureOf(error);
      if (failure === 'condition' || failure === 'defect') throw error;
      if (attempt === ATTEMPTS || !REPEATED.has(failure))
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

/**
 * As {@link contend}, for an update that returns its item (`ALL_NEW`), also where its condition does not hold (`ALL_OLD`).
 * @returns the item that the write left, or the one that did not meet its condition; `undefined` where there is none.
 */
export async function itemAfter(
  write: () => Promise<UpdateItemCommandOutput>,
): Promise<Record<string, AttributeValue> | undefined> {
  try {
    return (await contend(write)).Attributes;
  } catch (error) {
    if (!(error instanceof ConditionalCheckFailedException)) throw error;
    return error.Item;
  }
}

/** Waits a random time that grows with the attempts, so that contenders spread out. */
export async function pause(attempt: number): Promise<void> {
  const longest = Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** attempt);
  await new Promise((resolve) => setTimeout(resolve, Math.random() * longest));
}

/** @throws {Unavailable} when the store is in trouble; what it threw where asking again would not help. */
export async function reading<T>(read: () => Promise<T>): Promise<T> {
  try {
    return await read();
  } catch (error) {
    throw asUnavailable(error, 'The store did not answer a read.');
  }
}

/** @returns what to throw: an {@link Unavailable} in place of a trouble that passes, and everything else as it is. */
export function asUnavailable(error: unknown, message: string): unknown {
  const failure = failureOf(error);
  return failure === 'condition' || failure === 'defect' ? error : new Unavailable(message, { cause: error });
}

/**
 * Writes a transaction, and tells which of its items did not meet their condition. However often it is sent, it is one and the
 * same: where it was done and the answer was lost, sending it again would otherwise meet its own items and be taken for refused.
 * @returns their positions; empty when the transaction went through.
 * @throws {Contended} when it met other writes each time, so that nothing was done; otherwise as {@link contend}.
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
    if (error instanceof Unavailable && failureOf(error.cause) === 'conflict')
      throw new Contended('Other writes were in the way of a transaction each time.', { cause: error.cause });
    if (!(error instanceof TransactionCanceledException) || failureOf(error) !== 'condition') throw error;
    return reasonsOf(error).flatMap(({ Code }, index) => (Code === 'ConditionalCheckFailed' ? [index] : []));
  }
}

/**
 * For what is written after something else was: a change that has begun is not undone by meeting others.
 * @throws {Unavailable} in place of {@link Contended}.
 */
export async function onceBegun<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof Contended)) throw error;
    throw new Unavailable('A change that had begun met other writes each time.', { cause: error });
  }
}
