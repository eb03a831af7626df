import { UpdateItemCommand } from '@aws-sdk/client-dynamodb';
import type { Role } from '../../core/role.ts';
import { unlessRefused } from './contention.ts';
import { inParallel } from './in-parallel.ts';
import { toItem, toValues } from './key-item.ts';
import type { MemberAddress } from './member-item.ts';
import { queryAll } from './query-pages.ts';
import type { StoredLocator } from './stored-locator.ts';
import { type Tables, tokenKey, tokenWorkspaceKey } from './tables.ts';

type TokenTables = Pick<Tables, 'client' | 'records' | 'secrets'>;

/** A role in one workspace, `none` for no longer, and the version of the membership that it belongs to. */
export interface Membership extends MemberAddress {
  readonly role: Role | 'none';
  readonly version: number;
}

/** Makes every token of a user act with their role in one workspace. An older role never overwrites a newer one. */
export async function alignTokens(tables: TokenTables, membership: Membership): Promise<void> {
  const { pk, sk: prefix } = tokenKey(membership.userId, '');
  for await (const items of queryAll(tables.client, {
    ...{ table: tables.records, pk, prefix, order: 'ascending' },
  })) {
    const locators = items.flatMap(({ locator, revokedAt }) =>
      locator?.S === undefined || revokedAt?.N !== undefined ? [] : [locator.S as StoredLocator],
    );
    await inParallel(locators, (locator) => alignToken(tables, locator, membership));
  }
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
