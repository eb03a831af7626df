import type { MemberPage, MemberQuery } from '../../core/member-store.ts';
import { toMember, toMemberItem } from './member-item.ts';
import { queryAll, queryPage } from './query-pages.ts';
import { memberKey, type Tables, userWorkspaceKey } from './tables.ts';

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
