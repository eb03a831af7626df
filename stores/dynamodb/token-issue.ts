import type { TransactWriteItem } from '@aws-sdk/client-dynamodb';
import type { NewToken, TokenStore } from '../../core/token-store.ts';
import { Unavailable } from '../../core/unavailable.ts';
import { failedConditions, pause } from './contention.ts';
import { putEvent } from './event-item.ts';
import { toItem, toValues } from './key-item.ts';
import { queryAll } from './query-pages.ts';
import { storedLocator } from './stored-locator.ts';
import { type Tables, tokenKey, userKey } from './tables.ts';
import { writeToken } from './token-item.ts';
import { readMemberships, type UserMemberships } from './token-memberships-read.ts';
import { writeTokenSecret, writeTokenWorkspace } from './token-secret-item.ts';

/** A transaction takes 100 items: the record, the secret, the event, the user, and one for each workspace. */
const MOST_WORKSPACES = 80;

/**
 * Tokens that one user may have which were not revoked. Each has to be reached when their role changes, within one call: without
 * a bound, whoever has enough of them could not be lowered any more.
 */
const MOST_TOKENS = 500;

/** Memberships change rarely: meeting one that does several times in one call is not expected. */
const ATTEMPTS = 5;

/**
 * Issues a token in one transaction of new items. It requires that the user is in the workspaces they were found in, as
 * what they were: whoever changes a membership afterwards finds the token, so it is never more powerful than its user.
 */
export async function issueToken(
  tables: Tables,
  token: NewToken,
): Promise<Awaited<ReturnType<TokenStore['issue']>>> {
  if ((await countTokens(tables, token.token.userId)) >= MOST_TOKENS) return 'too_many_tokens';
  for (let attempt = 1; attempt <= ATTEMPTS; attempt += 1) {
    const user = await readMemberships(tables, token.token.userId);
    if (user.memberships.length === 0) return 'no_member';
    if (user.memberships.length > MOST_WORKSPACES) return 'too_many_workspaces';
    const added = newItems(tables, token, user);
    const required = userUnchanged(tables, { userId: token.token.userId, version: user.version });
    const failed = await failedConditions(tables.client, [...added, required]);
    if (failed.length === 0) return 'issued';
    if (failed.some((index) => index < added.length))
      throw new Error('A new token met one of the same identity.');
    await pause(attempt);
  }
  throw new Unavailable("The user's memberships keep changing.");
}

/** Those that were not revoked. Many that are issued at once may exceed the bound by as many, which does no harm. */
async function countTokens({ client, records }: Tables, userId: string): Promise<number> {
  const { pk, sk: prefix } = tokenKey(userId, '');
  let count = 0;
  for await (const items of queryAll(client, { table: records, pk, prefix, order: 'ascending' }))
    count += items.filter(({ revokedAt }) => revokedAt?.N === undefined).length;
  return count;
}

function newItems(tables: Tables, token: NewToken, { memberships }: UserMemberships): TransactWriteItem[] {
  const locator = storedLocator(token.secret.locator);
  const put = (table: string, item: ReturnType<typeof toItem>) => ({
    Put: { TableName: table, Item: item, ConditionExpression: 'attribute_not_exists(pk)' },
  });
  return [
    put(tables.records, writeToken({ ...token.token, locator })),
    put(tables.secrets, writeTokenSecret(locator, token.token)),
    ...memberships.map((membership) => put(tables.secrets, writeTokenWorkspace(locator, membership))),
    putEvent(tables, token.event),
  ];
}

/** The user's version grows with every membership that comes, changes or goes. */
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
