import type { MemberStore, RoleCopies } from '../../../core/management/member-store.ts';
import type { Finisher } from '../keys/key-settle.ts';
import { putMember, removeMember } from './member-change.ts';
import { readMemberItem, removalOf } from './member-item.ts';
import { listMembers, listWorkspacesOf } from './member-read.ts';

/** Members on DynamoDB. */
export function dynamoMemberStore(finisher: Finisher, copies: RoleCopies): MemberStore {
  const keeper = { ...finisher, copies };
  return {
    list: (query) => listMembers(finisher.tables, query),
    put: (change) => putMember(keeper, change),
    remove: (change) => removeMember(keeper, change),
    async getFormerMembership(workspace, userId) {
      const item = await readMemberItem(finisher.tables, { workspace, userId });
      return { removedAt: removalOf(item), version: item?.version ?? 0 };
    },
    listWorkspacesOf: (userId) => listWorkspacesOf(finisher.tables, userId),
  };
}
