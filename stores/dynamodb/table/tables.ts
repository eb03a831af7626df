import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import type { EventRetention } from '../../../core/audit/event-store.ts';
import type { SecretLocator } from '../../../core/credential/secret.ts';

/** The tables that functions reach, and the client that does. What a function may do with each is up to its role. */
export interface Tables {
  readonly client: DynamoDBClient;
  /** Workspaces, members, keys as people see them. */
  readonly records: string;
  /** What verification reads and writes. */
  readonly secrets: string;
  /** The audit log: items are put, never changed. */
  readonly events: string;
  /**
   * For how long events are kept that are written from now on.
   * @default forever
   */
  readonly eventRetention?: EventRetention;
}

/** All tables, as the operator's command line reaches them. */
export interface OperatorTables extends Tables {
  /**
   * Management keys: as people see them, and their secrets. No function but the authorizer of the management API reaches it, so
   * that no code of a product can make one.
   */
  readonly managementKeys: string;
}

/** The sparse index of the records that have a change under way. */
export const PENDING_INDEX = 'pending';
export const PENDING = 'pending';

/** Keys of the items in `records`. */
export const workspaceKey = (slug: string) => ({ pk: `WS#${slug}`, sk: 'WORKSPACE' });
export const memberKey = (slug: string, userId: string) => ({ pk: `WS#${slug}`, sk: `MEMBER#${userId}` });
export const keyKey = (slug: string, id: string) => ({ pk: `WS#${slug}`, sk: `KEY#${id}` });
/** The slots of active credentials: a workspace's, a member's in one workspace, and a user's for tokens. */
export const placeKey = (slug: string, place: number) => ({ pk: `WS#${slug}`, sk: `PLACE#${place}` });
export const memberPlaceKey = (slug: string, userId: string, place: number) => ({
  pk: `WS#${slug}#MEMBER#${userId}`,
  sk: `PLACE#${place}`,
});
export const userPlaceKey = (userId: string, place: number) => ({
  pk: `USER#${userId}`,
  sk: `PLACE#${place}`,
});
/**
 * One item for each key that was issued in a member's name, in the transaction that issues it: what a change of their role
 * has to reach, and what they see of a workspace's keys.
 */
export const memberKeyKey = (slug: string, userId: string, keyId: string) => ({
  pk: `WS#${slug}#MEMBER#${userId}`,
  sk: `KEY#${keyId}`,
});
/** What a user is in: one item for each workspace, and one whose version grows whenever those items change. */
export const userKey = (userId: string) => ({ pk: `USER#${userId}`, sk: 'USER' });
export const userWorkspaceKey = (userId: string, slug: string) => ({
  pk: `USER#${userId}`,
  sk: `WS#${slug}`,
});
export const tokenKey = (userId: string, id: string) => ({ pk: `USER#${userId}`, sk: `TOKEN#${id}` });
/** An invitation twice: where its workspace lists it, and where whoever has the address finds it, one for each workspace. */
export const invitationKey = (slug: string, id: string) => ({ pk: `WS#${slug}`, sk: `INVITATION#${id}` });
export const addressInvitationKey = (email: string, slug: string) => ({
  pk: `EMAIL#${email}`,
  sk: `WS#${slug}`,
});

/** Keys of the items in `managementKeys`. A secret's is its {@link secretKey}; a digest is longer than `OPERATOR`. */
export const managementKeyKey = (id: string) => ({ pk: 'OPERATOR', sk: `KEY#${id}` });

/** Keys of the items in `events`: the events, and what keeps refusals that are alike from being written each. */
export const eventKey = (log: string, id: string) => ({ pk: `WS#${log}`, sk: id });
export const occasionKey = (id: string) => ({ pk: `REFUSED#${id}`, sk: 'REFUSED' });

/**
 * Keys of the items in `secrets`. A token has one item, and one more for each workspace that its user is in. Secrets that
 * are kept as bcrypt share the partition of their look-up prefix, each in its place: a digest in base64url holds no `#`.
 */
export function secretKey(locator: SecretLocator) {
  const end = locator.lastIndexOf('#');
  if (end === -1) return { pk: locator, sk: 'KEY' };
  return { pk: locator.slice(0, end), sk: `KEY#${locator.slice(end + 1)}` };
}
/** The locator of the secret that an item is of: the way back from {@link secretKey}. */
export function locatorOf({ pk, sk }: { readonly pk: string; readonly sk: string }): SecretLocator {
  return (sk === 'KEY' ? pk : `${pk}#${sk.slice('KEY#'.length)}`) as SecretLocator;
}
/** The place of a secret that is kept as bcrypt, from the sort key of its item. */
export function placeOf(sk: string): number {
  const place = /^KEY#(\d)$/.exec(sk)?.[1];
  if (place === undefined)
    throw new Error(`An item under a look-up prefix has "${sk}" in place of KEY# and a place.`);
  return Number(place);
}
export const prefixKey = (lookupPrefix: string) => `PREFIX#${lookupPrefix}`;
export const tokenSecretKey = (locator: SecretLocator) => ({ pk: locator, sk: 'TOKEN' });
export const tokenWorkspaceKey = (locator: SecretLocator, slug: string) => ({
  pk: locator,
  sk: `WS#${slug}`,
});
