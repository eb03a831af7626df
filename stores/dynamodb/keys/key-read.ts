import { type AttributeValue, GetItemCommand } from '@aws-sdk/client-dynamodb';
import { type ApiKey, statusOf } from '../../../core/credential/api-key.ts';
import type { KeyAddress, KeyPage, KeyQuery } from '../../../core/management/key-store.ts';
import { readItems } from '../table/batch-read.ts';
import { reading } from '../table/contention.ts';
import { fillPage } from '../table/filled-page.ts';
import { keyKey, memberKeyKey, type Tables } from '../table/tables.ts';
import { type KeyRecord, readKey, toApiKey, toItem } from './key-item.ts';
import { lastUses } from './key-secrets.ts';

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
  const { client, records: table } = tables;
  const { workspace, createdBy, limit, after, status, now } = query;
  const isWanted = (record: KeyRecord) => status === undefined || statusOf(record, now) === status;
  const wanted = (record: KeyRecord | undefined) => (record && isWanted(record) ? record : undefined);
  const { pk, sk: prefix } =
    createdBy === undefined ? keyKey(workspace, '') : memberKeyKey(workspace, createdBy, '');
  const { found, next } = await fillPage(
    client,
    { table, pk, prefix, order: 'descending', limit, after },
    async (items) =>
      createdBy === undefined
        ? items.map((item) => wanted(readKey(item)))
        : (await readEntries(tables, workspace, items)).map(wanted),
  );
  return { keys: await withLastUse(tables, found), next };
}

/** The keys that entries among a member's keys lead to, in their order; `undefined` for one that is gone. */
export async function readEntries(
  { client, records: table }: Pick<Tables, 'client' | 'records'>,
  workspace: string,
  entries: readonly Record<string, AttributeValue>[],
): Promise<(KeyRecord | undefined)[]> {
  const ids = entries.map(memberKeyIdOf);
  const keys = ids.map((id) => keyKey(workspace, id));
  const records = (await readItems(client, { table, keys })).map(readKey);
  const byId = new Map(records.map((record) => [record.id, record]));
  return ids.map((id) => byId.get(id));
}

/** Of entries among a member's keys, those of keys that were issued before the member was at a version. */
export function issuedBefore(
  entries: readonly Record<string, AttributeValue>[],
  version: number,
): Record<string, AttributeValue>[] {
  return entries.filter(({ memberVersion }) => Number(memberVersion?.N) < version);
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
