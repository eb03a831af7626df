import type { RoleCopies } from '../../../core/management/member-store.ts';
import type {
  CreateWorkspaceOutcome,
  NewWorkspace,
  WorkspaceStore,
} from '../../../core/management/workspace-store.ts';
import { putEventPart } from '../audit/event-store.ts';
import type { ChangeFinisher } from '../table/intent.ts';
import { workspaceKey } from '../table/tables.ts';
import { putNewPart, transact } from '../table/transaction.ts';
import { type MemberItem, putMemberPart, readMemberItem, toMember } from './member-item.ts';
import { propagateMember } from './member-propagation.ts';
import { enterWorkspacePart, noteMembershipPart } from './membership.ts';
import { updateWorkspace } from './workspace-change.ts';
import { readWorkspaceItem, toWorkspace, type WorkspaceItem } from './workspace-item.ts';

/**
 * Workspaces on DynamoDB.
 * @param copies where the role of a new workspace's owner is copied to.
 */
export function dynamoWorkspaceStore(finisher: ChangeFinisher, copies: RoleCopies): WorkspaceStore {
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

/** Makes a workspace together with its owner. The tokens that the owner has already work in it before this is answered. */
async function createWorkspace(
  finisher: ChangeFinisher,
  copies: RoleCopies,
  { workspace, ownerId, event }: NewWorkspace,
): Promise<CreateWorkspaceOutcome> {
  const { tables } = finisher;
  const { slug, createdAt } = workspace;
  const intent = { id: event.id, since: createdAt, copies: ['tokens'], kind: 'role' } as const;
  const owner: MemberItem = {
    workspace: slug,
    userId: ownerId,
    role: 'owner',
    createdAt,
    version: 1,
    pendingChange: copies.includes('tokens') ? intent : undefined,
  };
  const item: WorkspaceItem = { ...workspace, owners: 1 };
  const failed = await transact(tables.client, {
    workspace: putNewPart(tables.records, { ...item, ...workspaceKey(slug) }),
    owner: putMemberPart(tables, owner, undefined),
    entered: enterWorkspacePart(tables, owner),
    user: noteMembershipPart(tables, ownerId),
    event: putEventPart(tables, { ...event, effect: { version: owner.version } }),
  });
  if (failed.size > 0) return { kind: 'slug_taken' };
  await propagateMember(finisher, owner);
  return { kind: 'created' };
}
