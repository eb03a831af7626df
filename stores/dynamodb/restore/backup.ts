import {
  type AttributeValue,
  ConditionalCheckFailedException,
  DeleteItemCommand,
  PutItemCommand,
  paginateScan,
} from '@aws-sdk/client-dynamodb';
import { marshall } from '@aws-sdk/util-dynamodb';
import { runInParallel } from '../table/batches.ts';
import type { Document } from '../table/documents.ts';
import type { Item, OperatorTables } from '../table/tables.ts';

/** The tables in the order in which they are copied. The log is last, so it holds the event of every change copied before. */
export const COPIED_TABLES = ['records', 'secrets', 'managementKeys', 'events'] as const;

export type CopiedTable = (typeof COPIED_TABLES)[number];

/** Writes plain values in DynamoDB's own notation. An attribute that is `undefined` is left out. */
export function toItem(value: Document): Item {
  return marshall(value, { removeUndefinedValues: true });
}

/** One item of one table. */
export interface CopiedItem {
  readonly table: CopiedTable;
  readonly item: Item;
}

/** A copy of the tables, and the moment that it names, in Unix seconds. */
export interface Backup {
  readonly at: number;
  readonly items: readonly CopiedItem[];
}

/** Reads every item, table by table. The copy may lack a change that is made at the same time, but the log holds its event. */
export async function* copyTables(tables: OperatorTables): AsyncGenerator<CopiedItem> {
  for (const table of COPIED_TABLES) for await (const item of scanTable(tables, table)) yield { table, item };
}

/** Reads every item of one table, strongly consistent. */
export async function* scanTable(tables: OperatorTables, table: CopiedTable): AsyncGenerator<Item> {
  const pages = paginateScan({ client: tables.client }, { TableName: tables[table], ConsistentRead: true });
  for await (const { Items = [] } of pages) yield* Items;
}

/** The tables that decide about credentials. Secrets go before records, so a credential that is half deleted is refused. */
const DECIDING_TABLES = ['managementKeys', 'secrets', 'records'] as const;

/** Deletes every item but the log, which is never deleted. */
export async function wipeTables(tables: OperatorTables): Promise<void> {
  for (const table of DECIDING_TABLES) {
    const items: Item[] = [];
    for await (const item of scanTable(tables, table)) items.push(item);
    await runInParallel(items, ({ pk, sk }) =>
      tables.client.send(
        new DeleteItemCommand({
          TableName: tables[table],
          Key: { pk, sk } as Record<'pk' | 'sk', AttributeValue>,
        }),
      ),
    );
  }
}

/** @returns true when the tables hold nothing but a log. */
export async function areEmpty(tables: OperatorTables): Promise<boolean> {
  for (const table of DECIDING_TABLES) for await (const _ of scanTable(tables, table)) return false;
  return true;
}

/**
 * Puts items that are not there yet. The log may hold an event of the backup already; then that event stays as it is.
 * @throws when one of the other tables holds an item of the same key.
 */
export async function putItems(
  tables: OperatorTables,
  table: CopiedTable,
  items: readonly Item[],
): Promise<void> {
  await runInParallel(items, async (item) => {
    try {
      await tables.client.send(
        new PutItemCommand({
          TableName: tables[table],
          Item: item,
          ConditionExpression: 'attribute_not_exists(pk)',
        }),
      );
    } catch (error) {
      if (table !== 'events' || !(error instanceof ConditionalCheckFailedException)) throw error;
    }
  });
}
