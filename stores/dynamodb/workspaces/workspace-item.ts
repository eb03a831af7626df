import * as v from 'valibot';
import type { RateLimit } from '../../../core/access/rate-limit.ts';
import type { Workspace } from '../../../core/management/workspace-store.ts';
import { type Document, parseItem, readDocument, storedLimit, storedText } from '../table/documents.ts';
import type { Intent } from '../table/intent.ts';
import type { Progress } from '../table/propagation.ts';
import { storedProgress } from '../table/stored-progress.ts';
import { type RecordTable, workspaceKey } from '../table/tables.ts';

/** A workspace as stored. */
export interface WorkspaceItem extends Workspace {
  /** How many owners it has; at least one. */
  readonly owners: number;
  /** A new plan that has not reached all keys yet; absent once it has. */
  readonly pendingChange?: PendingPlan | undefined;
}

/** The intent of a new plan. It holds all that another process needs to finish it. */
export interface PendingPlan extends Intent {
  /** The limit of keys that have none of their own. */
  readonly limit: RateLimit | null;
  /** The version of the workspace that the new plan came with. Older changes do not say: the workspace's own. */
  readonly version?: number | undefined;
  /** Absent before the first turn is stored. */
  readonly progress?: Progress | undefined;
}

const workspaceItem = v.object({
  slug: v.string(),
  name: v.string(),
  plan: storedText,
  createdAt: v.number(),
  version: v.number(),
  owners: v.number(),
  pendingChange: v.optional(
    v.object({
      id: v.string(),
      since: v.number(),
      limit: v.nullable(storedLimit),
      version: v.optional(v.number()),
      progress: v.optional(storedProgress),
    }),
  ),
});

export function toWorkspaceItem(item: Document): WorkspaceItem {
  return parseItem(workspaceItem, item, 'workspace');
}

export async function readWorkspaceItem(
  { client, records }: RecordTable,
  slug: string,
): Promise<WorkspaceItem | undefined> {
  const item = await readDocument(client, records, workspaceKey(slug));
  return item && toWorkspaceItem(item);
}

export function toWorkspace({ slug, name, plan, createdAt, version }: Workspace): Workspace {
  return { slug, name, plan, createdAt, version };
}
