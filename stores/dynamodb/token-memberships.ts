import { UpdateItemCommand } from '@aws-sdk/client-dynamodb';
import type { Role } from '../../core/role.ts';
import { unlessRefused } from './contention.ts';
import { toItem, toValues } from './key-item.ts';
import type { MemberAddress } from './member-item.ts';
import { PAGE, type Target, type TargetList } from './propagation.ts';
import { countItems, queryPage } from './query-pages.ts';
import type { Item } from './secret-item.ts';
import type { StoredLocator } from './stored-locator.ts';
import { type Tables, tokenKey, tokenWorkspaceKey } from './tables.ts';

type TokenTables = Pick<Tables, 'client' | 'records' | 'secrets'>;

/** A role in one workspace, `none` for no longer, and the version of the membership that it belongs to. */
export interface Membership extends MemberAddress {
  readonly role: Role | 'none';
  readonly version: number;
}

/**
 * Every token of a user, to be made to act with their role in one workspace, oldest first. A token that names other
 * workspaces stays as it is: which it names is never changed, so that no race can bind it to one more. An older role never
 * overwrites a newer one.
 */
export function tokenTargets(tables: TokenTables, membership: Membership): TargetList {
  const { client, records: table } = tables;
  const { userId } = membership;
  const { pk, sk: prefix } = tokenKey(userId, '');
  const query = { table, pk, prefix, order: 'ascending' } as const;
  const behind = (id: string | null) => (id === null ? undefined : tokenKey(userId, id).sk);
  const target = (item: Item): Target => ({
    id: item.id?.S ?? '',
    change: async () => {
      const isRevoked = item.revokedAt?.N !== undefined;
      if (!isRevoked && item.locator?.S !== undefined && mayReach(item, membership.workspace))
        await alignToken(tables, item.locator.S as StoredLocator, membership);
    },
  });
  return {
    async page(after) {
      const { items, isLast } = await queryPage(client, { ...query, limit: PAGE, after: behind(after) });
      return { targets: items.map(target), next: isLast ? null : (items.at(-1)?.id?.S ?? null) };
    },
    async get(id) {
      const { items } = await queryPage(client, { ...query, prefix: tokenKey(userId, id).sk, limit: 1 });
      return items.map(target)[0];
    },
    count: (after) => countItems(client, { ...query, after: behind(after) }),
  };
}

/** A token that names no workspaces is its user's in all of them. */
function mayReach({ workspaces }: Item, slug: string): boolean {
  return workspaces?.L === undefined || workspaces.L.some(({ S }) => S === slug);
}

async function alignToken(
  { client, secrets }: TokenTables,
  locator: StoredLocator,
  { workspace, role, version }: Membership,
): Promise<void> {
  // A condition that fails means that the token carries this version already, or a newer one.
  await unlessRefused(() =>
    client.send(
      new UpdateItemCommand({
        TableName: secrets,
        Key: toItem(tokenWorkspaceKey(locator, workspace)),
        UpdateExpression: 'SET #role = :role, roleVersion = :version',
        ConditionExpression: 'attribute_not_exists(roleVersion) OR roleVersion < :version',
        ExpressionAttributeNames: { '#role': 'role' },
        ExpressionAttributeValues: toValues({ ':role': role, ':version': version }),
      }),
    ),
  );
}
