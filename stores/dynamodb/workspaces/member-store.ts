import type {
  MemberPage,
  MemberQuery,
  MemberStore,
  RoleCopies,
} from '../../../core/management/member-store.ts';
import type { ChangeFinisher } from '../table/intent.ts';
import { fillPage, queryAll, sortKeyOf } from '../table/query-pages.ts';
import { memberKey, type RecordTable, userWorkspaceKey } from '../table/tables.ts';
import { putMember, removeMember } from './member-change.ts';
import { readMemberItem, removedAtOf, toMember, toMemberItem } from './member-item.ts';

/** Members on DynamoDB. */
export function dynamoMemberStore(finisher: ChangeFinisher, copies: RoleCopies): MemberStore {
  const keeper = { ...finisher, copies };
  return {
    list: (query) => listMembers(finisher.tables, query),
    put: (change) => putMember(keeper, change),
    remove: (change) => removeMember(keeper, change),
    async getFormerMembership(workspace, userId) {
      const item = await readMemberItem(finisher.tables, { workspace, userId });
      return { removedAt: removedAtOf(item), version: item?.version ?? 0 };
    },
    listWorkspacesOf: (userId) => listWorkspacesOf(finisher.tables, userId),
  };
}

/** Lists members in the order of their ids. */
async function listMembers(
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

async function listWorkspacesOf({ client, records }: RecordTable, userId: string): Promise<string[]> {
  const { pk, sk: prefix } = userWorkspaceKey(userId, '');
  const slugs: string[] = [];
  for await (const items of queryAll(client, { table: records, pk, prefix, order: 'ascending' }))
    slugs.push(...items.map((item) => sortKeyOf(item)?.slice(prefix.length) ?? ''));
  return slugs;
}
