import { GetItemCommand, QueryCommand } from '@aws-sdk/client-dynamodb';
import { type ApiKey, statusOf } from '../../core/api-key.ts';
import type { KeyAddress, KeyPage, KeyQuery } from '../../core/key-store.ts';
import { reading } from './contention.ts';
import { type KeyRecord, readKey, toApiKey, toItem, toValues } from './key-item.ts';
import { lastUses } from './key-secrets.ts';
import { keyKey, type Tables } from './tables.ts';

type ReadTables = Pick<Tables, 'client' | 'records' | 'secrets'>;

export async function readRecord(
  { client, records }: Pick<Tables, 'client' | 'records'>,
  { workspace, id }: KeyAddress,
): Promise<KeyRecord | undefined> {
  const { Item } = await reading(() =>
    client.send(
      new GetItemCommand({ TableName: records, Key: toItem(keyKey(workspace, id)), ConsistentRead: true }),
    ),
  );
  return Item && readKey(Item);
}

/** One strongly consistent query in the workspace's own partition, whose order is the keys' age. */
export async function listKeys(tables: ReadTables, query: KeyQuery): Promise<KeyPage> {
  const { pk, sk } = keyKey(query.workspace, '');
  const start = query.after === undefined ? undefined : toItem(keyKey(query.workspace, query.after));
  const { Items = [], LastEvaluatedKey } = await reading(() =>
    tables.client.send(
      new QueryCommand({
        TableName: tables.records,
        KeyConditionExpression: 'pk = :pk AND begins_with(sk, :sk)',
        ExpressionAttributeValues: toValues({ ':pk': pk, ':sk': sk }),
        ScanIndexForward: false,
        ConsistentRead: true,
        Limit: query.limit,
        ExclusiveStartKey: start,
      }),
    ),
  );
  const records = Items.map(readKey).filter(
    (record) =>
      (query.status === undefined || statusOf(record, query.now) === query.status) &&
      (query.createdBy === undefined || record.createdBy === query.createdBy),
  );
  const last = LastEvaluatedKey && readKey(Items.at(-1) ?? {});
  return { keys: await withLastUse(tables, records), next: last?.id ?? null };
}

/** Completes records by when they were used last, which only their secrets know. */
export async function withLastUse(tables: ReadTables, records: readonly KeyRecord[]): Promise<ApiKey[]> {
  const locators = records.flatMap(({ secrets }) => secrets.map(({ locator }) => locator));
  const uses = await lastUses(tables, locators);
  return records.map((record) => {
    const times = [
      record.formerlyUsedAt ?? 0,
      ...record.secrets.map(({ locator }) => uses.get(locator) ?? 0),
    ];
    return toApiKey(record, Math.max(...times) || null);
  });
}
