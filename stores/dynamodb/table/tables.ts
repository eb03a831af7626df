import type { AttributeValue, DynamoDBClient } from '@aws-sdk/client-dynamodb';
import type { EventRetention } from '../../../core/audit/event-store.ts';

/** The tables that functions reach, and the client that reaches them. A function's role says what it may do with each. */
export interface Tables {
  readonly client: DynamoDBClient;
  /** Workspaces, members, keys as people see them. */
  readonly records: string;
  /** What verification reads and writes. */
  readonly secrets: string;
  /** The audit log. Items are put there and never changed. */
  readonly events: string;
  /**
   * How long events are kept that are written from now on.
   * @default forever
   */
  readonly eventRetention?: EventRetention | undefined;
}

export type RecordTable = Pick<Tables, 'client' | 'records'>;

/** All tables, as the operator's command line reaches them. */
export interface OperatorTables extends Tables {
  /**
   * Management keys: their records and their secrets. Only the authorizer of the management API reaches this table, so no code
   * of a product can make such a key.
   */
  readonly managementKeys: string;
}

/** An item in DynamoDB's own notation. Secrets and backups are read and written in it. */
export type Item = Record<string, AttributeValue>;

/** The primary key of an item. */
export interface ItemKey {
  readonly pk: string;
  readonly sk: string;
}

/** The sparse index of the records that have a change under way. */
export const PENDING_INDEX = 'pending';
export const PENDING = 'pending';

/** Keys of the items in `records`. */
export const workspaceKey = (slug: string) => ({ pk: `WS#${slug}`, sk: 'WORKSPACE' });
export const memberKey = (slug: string, userId: string) => ({ pk: `WS#${slug}`, sk: `MEMBER#${userId}` });
export const keyKey = (slug: string, id: string) => ({ pk: `WS#${slug}`, sk: `KEY#${id}` });

/** Slots of active credentials: those of a workspace, of a member in one workspace, and of a user's tokens. */
export const slotKey = (slug: string, slot: number) => ({ pk: `WS#${slug}`, sk: `PLACE#${slot}` });
export const memberSlotKey = (slug: string, userId: string, slot: number) => ({
  pk: `WS#${slug}#MEMBER#${userId}`,
  sk: `PLACE#${slot}`,
});
export const userSlotKey = (userId: string, slot: number) => ({ pk: `USER#${userId}`, sk: `PLACE#${slot}` });

/**
 * One item for each key that was issued in a member's name, written by the transaction that issues it. A change of the
 * member's role has to reach these keys, and a member who does not see all keys of the workspace sees these.
 */
export const memberKeyKey = (slug: string, userId: string, keyId: string) => ({
  pk: `WS#${slug}#MEMBER#${userId}`,
  sk: `KEY#${keyId}`,
});

/** One item for each key that has an external id: a list by that id reads its keys, and no others. */
export const externalIdKey = (slug: string, externalId: string, keyId: string) => ({
  pk: `EXTERNAL#${slug}#${externalId}`,
  sk: `KEY#${keyId}`,
});

/** A user: one item for each of their workspaces, and one whose version grows whenever those items change. */
export const userKey = (userId: string) => ({ pk: `USER#${userId}`, sk: 'USER' });
export const userWorkspaceKey = (userId: string, slug: string) => ({
  pk: `USER#${userId}`,
  sk: `WS#${slug}`,
});
export const tokenKey = (userId: string, id: string) => ({ pk: `USER#${userId}`, sk: `TOKEN#${id}` });

/** An invitation has two items: its workspace lists one, and its addressee finds the other, one for each workspace. */
export const invitationKey = (slug: string, id: string) => ({ pk: `WS#${slug}`, sk: `INVITATION#${id}` });
export const addressInvitationKey = (email: string, slug: string) => ({
  pk: `EMAIL#${email}`,
  sk: `WS#${slug}`,
});

/** What a request with an `Idempotency-Key` did. The id is a digest. */
export const requestKey = (id: string) => ({ pk: `REQUEST#${id}`, sk: 'REQUEST' });

/** Keys of the records in `managementKeys`. The key of a secret is a digest, which is longer than `OPERATOR`. */
export const managementKeyKey = (id: string) => ({ pk: 'OPERATOR', sk: `KEY#${id}` });

/** Keys of the items in `events`: the events, and the items that keep refusals of the same kind from being written each. */
export const eventKey = (log: string, id: string) => ({ pk: `WS#${log}`, sk: id });
export const occasionKey = (id: string) => ({ pk: `REFUSED#${id}`, sk: 'REFUSED' });
