import { unmarshall } from '@aws-sdk/util-dynamodb';
import type { StoredChange } from '../audit/event-item.ts';
import { toItem } from '../keys/key-item.ts';
import type { WorkspaceItem } from '../workspaces/workspace-item.ts';
import type { Item } from './backup.ts';
import type { CopiedRecords } from './copied-records.ts';
import { type EventsSinceBackup, isSince, versionAfter } from './events-since-backup.ts';
import type { KnownPlan } from './restored-keys.ts';
import type { RestoredMembers } from './restored-members.ts';

/** Workspaces with the plan that they had last. Nothing is pending. */
export interface RestoredWorkspaces {
  readonly items: readonly Item[];
  /** Those whose plan has changed since the copy. */
  readonly replanned: readonly { readonly workspace: WorkspaceItem; readonly before: string | null }[];
  planOf(slug: string): KnownPlan | undefined;
}

export function restoreWorkspaces(
  records: CopiedRecords,
  events: EventsSinceBackup,
  members: Pick<RestoredMembers, 'countOwners'>,
): RestoredWorkspaces {
  const restored = [...records.workspaces.values()].map(({ item, value }) => {
    const isOfThis = isSince(value.createdAt);
    const missing = events.changesOfWorkspace(value.slug, value.version).filter(isOfThis);
    const plans = events.plansOf(value.slug).filter(isOfThis);
    const workspace = { ...restoreWorkspace(value, missing), owners: members.countOwners(value.slug) };
    const unmarked = { pending: undefined, pendingSince: undefined, pendingChange: undefined };
    return {
      ...{ workspace, before: value.plan, plan: knownPlan(value, missing, plans) },
      item: toItem({ ...unmarshall(item), ...workspace, ...unmarked }),
    };
  });
  const plans = new Map(restored.map(({ workspace, plan }) => [workspace.slug, plan]));
  return {
    items: restored.map(({ item }) => item),
    replanned: restored.filter(({ workspace, before }) => workspace.plan !== before),
    planOf: (slug) => plans.get(slug),
  };
}

function restoreWorkspace(copied: WorkspaceItem, missing: readonly StoredChange[]): WorkspaceItem {
  if (missing.length === 0) return copied;
  const last = missing.findLast(changesPlan)?.after?.plan;
  const plan = typeof last === 'string' || last === null ? last : copied.plan;
  return { ...copied, plan, version: versionAfter(copied.version, missing) };
}

const changesPlan = ({ after }: StoredChange) => after?.plan !== undefined;

/** Also of a change that the copied workspace holds: its keys may have been copied before they were reached. */
function knownPlan(
  { version, pendingChange }: WorkspaceItem,
  missing: readonly StoredChange[],
  plans: readonly StoredChange[],
): KnownPlan | undefined {
  const last = missing.findLast(changesPlan);
  if (last !== undefined && last.effect?.planLimit === undefined) return { limit: 'unknown', version };
  const effect = plans.at(-1)?.effect;
  if (effect?.planLimit !== undefined) return { limit: effect.planLimit, version: effect.version };
  return pendingChange && { limit: pendingChange.limit, version: pendingChange.version ?? version };
}
