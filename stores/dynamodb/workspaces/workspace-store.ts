import type { RoleCopies } from '../../../core/management/member-store.ts';
import type {
  CreateWorkspaceOutcome,
  NewWorkspace,
  WorkspaceStore,
} from '../../../core/management/workspace-store.ts';
import { putEvent } from '../audit/event-item.ts';
import { toItem } from '../keys/key-item.ts';
import type { Finisher } from '../keys/key-settle.ts';
import { failedConditions } from '../table/contention.ts';
import { workspaceKey } from '../table/tables.ts';
import { type MemberItem, putMemberItem, readMemberItem, toMember } from './member-item.ts';
import { propagateMember } from './member-propagation.ts';
import { enterWorkspace, noteMembership } from './membership.ts';
import { updateWorkspace } from './workspace-change.ts';
import { readWorkspaceItem, toWorkspace, type WorkspaceItem } from './workspace-item.ts';

/** @param copies where the role of the owner of a new workspace is copied to. */
export function dynamoWorkspaceStore(finisher: Finisher, copies: RoleCopies): WorkspaceStore {
  const { tables } = finisher;
  return {
    create: (asked) => createWorkspace(finisher, copies, asked),
    update: (change) => updateWorkspace(finisher, change),
    async get(slug) {
      const item = await readWorkspaceItem(tables, slug);
      return item && toWorkspace(item);
    },
    getMember: async (workspace, userId) => toMember(await readMemberItem(tables, { workspace, userId })),
  };
}

/** A workspace and its owner come together; the tokens that the owner has already reach it before it is answered. */
async function createWorkspace(
  finisher: Finisher,
  copies: RoleCopies,
  { workspace, ownerId, event }: NewWorkspace,
): Promise<CreateWorkspaceOutcome> {
  const { tables } = finisher;
  const { slug, createdAt } = workspace;
  const mark = { id: event.id, since: createdAt, copies: ['tokens'], kind: 'role' } as const;
  const owner: MemberItem = {
    ...{ workspace: slug, userId: ownerId, role: 'owner', createdAt, version: 1 },
    ...(copies.includes('tokens') && { pendingChange: mark }),
  };
  const item: WorkspaceItem = { ...workspace, owners: 1 };
  const failed = await failedConditions(tables.client, [
    {
      Put: {
        TableName: tables.records,
        Item: toItem({ ...item, ...workspaceKey(slug) }),
        ConditionExpression: 'attribute_not_exists(pk)',
      },
    },
    putMemberItem(tables, owner, undefined),
    enterWorkspace(tables, owner),
    noteMembership(tables, ownerId),
    putEvent(tables, { ...event, effect: { version: owner.version } }),
  ]);
  if (failed.length > 0) return { kind: 'slug_taken' };
  await propagateMember(finisher, owner);
  return { kind: 'created' };
}
