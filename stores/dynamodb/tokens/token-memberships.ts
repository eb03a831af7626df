import { UpdateItemCommand } from '@aws-sdk/client-dynamodb';
import type { Role } from '../../../core/access/role.ts';
import type { SecretLocator } from '../../../core/credential/secret.ts';
import { assign, toItem, toValues } from '../keys/key-item.ts';
import { deletableAt } from '../keys/key-secrets.ts';
import { type Item, numberOf } from '../secrets/secret-item.ts';
import { unlessRefused } from '../table/contention.ts';
import { inParallel } from '../table/in-parallel.ts';
import { listedTargets } from '../table/listed-targets.ts';
import type { Target, TargetList } from '../table/propagation.ts';
import { queryAll, queryPage } from '../table/query-pages.ts';
import { type Tables, tokenKey, tokenWorkspaceKey } from '../table/tables.ts';
import type { MemberAddress } from '../workspaces/member-item.ts';
import { deletableWithToken } from './token-secret-item.ts';

type TokenTables = Pick<Tables, 'client' | 'records' | 'secrets'>;

/** A role in one workspace, `none` for no longer, and the version of the membership that it belongs to. */
export interface Membership extends MemberAddress {
  readonly role: Role | 'none';
  readonly version: number;
  /** The change that leads to it; since Unix seconds. */
  readonly pendingChange?: { readonly since: number } | undefined;
}

/** Functions whose clocks differ still agree on what was revoked since a change began. Seconds. */
const CLOCK_SLACK_SECONDS = 300;

/**
 * Every token of a user, to be made to act with their role in one workspace, oldest first. A token that names other
 * workspaces stays as it is: which it names is never changed, so that no race can bind it to one more. An older role never
 * overwrites a newer one. A token that was revoked stays as it was.
 */
export function tokenTargets(tables: TokenTables, membership: Membership): TargetList {
  const { client, records: table } = tables;
  const { userId } = membership;
  const { pk, sk: prefix } = tokenKey(userId, '');
  const query = { table, pk, prefix, order: 'ascending' } as const;
  const read = async (id: string) =>
    (await queryPage(client, { ...query, prefix: tokenKey(userId, id).sk, limit: 1 })).items[0];
  const target = (item: Item): Target => {
    const id = item.id?.S ?? '';
    const change = async () => {
      if (mayReach(item, membership.workspace))
        await changeToken(tables, { item, read: () => read(id) }, membership);
    };
    return { id, change };
  };
  return {
    ...listedTargets(client, query, (items) => items.map(target)),
    async get(id) {
      const item = await read(id);
      return item && target(item);
    },
  };
}

/** A token that names no workspaces is its user's in all of them. */
function mayReach({ workspaces }: Item, slug: string): boolean {
  return workspaces?.L === undefined || workspaces.L.some(({ S }) => S === slug);
}

/** A token's record as it was listed, and what reads it again. */
interface Listed {
  readonly item: Item;
  readonly read: () => Promise<Item | undefined>;
}

/**
 * A revocation ends the items that it finds once its token is marked as revoked. One that is made here after it has looked is
 * ended here: whoever made it looks at the token again, and so does who goes on for a process that died before it could.
 */
async function changeToken(tables: TokenTables, token: Listed, membership: Membership): Promise<void> {
  const locator = token.item.locator?.S as SecretLocator | undefined;
  if (locator === undefined) return;
  const workspaceKey = tokenWorkspaceKey(locator, membership.workspace);
  const revokedAt = numberOf(token.item.revokedAt);
  if (revokedAt !== null) {
    const { since = Number.POSITIVE_INFINITY } = membership.pendingChange ?? {};
    if (revokedAt >= since - CLOCK_SLACK_SECONDS) await endMembership(tables, workspaceKey, revokedAt);
    return;
  }
  const isNew = await alignToken(tables, { locator, expiresAt: numberOf(token.item.expiresAt) }, membership);
  const revokedSince = isNew ? numberOf((await token.read())?.revokedAt) : null;
  if (revokedSince !== null) await endMembership(tables, workspaceKey, revokedSince);
}

/** @returns whether the token had nothing in this workspace before. */
async function alignToken(
  { client, secrets }: TokenTables,
  { locator, expiresAt }: { readonly locator: SecretLocator; readonly expiresAt: number | null },
  { workspace, role, version, pendingChange }: Membership,
): Promise<boolean> {
  const leftAt = role === 'none' ? pendingChange?.since : undefined;
  const deleteAt = leftAt === undefined ? deletableWithToken(expiresAt) : deletableAt(leftAt);
  const { expression, names, values } = assign({ role, roleVersion: version, deleteAt });
  let isNew = false;
  // A condition that fails means that the token carries this version already, or a newer one, or was revoked.
  await unlessRefused(async () => {
    const { Attributes } = await client.send(
      new UpdateItemCommand({
        TableName: secrets,
        Key: toItem(tokenWorkspaceKey(locator, workspace)),
        UpdateExpression: expression,
        ConditionExpression:
          'attribute_not_exists(ended) AND (attribute_not_exists(#roleVersion) OR #roleVersion < :roleVersion)',
        ExpressionAttributeNames: names,
        ExpressionAttributeValues: toValues(values),
        ReturnValues: 'ALL_OLD',
      }),
    );
    isNew = Attributes === undefined;
  });
  return isNew;
}

/**
 * Lets what a revoked token was in each workspace be cleaned up, and keeps it from being changed any more.
 * @param revokedAt Unix seconds. The token's record says it already.
 */
export async function endMemberships(
  tables: TokenTables,
  locator: SecretLocator,
  revokedAt: number,
): Promise<void> {
  const { pk, sk: prefix } = tokenWorkspaceKey(locator, '');
  const query = { table: tables.secrets, pk, prefix, order: 'ascending' } as const;
  for await (const items of queryAll(tables.client, query)) {
    const living = items.filter(({ ended }) => ended === undefined);
    await inParallel(living, ({ sk }) => endMembership(tables, { pk, sk: sk?.S ?? '' }, revokedAt));
  }
}

/** One that is gone stays gone. */
async function endMembership(
  { client, secrets }: TokenTables,
  key: { readonly pk: string; readonly sk: string },
  revokedAt: number,
): Promise<void> {
  await unlessRefused(() =>
    client.send(
      new UpdateItemCommand({
        TableName: secrets,
        Key: toItem(key),
        UpdateExpression: 'SET ended = :ended, deleteAt = :deleteAt',
        ConditionExpression: 'attribute_exists(pk)',
        ExpressionAttributeValues: toValues({ ':ended': true, ':deleteAt': deletableAt(revokedAt) }),
      }),
    ),
  );
}
