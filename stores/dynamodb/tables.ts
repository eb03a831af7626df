import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';

/** The three tables and the client that reaches them. What a function may do with each is up to its role. */
export interface Tables {
  readonly client: DynamoDBClient;
  /** Workspaces, members, keys as people see them. */
  readonly records: string;
  /** What verification reads and writes. */
  readonly secrets: string;
  /** The audit log: items are put, never changed. */
  readonly events: string;
}

/** The sparse index of the records that have a change under way. */
export const PENDING_INDEX = 'pending';
export const PENDING = 'pending';

/** Keys of the items in `records`. */
export const workspaceKey = (slug: string) => ({ pk: `WS#${slug}`, sk: 'WORKSPACE' });
export const memberKey = (slug: string, userId: string) => ({ pk: `WS#${slug}`, sk: `MEMBER#${userId}` });
export const keyKey = (slug: string, id: string) => ({ pk: `WS#${slug}`, sk: `KEY#${id}` });
export const placeKey = (slug: string, place: number) => ({ pk: `WS#${slug}`, sk: `PLACE#${place}` });
export const managementKeyKey = (id: string) => ({ pk: 'OPERATOR', sk: `KEY#${id}` });

/** Keys of the items in `secrets`. The sort key leaves room for a credential that needs several items. */
export const secretKey = (locator: string) => ({ pk: locator, sk: 'KEY' });
