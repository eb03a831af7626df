import type { RateLimit } from '../../../core/access/rate-limit.ts';
import type { StoredChange } from '../audit/event-store.ts';
import type { Document } from '../table/documents.ts';
import type { WorkspaceItem } from '../workspaces/workspace-item.ts';
import type { CopiedRecords } from './copied-records.ts';
import { type EventsSinceBackup, isSince, versionAfter } from './events-since-backup.ts';
import type { RestoredMembers } from './restored-members.ts';

/** The workspaces of a backup as they may be put back, with their last plan. No change is pending. */
export interface RestoredWorkspaces {
  readonly items: readonly Document[];
  /** Workspaces whose plan was changed after the backup, and the plan before. */
  readonly replanned: readonly { readonly workspace: WorkspaceItem; readonly before: string | null }[];
  /** @returns `undefined` where no event says anything about the plan. */
  planOf(slug: string): KnownPlan | undefined;
}

export interface KnownPlan {
  /** The limit of keys that have none of their own. `unknown`: the plan was changed, and no event says what its limit is. */
  readonly limit: RateLimit | null | 'unknown';
  /** The version of the workspace since which it has this plan. */
  readonly version: number;
}

/** Computes the workspaces to put back. Writes nothing. */
export function restoreWorkspaces(
  records: CopiedRecords,
  events: EventsSinceBackup,
  members: Pick<RestoredMembers, 'countOwners'>,
): RestoredWorkspaces {
  const restored = [...records.workspaces.values()].map(({ item, value }) => {
    const isOfThis = isSince(value.createdAt);
    const missing = events.changesOfWorkspace(value.slug, value.version).filter(isOfThis);
    const plans = events.plansOf(value.slug).filter(isOfThis);
    const owners = members.countOwners(value.slug);
    const workspace: WorkspaceItem = { ...repeatChanges(value, missing), owners };
    return {
      workspace,
      before: value.plan,
      plan: findPlan(value, missing, plans),
      item: {
        ...item,
        ...workspace,
        pending: undefined,
        pendingSince: undefined,
        pendingChange: undefined,
      },
    };
  });
  const plans = new Map(restored.map(({ workspace, plan }) => [workspace.slug, plan]));
  return {
    items: restored.map(({ item }) => item),
    replanned: restored.filter(({ workspace, before }) => workspace.plan !== before),
    planOf: (slug) => plans.get(slug),
  };
}

/** Repeats changes of the plan. A workspace keeps the name that it has in the backup. */
function repeatChanges(copied: WorkspaceItem, missing: readonly StoredChange[]): WorkspaceItem {
  if (missing.length === 0) return copied;
  const last = missing.findLast(changesPlan)?.after?.plan;
  const plan = typeof last === 'string' || last === null ? last : copied.plan;
  return { ...copied, plan, version: versionAfter(copied.version, missing) };
}

const changesPlan = ({ after }: StoredChange) => after?.plan !== undefined;

/** Also finds a plan that the copied workspace has already: its keys may have been copied before the plan reached them. */
function findPlan(
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
