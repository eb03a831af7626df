import type { MemberPage, MemberQuery } from '../../../core/management/member-store.ts';
import { fillPage } from '../table/filled-page.ts';
import { queryAll } from '../table/query-pages.ts';
import { memberKey, type Tables, userWorkspaceKey } from '../table/tables.ts';
import { toMember, toMemberItem } from './member-item.ts';

type RecordTable = Pick<Tables, 'client' | 'records'>;

/** In the order of their ids. */
export async function listMembers(
  { client, records: table }: RecordTable,
  { workspace, limit, after }: MemberQuery,
): Promise<MemberPage> {
  const { pk, sk: prefix } = memberKey(workspace, '');
  const query = { table, pk, prefix, order: 'ascending', limit, after } as const;
  const { found, next } = await fillPage(client, query, (items) =>
    items.map((item) => toMember(toMemberItem(item))),
  );
  return { members: found, next };
}

export async function listWorkspacesOf({ client, records }: RecordTable, userId: string): Promise<string[]> {
  const { pk, sk: prefix } = userWorkspaceKey(userId, '');
  const slugs: string[] = [];
  for await (const items of queryAll(client, { table: records, pk, prefix, order: 'ascending' }))
    slugs.push(...items.map(({ sk }) => sk?.S?.slice(prefix.length) ?? ''));
  return slugs;
}
