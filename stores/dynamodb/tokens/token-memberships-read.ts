import { QueryCommand } from '@aws-sdk/lib-dynamodb';
import * as v from 'valibot';
import { lowerRole, ROLES } from '../../../core/access/role.ts';
import { readOrUnavailable } from '../table/contention.ts';
import { type Document, documentClient, readDocuments } from '../table/documents.ts';
import { parseItem, storedRole } from '../table/parsed-item.ts';
import { memberKey, type RecordTable, userKey, userWorkspaceKey } from '../table/tables.ts';
import type { TokenMembership } from './token-source.ts';

/** The memberships of a user, as they were at one moment. */
export interface UserMemberships {
  /** Of the user's own item. It grows when a membership is added, changed or removed. */
  readonly version: number;
  readonly memberships: readonly TokenMembership[];
}

const WORKSPACE_PREFIX = userWorkspaceKey('', '').sk;

/** Reads all memberships of a user, strongly consistent: two operations for up to a hundred workspaces. */
export async function readMemberships(tables: RecordTable, userId: string): Promise<UserMemberships> {
  const items = await readUser(tables, userId);
  const slugs = items.flatMap(({ sk }) =>
    String(sk).startsWith(WORKSPACE_PREFIX) ? [String(sk).slice(WORKSPACE_PREFIX.length)] : [],
  );
  return { version: versionOf(items), memberships: await membershipsIn(tables, userId, slugs) };
}

/**
 * As {@link readMemberships}, but only in the named workspaces. It reads the user's version before the memberships. If a
 * membership changes in between, the version is outdated, and a write that requires it fails.
 */
export async function readMembershipsIn(
  tables: RecordTable,
  userId: string,
  slugs: readonly string[],
): Promise<UserMemberships> {
  const version = versionOf(await readUser(tables, userId, 1));
  return { version, memberships: await membershipsIn(tables, userId, slugs) };
}

const user = v.object({ version: v.number() });

/** @returns 0 for a user who has never been a member of any workspace. */
function versionOf(items: readonly Document[]): number {
  const item = items.find(({ sk }) => sk === userKey('').sk);
  return item === undefined ? 0 : parseItem(user, item, 'user').version;
}

async function membershipsIn({ client, records }: RecordTable, userId: string, slugs: readonly string[]) {
  const keys = slugs.map((slug) => memberKey(slug, userId));
  const members = await readDocuments(client, { table: records, keys });
  return members.flatMap((member) => membershipOf(member) ?? []);
}

/**
 * Reads the user's item and the items of their workspaces behind it. Their tokens sort before both, and are left out. A page
 * holds hundreds of such items, more than any token can be bound to.
 */
async function readUser({ client, records }: RecordTable, userId: string, limit?: number) {
  const { pk, sk } = userKey(userId);
  const command = new QueryCommand({
    TableName: records,
    KeyConditionExpression: 'pk = :pk AND sk >= :sk',
    ExpressionAttributeValues: { ':pk': pk, ':sk': sk },
    ConsistentRead: true,
    Limit: limit,
  });
  const { Items = [] } = await readOrUnavailable(() => documentClient(client).send(command));
  return Items;
}

const member = v.object({
  workspace: v.string(),
  role: v.optional(storedRole),
  pendingRole: v.optional(v.picklist([...ROLES, 'none'])),
  version: v.number(),
});

/** @returns what a token may carry of a membership: while its member is being lowered, no more than the lower role. */
function membershipOf(item: Document): TokenMembership | undefined {
  const { workspace: slug, role, pendingRole = role, version } = parseItem(member, item, 'member');
  if (role === undefined || pendingRole === undefined || pendingRole === 'none') return undefined;
  return { slug, role: lowerRole(role, pendingRole), version };
}
