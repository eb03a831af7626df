import { paginateQuery, UpdateItemCommand } from '@aws-sdk/client-dynamodb';
import type { Role } from '../../../core/access/role.ts';
import type { SecretLocator } from '../../../core/credential/secret.ts';
import { REVOKED, updateIfPossible } from '../secrets/secret-change.ts';
import { tokenSecretKey, tokenWorkspaceKey, wireKey } from '../secrets/secret-key.ts';
import { runInParallel } from '../table/batches.ts';
import { readOrUnavailable, writeIfPossible } from '../table/contention.ts';
import type { Document } from '../table/documents.ts';
import { createTargetList, type Target, type TargetList } from '../table/propagation.ts';
import { queryPage } from '../table/query-pages.ts';
import { type ItemKey, type Tables, tokenKey } from '../table/tables.ts';
import { readToken, type TokenRecord } from './token-item.ts';
import { deletableAt, deletableWithToken } from './token-source.ts';

type TokenTables = Pick<Tables, 'client' | 'records' | 'secrets'>;

/** A role in one workspace, `none` for a former member, and the version of the membership that it belongs to. */
export interface Membership {
  readonly workspace: string;
  readonly userId: string;
  readonly role: Role | 'none';
  readonly version: number;
  /** The change that leads to it. `since`: Unix seconds. */
  readonly pendingChange?: { readonly since: number } | undefined;
}

/** How far the clocks of functions may differ when they decide what was revoked since a change began. Seconds. */
const CLOCK_SLACK_SECONDS = 300;

/**
 * Every token of a user, oldest first, as targets that are made to act with the user's role in one workspace. A token that
 * names other workspaces stays as it is: the workspaces that it names never change, so no race can bind it to one more. An
 * older role never overwrites a newer one. A revoked token stays revoked.
 */
export function tokenTargets(tables: TokenTables, membership: Membership): TargetList {
  const { client, records: table } = tables;
  const { userId } = membership;
  const { pk, sk: prefix } = tokenKey(userId, '');
  const query = { table, pk, prefix, order: 'ascending' } as const;
  const target = (item: Document): Target => ({
    id: String(item.sk).slice(prefix.length),
    change: () => changeToken(tables, readToken(item), membership),
  });
  return {
    ...createTargetList(client, query, (items) => items.map(target)),
    async get(id) {
      const item = await readTokenItem(tables, { userId, id });
      return item && target(item);
    },
  };
}

/** Reads one item by a query: the function that makes workspaces lists tokens, and may do nothing else with them. */
async function readTokenItem(
  { client, records: table }: TokenTables,
  { userId, id }: Pick<TokenRecord, 'userId' | 'id'>,
): Promise<Document | undefined> {
  const { pk, sk: prefix } = tokenKey(userId, id);
  const { items } = await queryPage(client, { table, pk, prefix, order: 'ascending', limit: 1 });
  return items[0];
}

/**
 * A revocation first marks its token as revoked, then ends the items that it finds. An item that is made here after the
 * revocation has looked is ended here: this reads the token again once it has made one. If a process dies before that, the
 * next one that goes on with the change does the same.
 */
async function changeToken(tables: TokenTables, token: TokenRecord, membership: Membership): Promise<void> {
  // A token that names no workspaces is its user's in all of them.
  if (token.workspaces !== null && !token.workspaces.includes(membership.workspace)) return;
  const { locator, revokedAt } = token;
  const key = tokenWorkspaceKey(locator, membership.workspace);
  if (revokedAt !== null) {
    const { since = Number.POSITIVE_INFINITY } = membership.pendingChange ?? {};
    if (revokedAt >= since - CLOCK_SLACK_SECONDS) await endMembership(tables, key, revokedAt);
    return;
  }
  if (!(await alignToken(tables, token, membership))) return;
  const item = await readTokenItem(tables, token);
  const revokedSince = item === undefined ? null : readToken(item).revokedAt;
  if (revokedSince !== null) await endMembership(tables, key, revokedSince);
}

/** @returns whether the token had nothing in this workspace before. */
async function alignToken(
  { client, secrets }: TokenTables,
  { locator, expiresAt }: TokenRecord,
  { workspace, role, version, pendingChange }: Membership,
): Promise<boolean> {
  const leftAt = role === 'none' ? pendingChange?.since : undefined;
  const deleteAt = leftAt === undefined ? deletableWithToken(expiresAt) : deletableAt(leftAt);
  const set = 'SET #role = :role, roleVersion = :version';
  const command = new UpdateItemCommand({
    TableName: secrets,
    Key: wireKey(tokenWorkspaceKey(locator, workspace)),
    UpdateExpression: deleteAt === undefined ? `${set} REMOVE deleteAt` : `${set}, deleteAt = :deleteAt`,
    ConditionExpression:
      'attribute_not_exists(ended) AND (attribute_not_exists(roleVersion) OR roleVersion < :version)',
    ExpressionAttributeNames: { '#role': 'role' },
    ExpressionAttributeValues: {
      ':role': { S: role },
      ':version': { N: String(version) },
      ...(deleteAt !== undefined && { ':deleteAt': { N: String(deleteAt) } }),
    },
    ReturnValues: 'ALL_OLD',
  });
  let isNew = false;
  // A condition that fails means that the token carries this version already, or a newer one, or was revoked.
  await writeIfPossible(async () => {
    const { Attributes } = await client.send(command);
    isNew = Attributes === undefined;
  });
  return isNew;
}

/** Ends the secret of a token for good. @param revokedAt Unix seconds. */
export async function revokeTokenSecret(
  table: TokenTables,
  locator: SecretLocator,
  revokedAt: number,
): Promise<void> {
  await updateIfPossible(table, tokenSecretKey(locator), {
    UpdateExpression: 'SET secretState = :revoked, deleteAt = :deleteAt',
    ConditionExpression: 'attribute_exists(pk)',
    ExpressionAttributeValues: {
      ':revoked': REVOKED.secretState,
      ':deleteAt': { N: String(deletableAt(revokedAt)) },
    },
  });
}

/**
 * Ends the items that say what a revoked token was in each workspace: they may be cleaned up, and never change again.
 * @param revokedAt Unix seconds. The token's record says it already.
 */
export async function endMemberships(
  tables: TokenTables,
  locator: SecretLocator,
  revokedAt: number,
): Promise<void> {
  const { client, secrets } = tables;
  const { pk, sk: prefix } = tokenWorkspaceKey(locator, '');
  const pages = paginateQuery(
    { client },
    {
      TableName: secrets,
      KeyConditionExpression: 'pk = :pk AND begins_with(sk, :prefix)',
      ExpressionAttributeValues: { ':pk': { S: pk }, ':prefix': { S: prefix } },
      ConsistentRead: true,
    },
  );
  const living: string[] = [];
  await readOrUnavailable(async () => {
    for await (const { Items = [] } of pages)
      for (const { sk, ended } of Items) if (ended === undefined) living.push(sk?.S ?? '');
  });
  await runInParallel(living, (sk) => endMembership(tables, { pk, sk }, revokedAt));
}

/** An item that is gone stays gone. */
async function endMembership(table: TokenTables, key: ItemKey, revokedAt: number): Promise<void> {
  await updateIfPossible(table, key, {
    UpdateExpression: 'SET ended = :ended, deleteAt = :deleteAt',
    ConditionExpression: 'attribute_exists(pk)',
    ExpressionAttributeValues: {
      ':ended': { BOOL: true },
      ':deleteAt': { N: String(deletableAt(revokedAt)) },
    },
  });
}
