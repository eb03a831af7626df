import { type AttributeValue, GetItemCommand } from '@aws-sdk/client-dynamodb';
import { type ApiKey, statusOf } from '../../core/api-key.ts';
import type { KeyAddress, KeyPage, KeyQuery } from '../../core/key-store.ts';
import { readItems } from './batch-read.ts';
import { reading } from './contention.ts';
import { type KeyRecord, readKey, toApiKey, toItem } from './key-item.ts';
import { lastUses } from './key-secrets.ts';
import { queryPage } from './query-pages.ts';
import { keyKey, memberKeyKey, type Tables } from './tables.ts';

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

/** Keys are read in partitions whose order is their age: the workspace's own, or that of one member's keys in it. */
export async function listKeys(tables: ReadTables, query: KeyQuery): Promise<KeyPage> {
  const { records: page, next } =
    query.createdBy === undefined
      ? await workspacePage(tables, query)
      : await memberPage(tables, query, query.createdBy);
  const records = page.filter(
    (record) => query.status === undefined || statusOf(record, query.now) === query.status,
  );
  return { keys: await withLastUse(tables, records), next };
}

interface RecordPage {
  readonly records: readonly KeyRecord[];
  readonly next: string | null;
}

async function workspacePage({ client, records }: ReadTables, query: KeyQuery): Promise<RecordPage> {
  const at = (id: string) => keyKey(query.workspace, id);
  const { items, isLast } = await queryPage(client, pageOf(records, query, at));
  const page = items.map(readKey);
  return { records: page, next: isLast ? null : (page.at(-1)?.id ?? null) };
}

async function memberPage(
  { client, records }: ReadTables,
  query: KeyQuery,
  userId: string,
): Promise<RecordPage> {
  const at = (id: string) => memberKeyKey(query.workspace, userId, id);
  const { items, isLast } = await queryPage(client, pageOf(records, query, at));
  const ids = items.map(memberKeyIdOf);
  const keys = ids.map((id) => keyKey(query.workspace, id));
  const found = new Map(
    (await readItems(client, { table: records, keys })).map(readKey).map((record) => [record.id, record]),
  );
  return { records: ids.flatMap((id) => found.get(id) ?? []), next: isLast ? null : (ids.at(-1) ?? null) };
}

function pageOf(table: string, query: KeyQuery, at: (id: string) => { pk: string; sk: string }) {
  const { pk, sk: prefix } = at('');
  const after = query.after === undefined ? undefined : at(query.after).sk;
  return { table, pk, prefix, order: 'descending', limit: query.limit, after } as const;
}

/** The id of a member's key, from the entry that says so. */
export function memberKeyIdOf(item: Record<string, AttributeValue>): string {
  return item.keyId?.S ?? '';
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
