import type { RoleCopies } from '../../../core/management/member-store.ts';
import type {
  CreateWorkspaceOutcome,
  NewWorkspace,
  WorkspaceOutcome,
  WorkspaceStore,
  WorkspaceUpdate,
} from '../../../core/management/workspace-store.ts';
import { putEventPart } from '../audit/event-store.ts';
import { requireCallerInForce } from '../keys/caller-check.ts';
import { alignKeyLimit, type VersionedLimit } from '../keys/key-alignment.ts';
import { readKey } from '../keys/key-item.ts';
import { assign, type Document, readDocument } from '../table/documents.ts';
import { beginChange, type ChangeFinisher, finishChange, pendingMark } from '../table/intent.ts';
import {
  createTargetList,
  NO_PROGRESS,
  type Propagation,
  type Target,
  type TargetList,
} from '../table/propagation.ts';
import { putRequestParts } from '../table/request-item.ts';
import { propagateItem, saveProgress } from '../table/stored-progress.ts';
import { keyKey, type Tables, workspaceKey } from '../table/tables.ts';
import { putNewPart, transact } from '../table/transaction.ts';
import {
  enterWorkspacePart,
  type MemberItem,
  noteMembershipPart,
  putMemberPart,
  readMemberItem,
  toMember,
} from './member-item.ts';
import { propagateMember } from './member-propagation.ts';
import { type PendingPlan, readWorkspaceItem, toWorkspace, type WorkspaceItem } from './workspace-item.ts';

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
  { workspace, ownerId, ownerName, request, event }: NewWorkspace,
): Promise<CreateWorkspaceOutcome> {
  const { tables } = finisher;
  const { slug, createdAt } = workspace;
  const intent = { id: event.id, since: createdAt, copies: ['tokens'], kind: 'role' } as const;
  const owner: MemberItem = {
    workspace: slug,
    userId: ownerId,
    name: ownerName,
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
    request: putRequestParts(tables, request, { madeId: slug, eventId: event.id }),
  });
  if (failed.has('request')) return { kind: 'request_taken' };
  if (failed.size > 0) return { kind: 'slug_taken' };
  await propagateMember(finisher, owner);
  return { kind: 'created' };
}

/**
 * Changes the workspace first, so that keys issued from then on have the new plan. The keys that are there follow. A new plan
 * replaces one that is still on its way: it reaches every key that the older one would have reached.
 */
async function updateWorkspace(finisher: ChangeFinisher, change: WorkspaceUpdate): Promise<WorkspaceOutcome> {
  const { workspace: decidedOn, name, plan, planLimit, changeId, now } = change;
  const before = await readWorkspaceItem(finisher.tables, decidedOn.slug);
  if (before?.version !== decidedOn.version) return { kind: 'conflict' };
  const isPlanNew = before.plan !== plan;
  if (!isPlanNew && before.name === name) {
    // A caller who repeats a call waits for the change that the first call has begun.
    await propagatePlan(finisher, before);
    return { kind: 'changed', workspace: toWorkspace(before) };
  }
  const version = before.version + 1;
  const newPlan = isPlanNew ? { id: changeId, since: now, limit: planLimit, version } : undefined;
  const next: WorkspaceItem = {
    ...before,
    name,
    plan,
    version,
    pendingChange: newPlan ?? before.pendingChange,
  };
  const begun = await beginWorkspaceChange(finisher.tables, change, { next, newPlan });
  if (begun.kind !== 'begun') return { kind: 'conflict' };
  if (newPlan !== undefined) await propagatePlan(finisher, next);
  return { kind: 'changed', workspace: toWorkspace(next) };
}

/** Updates the item instead of putting it: owners are counted on the same item. */
function beginWorkspaceChange(
  tables: Tables,
  { workspace, caller, event }: WorkspaceUpdate,
  { next, newPlan }: { readonly next: WorkspaceItem; readonly newPlan: PendingPlan | undefined },
) {
  const { name, plan, version } = next;
  const intent = newPlan === undefined ? {} : { pendingChange: newPlan, ...pendingMark(newPlan) };
  const update = assign({ name, plan, version, ...intent });
  const effect = newPlan === undefined ? { version } : { version, planLimit: newPlan.limit };
  return beginChange(tables, {
    caller: requireCallerInForce(tables, caller),
    intent: {
      Update: {
        TableName: tables.records,
        Key: workspaceKey(workspace.slug),
        UpdateExpression: update.expression,
        ConditionExpression: '#version = :decidedOn',
        ExpressionAttributeNames: update.names,
        ExpressionAttributeValues: { ...update.values, ':decidedOn': workspace.version },
      },
    },
    event: putEventPart(tables, { ...event, effect }),
  });
}

/**
 * Brings a new plan to every key that has no limit of its own, and marks the change as done. Issuing requires the workspace's
 * version, so that a key is either listed here or was issued under the new plan.
 * @throws {Unfinished} when the time is over.
 */
async function propagatePlan(finisher: ChangeFinisher, item: WorkspaceItem): Promise<void> {
  await propagateItem(finisher, item, {
    read: () => readWorkspaceItem(finisher.tables, item.slug),
    propagationOf: planPropagation,
  });
}

/** @returns `undefined` for a workspace whose plan is not being changed. */
export function planPropagation(finisher: ChangeFinisher, item: WorkspaceItem): Propagation | undefined {
  const { tables, now } = finisher;
  const { slug, version, pendingChange: change } = item;
  if (change === undefined) return undefined;
  const { id, limit, progress = NO_PROGRESS } = change;
  const key = workspaceKey(slug);
  return {
    lists: [keyTargets(finisher, slug, { limit, version: change.version ?? version })],
    progress,
    save: (next) => saveProgress(tables, key, { changeId: id, progress: next, now: now() }),
    async finish() {
      // Where the change is superseded, another process has finished it, or begun a newer one.
      await finishChange(tables, key, { changeId: id, attributes: {} });
    },
  };
}

/** Every key of a workspace, newest first. */
function keyTargets(finisher: ChangeFinisher, workspace: string, plan: VersionedLimit): TargetList {
  const { client, records } = finisher.tables;
  const { pk, sk: prefix } = keyKey(workspace, '');
  const query = { table: records, pk, prefix, order: 'descending' } as const;
  const target = (item: Document): Target => ({
    id: String(item.sk).slice(prefix.length),
    change: () => alignKeyLimit(finisher, readKey(item), plan),
  });
  return {
    ...createTargetList(client, query, (items) => items.map(target)),
    async get(id) {
      const item = await readDocument(client, records, keyKey(workspace, id));
      return item && target(item);
    },
  };
}
