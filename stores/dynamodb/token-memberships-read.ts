import { QueryCommand } from '@aws-sdk/client-dynamodb';
import { unmarshall } from '@aws-sdk/util-dynamodb';
import { lowerRole, ROLES, type Role } from '../../core/role.ts';
import { readItems } from './batch-read.ts';
import { reading } from './contention.ts';
import { toValues } from './key-item.ts';
import { memberKey, type Tables, userKey, userWorkspaceKey } from './tables.ts';
import type { Membership } from './token-secret-item.ts';

type RecordTable = Pick<Tables, 'client' | 'records'>;

/** What a user is in, as it was at one moment. */
export interface UserMemberships {
  /** Of the user's own item: grows whenever a membership comes or goes. */
  readonly version: number;
  readonly memberships: readonly Membership[];
}

const WORKSPACE_PREFIX = userWorkspaceKey('', '').sk;

/** Where a user belongs, and as what, strongly consistent: two operations, whatever the number of workspaces. */
export async function readMemberships(tables: RecordTable, userId: string): Promise<UserMemberships> {
  const items = await readUser(tables, userId);
  const slugs = items.flatMap(({ sk }) =>
    String(sk).startsWith(WORKSPACE_PREFIX) ? [String(sk).slice(WORKSPACE_PREFIX.length)] : [],
  );
  const members = await readItems(tables.client, {
    table: tables.records,
    keys: slugs.map((slug) => memberKey(slug, userId)),
  });
  return {
    version: Number(items.find(({ sk }) => sk === userKey(userId).sk)?.version ?? 0),
    memberships: members.map((item) => unmarshall(item)).flatMap((member) => membershipOf(member) ?? []),
  };
}

/**
 * The user's item and those of their workspaces; their tokens, which sort before both, are left out. A page holds thousands
 * of such items, more than any token can be bound to.
 */
async function readUser({ client, records }: RecordTable, userId: string) {
  const { pk, sk } = userKey(userId);
  const { Items = [] } = await reading(() =>
    client.send(
      new QueryCommand({
        TableName: records,
        KeyConditionExpression: 'pk = :pk AND sk >= :sk',
        ExpressionAttributeValues: toValues({ ':pk': pk, ':sk': sk }),
        ConsistentRead: true,
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
