import {
  type AttributeValue,
  ConditionalCheckFailedException,
  DeleteItemCommand,
  PutItemCommand,
  paginateScan,
} from '@aws-sdk/client-dynamodb';
import { inParallel } from '../table/in-parallel.ts';
import type { OperatorTables } from '../table/tables.ts';

/** The tables in the order in which they are copied: the log last, so that it tells of all that was copied before. */
export const COPIED_TABLES = ['records', 'secrets', 'managementKeys', 'events'] as const;

export type CopiedTable = (typeof COPIED_TABLES)[number];

export type Item = Record<string, AttributeValue>;

/** One item of one table, in DynamoDB's own notation. */
export interface CopiedItem {
  readonly table: CopiedTable;
  readonly item: Item;
}

/** Everything that is kept, table by table. What changes meanwhile may be in it or not; the log tells. */
export async function* copyOf(tables: OperatorTables): AsyncGenerator<CopiedItem> {
  for (const table of COPIED_TABLES) for await (const item of itemsOf(tables, table)) yield { table, item };
}

export async function* itemsOf(tables: OperatorTables, table: CopiedTable): AsyncGenerator<Item> {
  const pages = paginateScan({ client: tables.client }, { TableName: tables[table], ConsistentRead: true });
  for await (const { Items = [] } of pages) yield* Items;
}

/** What keys are decided by. Secrets first: nothing is authorized by what is half gone. */
const DECIDING_TABLES = ['managementKeys', 'secrets', 'records'] as const;

/** Empties what keys are decided by. The log is never emptied. */
export async function wipe(tables: OperatorTables): Promise<void> {
  for (const table of DECIDING_TABLES) {
    const items: Item[] = [];
    for await (const item of itemsOf(tables, table)) items.push(item);
    await inParallel(items, ({ pk, sk }) =>
      tables.client.send(
        new DeleteItemCommand({
          TableName: tables[table],
          Key: { pk, sk } as Record<'pk' | 'sk', AttributeValue>,
        }),
      ),
    );
  }
}

export async function isEmpty(tables: OperatorTables): Promise<boolean> {
  for (const table of DECIDING_TABLES) for await (const _ of itemsOf(tables, table)) return false;
  return true;
}

/** Puts items where nothing is; an event that is there already is the same one, and nothing else may be there. */
export async function putItems(
  { client, ...names }: OperatorTables,
  table: CopiedTable,
  items: readonly Item[],
): Promise<void> {
  await inParallel(items, async (item) => {
    try {
      await client.send(
        new PutItemCommand({
          TableName: names[table],
          Item: item,
          ConditionExpression: 'attribute_not_exists(pk)',
        }),
      );
    } catch (error) {
      if (table !== 'events' || !(error instanceof ConditionalCheckFailedException)) throw error;
    }
  });
}
