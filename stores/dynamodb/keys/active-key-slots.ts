import * as v from 'valibot';
import { isExpired } from '../../../core/credential/credential.ts';
import { parseItem, storedNumber } from '../table/documents.ts';
import { queryAll } from '../table/query-pages.ts';
import { type ItemKey, memberSlotKey, type RecordTable, slotKey } from '../table/tables.ts';

/**
 * A bound on active credentials is held by numbered slots, each an item of its own. Issuing takes a slot in the same
 * transaction, so no count can be wrong. Another credential may take over the slot of an expired one.
 */
type Slots = (number: number) => ItemKey;

const slotItem = v.object({ sk: v.string(), expiresAt: storedNumber });

/** A key may hold a slot in its workspace's limit, and a slot among its creator's keys. */
export interface SlotHolder {
  readonly workspace: string;
  readonly createdBy: string | null;
  readonly slot: number | null;
  readonly memberSlot?: number | undefined;
}

/** The slots that a key holds. Keys that were issued before members' keys were bounded hold no slot of their creator. */
export function slotsOf({ workspace, createdBy, slot, memberSlot }: SlotHolder) {
  return {
    ofWorkspace: slot === null ? null : slotKey(workspace, slot),
    ofMember:
      createdBy === null || memberSlot === undefined ? null : memberSlotKey(workspace, createdBy, memberSlot),
  };
}

export function heldSlots(holder: SlotHolder): ItemKey[] {
  return Object.values(slotsOf(holder)).filter((slot) => slot !== null);
}

/** Picks any slot, free or not: the bound is seldom near, and taking the slot finds out. */
export function randomSlot(bound: number): number {
  return Math.floor(Math.random() * bound);
}

/**
 * Picks a free slot at random, so that many who issue at once do not all want the first.
 * @param now Unix seconds.
 * @returns `undefined` when all are taken.
 */
export async function findFreeSlot(...asked: Parameters<typeof findFreeSlots>): Promise<number | undefined> {
  const free = await findFreeSlots(...asked);
  return free[randomSlot(free.length)];
}

/** Finds all free slots, in their order. @param now Unix seconds. */
export async function findFreeSlots(
  { client, records }: RecordTable,
  slots: Slots,
  { bound, now }: { readonly bound: number; readonly now: number },
): Promise<number[]> {
  const { pk, sk } = slots(0);
  const prefix = sk.slice(0, -1);
  const taken = new Set<number>();
  for await (const items of queryAll(client, { table: records, pk, prefix, order: 'ascending' }))
    for (const item of items) {
      const slot = parseItem(slotItem, item, 'slot');
      if (!isExpired(slot.expiresAt, now)) taken.add(Number(slot.sk.slice(prefix.length)));
    }
  return Array.from({ length: bound }, (_, number) => number).filter((number) => !taken.has(number));
}

interface Holding {
  readonly key: ItemKey;
  /** The id of the credential. */
  readonly keyId: string;
  /** Unix seconds. */
  readonly expiresAt: number | null;
  /** Of the credential. A slot is never set back to an older version. */
  readonly version: number;
}

/** The part of a transaction that takes a slot. @param now Unix seconds. */
export function takeSlotPart(
  { records }: Pick<RecordTable, 'records'>,
  { key, keyId, expiresAt, version }: Holding,
  now: number,
) {
  return {
    Put: {
      TableName: records,
      Item: { ...key, keyId, expiresAt, version },
      // A slot without an end is never free: `null` is not a number, so the comparison does not hold.
      ConditionExpression: 'attribute_not_exists(pk) OR expiresAt <= :now',
      ExpressionAttributeValues: { ':now': now },
    },
  };
}

/** The part of a transaction that moves the end of a slot. It fails when another credential has taken the slot over. */
export function keepSlotPart(
  { records }: Pick<RecordTable, 'records'>,
  { key, keyId, expiresAt, version }: Holding,
) {
  return {
    Update: {
      TableName: records,
      Key: { ...key },
      UpdateExpression: 'SET expiresAt = :expiresAt, version = :version',
      ConditionExpression: 'keyId = :keyId AND version <= :version',
      ExpressionAttributeValues: { ':keyId': keyId, ':expiresAt': expiresAt, ':version': version },
    },
  };
}

/** The deletion that frees a slot. Its condition fails when another credential has taken the slot over. */
export function slotDeletion({ records }: Pick<RecordTable, 'records'>, key: ItemKey, keyId: string) {
  return {
    TableName: records,
    Key: { ...key },
    ConditionExpression: 'keyId = :keyId',
    ExpressionAttributeValues: { ':keyId': keyId },
  };
}
