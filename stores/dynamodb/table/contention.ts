import { ConditionalCheckFailedException, type UpdateItemCommandOutput } from '@aws-sdk/client-dynamodb';
import { Unavailable } from '../../../core/errors/fault.ts';
import { failureOf, type StoreFailure } from './store-failure.ts';
import type { Item } from './tables.ts';

/** How often a write is tried when other writes are on the same item, and how long it waits in between. Milliseconds. */
const ATTEMPTS = 8;
const FIRST_PAUSE_MS = 10;
const LONGEST_PAUSE_MS = 300;

/** The failures after which a write is sent again. After others, the SDK has sent it again by itself. */
const REPEATED: ReadonlySet<StoreFailure> = new Set<StoreFailure>(['conflict', 'in_progress', 'throttled']);

/**
 * Sends a write again while only other writes are in its way. If a single write meets a running transaction on its item, DynamoDB
 * answers TransactionConflictException, after which the SDK does not try again. A transaction that meets a busy item is
 * cancelled. DynamoDB Local shows neither.
 * @throws {Unavailable} when every attempt met other writes, or for another passing fault. Where a condition failed, or sending
 * it again would not help, the store's own error.
 */
export async function writeWithRetry<T>(write: () => Promise<T>): Promise<T> {
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

/** As {@link writeWithRetry}. A failed condition means that nothing is left to do. */
export async function writeIfPossible(write: () => Promise<unknown>): Promise<void> {
  await tryWrite(write);
}

/** As {@link writeWithRetry}. @returns false when the write's condition failed. */
export async function tryWrite(write: () => Promise<unknown>): Promise<boolean> {
  try {
    await writeWithRetry(write);
    return true;
  } catch (error) {
    if (error instanceof ConditionalCheckFailedException) return false;
    throw error;
  }
}

/**
 * Updates a secret. The write asks for its item, with `ALL_NEW`, and with `ALL_OLD` for a failed condition.
 * @returns the item after the update. If the condition failed, the item as it is; `undefined` where there is none.
 */
export async function updateItem(write: () => Promise<UpdateItemCommandOutput>): Promise<Item | undefined> {
  try {
    return (await writeWithRetry(write)).Attributes;
  } catch (error) {
    if (!(error instanceof ConditionalCheckFailedException)) throw error;
    return error.Item;
  }
}

/** Waits a random time that grows with the attempts, so that contending writes spread out. */
export async function pause(attempt: number): Promise<void> {
  const longest = Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** attempt);
  await new Promise((resolve) => setTimeout(resolve, Math.random() * longest));
}

/** Runs a read. @throws {Unavailable} for a passing fault. Where asking again would not help, the store's own error. */
export async function readOrUnavailable<T>(read: () => Promise<T>): Promise<T> {
  try {
    return await read();
  } catch (error) {
    throw toUnavailable(error, 'The store did not answer a read.');
  }
}

/** @returns the error to throw: {@link Unavailable} for a passing fault, any other error as it is. */
export function toUnavailable(error: unknown, message: string): unknown {
  const failure = failureOf(error);
  return failure === 'condition' || failure === 'defect' ? error : new Unavailable(message, { cause: error });
}
