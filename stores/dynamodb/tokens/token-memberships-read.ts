import { QueryCommand } from '@aws-sdk/client-dynamodb';
import { unmarshall } from '@aws-sdk/util-dynamodb';
import { lowerRole, ROLES, type Role } from '../../../core/access/role.ts';
import { toValues } from '../keys/key-item.ts';
import { readItems } from '../table/batch-read.ts';
import { reading } from '../table/contention.ts';
import { memberKey, type Tables, userKey, userWorkspaceKey } from '../table/tables.ts';
import type { Membership } from './token-secret-item.ts';

type RecordTable = Pick<Tables, 'client' | 'records'>;

/** What a user is in, as it was at one moment. */
export interface UserMemberships {
  /** Of the user's own item: grows whenever a membership comes or goes. */
  readonly version: number;
  readonly memberships: readonly Membership[];
}

const WORKSPACE_PREFIX = userWorkspaceKey('', '').sk;

/** Where a user belongs, and as what, strongly consistent: two operations for up to a hundred workspaces. */
export async function readMemberships(tables: RecordTable, userId: string): Promise<UserMemberships> {
  const items = await readUser(tables, userId);
  const slugs = items.flatMap(({ sk }) =>
    String(sk).startsWith(WORKSPACE_PREFIX) ? [String(sk).slice(WORKSPACE_PREFIX.length)] : [],
  );
  return { version: versionOf(items), memberships: await membershipsIn(tables, userId, slugs) };
}

/**
 * As {@link readMemberships}, in the workspaces named alone and in no other, however many there are. The user is read before
 * the memberships: what changes in between makes the version one that is no longer theirs.
 */
export async function readMembershipsIn(
  tables: RecordTable,
  userId: string,
  slugs: readonly string[],
): Promise<UserMemberships> {
  const version = versionOf(await readUser(tables, userId, 1));
  return { version, memberships: await membershipsIn(tables, userId, slugs) };
}

function versionOf(items: readonly Record<string, unknown>[]): number {
  return Number(items.find(({ sk }) => sk === userKey('').sk)?.version ?? 0);
}

async function membershipsIn({ client, records }: RecordTable, userId: string, slugs: readonly string[]) {
  const keys = slugs.map((slug) => memberKey(slug, userId));
  const members = await readItems(client, { table: records, keys });
  return members.map((item) => unmarshall(item)).flatMap((member) => membershipOf(member) ?? []);
}

/**
 * The user's item and those of their workspaces behind it; their tokens, which sort before both, are left out. A page holds
 * hundreds of such items, more than any token can be bound to.
 */
async function readUser({ client, records }: RecordTable, userId: string, limit?: number) {
  const { pk, sk } = userKey(userId);
  const { Items = [] } = await reading(() =>
    client.send(
      new QueryCommand({
        TableName: records,
        KeyConditionExpression: 'pk = :pk AND sk >= :sk',
        ExpressionAttributeValues: toValues({ ':pk': pk, ':sk': sk }),
        ConsistentRead: true,
        Limit: limit,
      }),
    ),
  );
  return Items.map((item) => unmarshall(item));
}

/** While a member is being lowered they are no more than what they will be; whoever is being removed is none. */
function membershipOf(member: Record<string, unknown>): Membership | undefined {
  const known = (value: unknown): Role | undefined => ROLES.find((role) => role === value);
  const role = known(member.role);
  const pendingRole = member.pendingRole === undefined ? role : known(member.pendingRole);
  if (role === undefined || pendingRole === undefined) return undefined;
  const { workspace, version } = member;
  return { slug: String(workspace), role: lowerRole(role, pendingRole), version: Number(version) };
}
