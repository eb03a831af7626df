import { isExpired } from '../../../core/credential/credential-type.ts';
import { numberOf } from '../secrets/secret-item.ts';
import { queryAll } from '../table/query-pages.ts';
import { memberPlaceKey, placeKey, type Tables } from '../table/tables.ts';
import { toItem, toValues } from './key-item.ts';

/**
 * A bound on active credentials is held by numbered slots, each an item of its own: issuing takes one in the same
 * transaction, so that no count can be wrong. A slot whose credential has expired may be taken over.
 */
export interface SlotKey {
  readonly pk: string;
  readonly sk: string;
}

/** The slots of one owner, by their numbers. */
export type Slots = (number: number) => SlotKey;

type RecordTable = Pick<Tables, 'client' | 'records'>;

/** What a key holds: a slot of its workspace's limit, where there is one, and a slot of its creator's. */
export interface SlotHolder {
  readonly workspace: string;
  readonly createdBy: string | null;
  readonly place: number | null;
  readonly memberPlace?: number | undefined;
}

/** Keys that were issued before members' keys were bounded hold no slot of their creator. */
export function heldSlots({ workspace, createdBy, place, memberPlace }: SlotHolder): SlotKey[] {
  const ofWorkspace = place === null ? [] : [placeKey(workspace, place)];
  if (createdBy === null || memberPlace === undefined) return ofWorkspace;
  return [...ofWorkspace, memberPlaceKey(workspace, createdBy, memberPlace)];
}

/** Picks any slot without looking whether it is free: a bound is seldom near, and taking it finds out. */
export function randomSlot(bound: number): number {
  return Math.floor(Math.random() * bound);
}

/**
 * Picks a slot that is free at this moment, at random, so that many who issue at once do not all want the first.
 * @param now Unix seconds.
 * @returns `undefined` when all are taken.
 */
export async function findFreeSlot(
  { client, records }: RecordTable,
  slots: Slots,
  { bound, now }: { readonly bound: number; readonly now: number },
): Promise<number | undefined> {
  const { pk, sk } = slots(0);
  const prefix = sk.slice(0, -1);
  const taken = new Set<number>();
  for await (const items of queryAll(client, { table: records, pk, prefix, order: 'ascending' }))
    for (const { sk: slot, expiresAt } of items)
      if (!isExpired(numberOf(expiresAt), now)) taken.add(Number(slot?.S?.slice(prefix.length)));
  const free = Array.from({ length: bound }, (_, number) => number).filter((number) => !taken.has(number));
  return free[randomSlot(free.length)];
}

interface Holding {
  readonly key: SlotKey;
  /** The id of the credential. */
  readonly keyId: string;
  /** Unix seconds. */
  readonly expiresAt: number | null;
  /** Of the credential: a slot is never set back to what an older version of it said. */
  readonly version: number;
}

/** The part of a transaction that takes a slot. @param now Unix seconds. */
export function takeSlot(
  { records }: Pick<Tables, 'records'>,
  { key, keyId, expiresAt, version }: Holding,
  now: number,
) {
  return {
    Put: {
      TableName: records,
      Item: toItem({ ...key, keyId, expiresAt, version }),
      // A slot without an end is never free: `null` is no number, so the comparison does not hold for it.
      ConditionExpression: 'attribute_not_exists(pk) OR expiresAt <= :now',
      ExpressionAttributeValues: toValues({ ':now': now }),
    },
  };
}

/** Fails when the key has lost its slot, as it does when it expired and another key took over, or is a newer one. */
export function keepSlot({ records }: Pick<Tables, 'records'>, { key, keyId, expiresAt, version }: Holding) {
  return {
    Update: {
      TableName: records,
      Key: toItem(key),
      UpdateExpression: 'SET expiresAt = :expiresAt, version = :version',
      ConditionExpression: 'keyId = :keyId AND version <= :version',
      ExpressionAttributeValues: toValues({ ':keyId': keyId, ':expiresAt': expiresAt, ':version': version }),
    },
  };
}

/** Frees a slot. Its condition fails where another credential has taken it over. */
export function freeSlot({ records }: Pick<Tables, 'records'>, key: SlotKey, keyId: string) {
  return {
    TableName: records,
    Key: toItem(key),
    ConditionExpression: 'keyId = :keyId',
    ExpressionAttributeValues: toValues({ ':keyId': keyId }),
  };
}
