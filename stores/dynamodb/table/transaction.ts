import { type DynamoDBClient, TransactionCanceledException } from '@aws-sdk/client-dynamodb';
import {
  TransactWriteCommand,
  type TransactWriteCommandInput,
  type TransactWritePut,
} from '@aws-sdk/lib-dynamodb';
import { unmarshall } from '@aws-sdk/util-dynamodb';
import { Contended, Unavailable } from '../../../core/errors/fault.ts';
import { writeWithRetry } from './contention.ts';
import { documentClient } from './documents.ts';
import { failureOf, reasonsOf } from './store-failure.ts';
import type { Item } from './tables.ts';

export type TransactionItem = NonNullable<TransactWriteCommandInput['TransactItems']>[number];

/** An item that puts another one. */
export type PutPart = TransactionItem & { readonly Put: TransactWritePut };

/** A named part of a transaction: one item, several that fail alike, or none. */
type Part = TransactionItem | readonly TransactionItem[] | null;

/**
 * Writes a transaction whose parts have names. However often it is sent, DynamoDB does it once: all sendings carry the same
 * token. Without it, a transaction that was done and whose answer was lost would meet its own items and look refused.
 * @returns the names of the parts whose condition failed. Empty: the transaction was done.
 * @throws {Contended} when it met other writes each time, so that nothing was done; otherwise as `writeWithRetry`.
 */
export async function transact<Name extends string>(
  client: DynamoDBClient,
  parts: Readonly<Record<Name, Part>>,
): Promise<ReadonlySet<Name>> {
  const named = Object.entries<Part>(parts).flatMap(([name, part]) =>
    (part === null ? [] : [part].flat()).map((item) => ({ name: name as Name, item })),
  );
  const transaction = {
    TransactItems: named.map(({ item }) => item),
    ClientRequestToken: crypto.randomUUID(),
  };
  try {
    await writeWithRetry(() => documentClient(client).send(new TransactWriteCommand(transaction)));
    return new Set();
  } catch (error) {
    if (error instanceof Unavailable && failureOf(error.cause) === 'conflict')
      throw new Contended('Other writes were in the way of a transaction each time.', { cause: error.cause });
    if (!(error instanceof TransactionCanceledException) || failureOf(error) !== 'condition') throw error;
    const failed = reasonsOf(error).flatMap(({ Code }, index) =>
      Code === 'ConditionalCheckFailed' ? (named[index]?.name ?? []) : [],
    );
    return new Set(failed);
  }
}

/** The part of a transaction that puts an item where none is. */
export function putNewPart(table: string, item: Readonly<Record<string, unknown>>): PutPart {
  return { Put: { TableName: table, Item: { ...item }, ConditionExpression: 'attribute_not_exists(pk)' } };
}

/** As {@link putNewPart}, for the item of a secret, which is written in DynamoDB's own notation. */
export function putNewSecretPart(table: string, item: Item): PutPart {
  return putNewPart(table, unmarshall(item));
}

/**
 * Runs a write that follows others of the same change. A change that has begun is never reported as not done.
 * @throws {Unavailable} instead of {@link Contended}.
 */
export async function writeOnceBegun<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof Contended)) throw error;
    throw new Unavailable('A change that had begun met other writes each time.', { cause: error });
  }
}
