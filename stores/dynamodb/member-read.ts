import type { MemberPage, MemberQuery } from '../../core/member-store.ts';
import { memberKeyIdOf } from './key-read.ts';
import { type MemberAddress, toMember, toMemberItem } from './member-item.ts';
import { queryAll, queryPage } from './query-pages.ts';
import { memberKey, memberKeyKey, type Tables, userWorkspaceKey } from './tables.ts';

type RecordTable = Pick<Tables, 'client' | 'records'>;

/** In the order of their ids. A page is short where members were removed. */
export async function listMembers(
  { client, records }: RecordTable,
  { workspace, limit, after }: MemberQuery,
): Promise<MemberPage> {
  const { pk, sk: prefix } = memberKey(workspace, '');
  const { items, isLast } = await queryPage(client, {
    ...{ table: records, pk, prefix, order: 'ascending', limit },
    after: after === undefined ? undefined : memberKey(workspace, after).sk,
  });
  const page = items.map(toMemberItem);
  return {
    members: page.flatMap((item) => toMember(item) ?? []),
    next: isLast ? null : (page.at(-1)?.userId ?? null),
  };
}

export async function workspacesOf({ client, records }: RecordTable, userId: string): Promise<string[]> {
  const { pk, sk: prefix } = userWorkspaceKey(userId, '');
  const slugs: string[] = [];
  for await (const items of queryAll(client, { table: records, pk, prefix, order: 'ascending' }))
    slugs.push(...items.map(({ sk }) => sk?.S?.slice(prefix.length) ?? ''));
  return slugs;
}

/** The ids of the keys that were issued in a member's name before they were at their version, newest first. */
export async function memberKeyIds(
  { client, records }: RecordTable,
  { workspace, userId, version }: MemberAddress & { readonly version: number },
): Promise<string[]> {
  const { pk, sk: prefix } = memberKeyKey(workspace, userId, '');
  const ids: string[] = [];
  for await (const items of queryAll(client, { table: records, pk, prefix, order: 'descending' }))
    ids.push(...items.filter(({ memberVersion }) => Number(memberVersion?.N) < version).map(memberKeyIdOf));
  return ids;
}
