import { type AttributeValue, BatchWriteItemCommand } from '@aws-sdk/client-dynamodb';
import type { Tables } from '../../../stores/dynamodb/table/tables.ts';
import { toItem } from './items.ts';

/** An item as DynamoDB has it, and its table. */
export interface PlacedItem {
  readonly table: string;
  readonly item: Record<string, AttributeValue>;
}

/** The most that DynamoDB takes at once. */
const BATCH = 25;

/** Puts many items quickly, past everything that checks them. */
export async function putItems(
  { client }: Pick<Tables, 'client'>,
  items: readonly PlacedItem[],
): Promise<void> {
  const batches = Array.from({ length: Math.ceil(items.length / BATCH) }, (_, at) =>
    items.slice(at * BATCH, (at + 1) * BATCH),
  ).values();
  const putting = async () => {
    for (const batch of batches) {
      const byTable = Object.groupBy(batch, ({ table }) => table);
      const RequestItems = Object.fromEntries(
        Object.entries(byTable).map(([table, placed = []]) => [
          table,
          placed.map(({ item }) => ({ PutRequest: { Item: item } })),
        ]),
      );
      await client.send(new BatchWriteItemCommand({ RequestItems }));
    }
  };
  await Promise.all(Array.from({ length: 8 }, putting));
}

/** As {@link putItems}, for records. */
export function putRecords(
  tables: Pick<Tables, 'client' | 'records'>,
  records: readonly object[],
): Promise<void> {
  return putItems(
    tables,
    records.map((record) => ({ table: tables.records, item: toItem(record) })),
  );
}
