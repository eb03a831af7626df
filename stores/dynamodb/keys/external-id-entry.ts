import { externalIdKey, type RecordTable } from '../table/tables.ts';
import { putNewPart, type TransactionItem } from '../table/transaction.ts';
import type { KeyRecord } from './key-item.ts';

/**
 * The entry that finds a key by its external id. It is written, moved and taken away by the transaction that writes the id into
 * the record, so the two never differ.
 */
type Identified = Pick<KeyRecord, 'workspace' | 'id' | 'externalId'>;

/** @returns `undefined` for a key without an external id. */
export function externalIdEntry({ workspace, id, externalId }: Identified) {
  return externalId === null ? undefined : { ...externalIdKey(workspace, externalId, id), keyId: id };
}

/** The part of a transaction that puts the entry of a new key; `null` where it needs none. */
export function putExternalIdPart({ records }: Pick<RecordTable, 'records'>, key: Identified) {
  const entry = externalIdEntry(key);
  return entry === undefined ? null : putNewPart(records, entry);
}

/** The parts of a transaction that follow a change of a key's external id. @returns none where it stays. */
export function moveExternalIdParts(
  { records }: Pick<RecordTable, 'records'>,
  before: Identified,
  externalId: string | null,
): TransactionItem[] {
  if (before.externalId === externalId) return [];
  const [old, next] = [externalIdEntry(before), externalIdEntry({ ...before, externalId })];
  return [
    ...(old === undefined ? [] : [{ Delete: { TableName: records, Key: { pk: old.pk, sk: old.sk } } }]),
    ...(next === undefined ? [] : [{ Put: { TableName: records, Item: next } }]),
  ];
}
