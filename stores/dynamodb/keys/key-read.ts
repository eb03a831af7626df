import * as v from 'valibot';
import { type ApiKey, statusOf } from '../../../core/credential/credential.ts';
import type { KeyAddress, KeyPage, KeyQuery } from '../../../core/management/key-store.ts';
import { lastUses } from '../secrets/secret-change.ts';
import { type Document, parseItem, readDocument, readDocuments } from '../table/documents.ts';
import { fillPage } from '../table/query-pages.ts';
import {
  externalIdKey,
  type ItemKey,
  keyKey,
  memberKeyKey,
  type RecordTable,
  type Tables,
} from '../table/tables.ts';
import { type KeyRecord, previousSecretOf, readKey, toApiKey } from './key-item.ts';

type ReadTables = Pick<Tables, 'client' | 'records' | 'secrets'>;

export async function readRecord(
  { client, records }: RecordTable,
  { workspace, id }: KeyAddress,
): Promise<KeyRecord | undefined> {
  const item = await readDocument(client, records, keyKey(workspace, id));
  return item && readKey(item);
}

/**
 * Lists keys by age, from the partition of the workspace, or from the entries of one member's keys or of the keys with one
 * external id.
 */
export async function listKeys(tables: ReadTables, query: KeyQuery): Promise<KeyPage> {
  const { client, records: table } = tables;
  const { workspace, limit, after } = query;
  const { pk, sk: prefix } = listKeyOf(query);
  const isOfEntries = pk !== keyKey(workspace, '').pk;
  const { found, next } = await fillPage(
    client,
    { table, pk, prefix, order: 'descending', limit, after },
    async (items) => {
      const records = isOfEntries
        ? await readListedKeys(tables, workspace, items.map(readKeyEntry))
        : items.map(readKey);
      return records.map((record) => (record && isWanted(record, query) ? record : undefined));
    },
  );
  return { keys: await withLastUse(tables, found), next };
}

/** The partition that holds the fewest items beside the wanted ones, and the prefix of its sort keys. */
function listKeyOf({ workspace, externalId, createdBy }: KeyQuery): ItemKey {
  if (externalId !== undefined) return externalIdKey(workspace, externalId, '');
  return createdBy === undefined ? keyKey(workspace, '') : memberKeyKey(workspace, createdBy, '');
}

function isWanted(record: KeyRecord, { status, createdBy, externalId, now }: KeyQuery): boolean {
  return (
    (status === undefined || statusOf(record, now) === status) &&
    (createdBy === undefined || record.createdBy === createdBy) &&
    (externalId === undefined || record.externalId === externalId)
  );
}

const keyEntry = v.object({ keyId: v.string() });

/** An entry of a list of keys: which key it is. */
function readKeyEntry(item: Document): v.InferOutput<typeof keyEntry> {
  return parseItem(keyEntry, item, 'entry of a key');
}

const memberKey = v.object({ keyId: v.string(), memberVersion: v.number() });

/** An entry among a member's keys: which key it is, and the version that the member had when it was issued. */
export type MemberKey = v.InferOutput<typeof memberKey>;

export function readMemberKey(item: Document): MemberKey {
  return parseItem(memberKey, item, 'entry of a member’s key');
}

/** The entries of the keys that were issued before the member was at a version. */
export function issuedBefore(items: readonly Document[], version: number): MemberKey[] {
  return items.map(readMemberKey).filter(({ memberVersion }) => memberVersion < version);
}

/** Reads the keys of entries, in their order. @returns `undefined` for a key that is gone. */
export async function readListedKeys(
  { client, records: table }: RecordTable,
  workspace: string,
  entries: readonly { readonly keyId: string }[],
): Promise<(KeyRecord | undefined)[]> {
  const keys = entries.map(({ keyId }) => keyKey(workspace, keyId));
  const records = (await readDocuments(client, { table, keys })).map(readKey);
  const byId = new Map(records.map((record) => [record.id, record]));
  return entries.map(({ keyId }) => byId.get(keyId));
}

/** Adds to each record when the key was last used, which only its secrets know. */
export async function withLastUse(tables: ReadTables, records: readonly KeyRecord[]): Promise<ApiKey[]> {
  const locators = records.flatMap(({ secrets }) => secrets.map(({ locator }) => locator));
  const uses = await lastUses(tables, locators);
  return records.map((record) => {
    const times = [
      record.formerlyUsedAt ?? 0,
      ...record.secrets.map(({ locator }) => uses.get(locator) ?? 0),
    ];
    const previous = previousSecretOf(record);
    return toApiKey(record, {
      lastUsedAt: Math.max(...times) || null,
      previousUsedAt: (previous && uses.get(previous.locator)) ?? null,
    });
  });
}

/**
 * Shows a key after a change of it. Whatever fails from here on, the change is done and has to be reported: a rotation that
 * seems to have failed would leave a secret that nobody knows.
 * @param lastUsedAt is shown when the newest time cannot be read.
 */
export async function showKey(
  tables: ReadTables,
  record: KeyRecord,
  lastUsedAt: number | null,
): Promise<ApiKey> {
  const [key] = await withLastUse(tables, [record]).catch(() => []);
  return key ?? toApiKey(record, { lastUsedAt, previousUsedAt: lastUsedAt });
}
