import type { TransactWriteItem } from '@aws-sdk/client-dynamodb';
import {
  MOST_TOKEN_WORKSPACES,
  type PersonalAccessToken,
} from '../../../core/credential/personal-access-token.ts';
import { Contended } from '../../../core/errors/fault.ts';
import type { IssueTokenOutcome, NewToken } from '../../../core/management/token-store.ts';
import { putEvent } from '../audit/event-item.ts';
import { findFreeSlot, randomSlot, takeSlot } from '../keys/active-key-slots.ts';
import { toItem, toValues } from '../keys/key-item.ts';
import { failedConditions, pause } from '../table/contention.ts';
import { type Tables, userKey, userPlaceKey } from '../table/tables.ts';
import { writeToken } from './token-item.ts';
import { readMemberships, readMembershipsIn, type UserMemberships } from './token-memberships-read.ts';
import { writeTokenSecret, writeTokenWorkspace } from './token-secret-item.ts';

/** Tokens that one user may have active: each has to be reached when their role changes. */
const MOST_TOKENS = 500;

/** Memberships change rarely: meeting one that does several times in one call is not expected. */
const ATTEMPTS = 5;

/**
 * Issues a token in one transaction of new items. It requires that the user is in the workspaces they were found in, as
 * what they were: whoever changes a membership afterwards finds the token, so it is never more powerful than its user.
 */
export async function issueToken(tables: Tables, token: NewToken): Promise<IssueTokenOutcome> {
  const { userId } = token.token;
  let place: number | undefined = randomSlot(MOST_TOKENS);
  for (let attempt = 1; attempt <= ATTEMPTS; attempt += 1) {
    const user = await membershipsOf(tables, token.token);
    if (typeof user === 'string') return { kind: user };
    const added = newItems(tables, { ...token, place }, user);
    const required = userUnchanged(tables, { userId, version: user.version });
    const slot = takeTokenSlot(tables, token.token, place);
    const failed = await failedConditions(tables.client, [...added, required, slot]);
    if (failed.length === 0) return { kind: 'issued' };
    if (failed.some((index) => index < added.length))
      throw new Error('A new token met one of the same identity.');
    if (failed.includes(added.length + 1)) {
      place = await findTokenSlot(tables, token.token);
      if (place === undefined) return { kind: 'too_many_tokens' };
    }
    await pause(attempt);
  }
  throw new Contended("The user's memberships keep changing.");
}

/** What the token is to be bound to, and not more than a transaction takes. */
async function membershipsOf(
  tables: Tables,
  { userId, workspaces }: PersonalAccessToken,
): Promise<UserMemberships | 'no_member' | 'not_in_workspace' | 'too_many_workspaces'> {
  if (workspaces !== null) {
    const user = await readMembershipsIn(tables, userId, workspaces);
    if (user.version === 0) return 'no_member';
    return user.memberships.length < workspaces.length ? 'not_in_workspace' : user;
  }
  const user = await readMemberships(tables, userId);
  if (user.memberships.length === 0) return 'no_member';
  return user.memberships.length > MOST_TOKEN_WORKSPACES ? 'too_many_workspaces' : user;
}

function takeTokenSlot(tables: Tables, token: NewToken['token'], place: number): TransactWriteItem {
  const { userId, id: keyId, expiresAt, createdAt } = token;
  return takeSlot(tables, { key: userPlaceKey(userId, place), keyId, expiresAt, version: 1 }, createdAt);
}

function findTokenSlot(tables: Tables, { userId, createdAt: now }: NewToken['token']) {
  const slots = (number: number) => userPlaceKey(userId, number);
  return findFreeSlot(tables, slots, { bound: MOST_TOKENS, now });
}

function newItems(
  tables: Tables,
  token: NewToken & { readonly place: number },
  { memberships }: UserMemberships,
): TransactWriteItem[] {
  const locator = token.secret.locator;
  const put = (table: string, item: ReturnType<typeof toItem>) => ({
    Put: { TableName: table, Item: item, ConditionExpression: 'attribute_not_exists(pk)' },
  });
  return [
    put(tables.records, writeToken({ ...token.token, locator, place: token.place })),
    put(tables.secrets, writeTokenSecret(locator, token.token)),
    ...memberships.map((membership) =>
      put(tables.secrets, writeTokenWorkspace(locator, membership, token.token.expiresAt)),
    ),
    putEvent(tables, token.event),
  ];
}

/**
 * The user's version grows with every membership that comes, changes or goes. It is required though a token names its
 * workspaces: a role that changed in one of them since it was read would not find the token.
 */
function userUnchanged(
  { records }: Tables,
  { userId, version }: { readonly userId: string; readonly version: number },
): TransactWriteItem {
  return {
    ConditionCheck: {
      TableName: records,
      Key: toItem(userKey(userId)),
      ConditionExpression: 'version = :version',
      ExpressionAttributeValues: toValues({ ':version': version }),
    },
  };
}
