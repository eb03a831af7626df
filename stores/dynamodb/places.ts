import { QueryCommand } from '@aws-sdk/client-dynamodb';
import { unmarshall } from '@aws-sdk/util-dynamodb';
import { reading } from './contention.ts';
import { toItem, toValues } from './key-item.ts';
import { placeKey, type Tables } from './tables.ts';

/**
 * A limit of active keys is held by numbered places, each an item of its own: issuing takes one in the same transaction,
 * so that no count can be wrong. A place whose key has expired may be taken over.
 */
type RecordTable = Pick<Tables, 'client' | 'records'>;

/** @returns the numbers of the places that are free at this moment; taking one may still meet another taker. */
export async function freePlaces({ client, records }: RecordTable, slug: string, count: number, now: number) {
  const { pk, sk } = placeKey(slug, 0);
  const { Items = [] } = await reading(() =>
    client.send(
      new QueryCommand({
        TableName: records,
        KeyConditionExpression: 'pk = :pk AND begins_with(sk, :place)',
        ExpressionAttributeValues: toValues({ ':pk': pk, ':place': sk.slice(0, -1) }),
        ConsistentRead: true,
      }),
    ),
  );
  const taken = Items.map((item) => unmarshall(item))
    .filter(({ expiresAt }) => expiresAt === null || expiresAt > now)
    .map(({ sk: place }) => Number(String(place).slice(sk.length - 1)));
  return Array.from({ length: count }, (_, place) => place).filter((place) => !taken.includes(place));
}

interface Holding {
  readonly slug: string;
  readonly place: number;
  readonly keyId: string;
  /** Unix seconds. */
  readonly expiresAt: number | null;
  /** Of the key: a place is never set back to what an older version of its key said. */
  readonly version: number;
}

export function takePlace({ records }: RecordTable, holding: Holding, now: number) {
  const { slug, place, keyId, expiresAt, version } = holding;
  return {
    Put: {
      TableName: records,
      Item: toItem({ ...placeKey(slug, place), keyId, expiresAt, version }),
      // A place without an end is never free: `null` is no number, so the comparison does not hold for it.
      ConditionExpression: 'attribute_not_exists(pk) OR expiresAt <= :now',
      ExpressionAttributeValues: toValues({ ':now': now }),
    },
  };
}

/** Fails when the key has lost its place, as it does when it expired and another key took over, or is a newer one. */
export function keepPlace({ records }: RecordTable, { slug, place, keyId, expiresAt, version }: Holding) {
  return {
    Update: {
      TableName: records,
      Key: toItem(placeKey(slug, place)),
      UpdateExpression: 'SET expiresAt = :expiresAt, version = :version',
      ConditionExpression: 'keyId = :keyId AND version <= :version',
      ExpressionAttributeValues: toValues({ ':keyId': keyId, ':expiresAt': expiresAt, ':version': version }),
    },
  };
}
