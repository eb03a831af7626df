import { type AttributeValue, GetItemCommand } from '@aws-sdk/client-dynamodb';
import { unmarshall } from '@aws-sdk/util-dynamodb';
import type { RateLimit } from '../../../core/access/rate-limit.ts';
import type { Workspace } from '../../../core/management/workspace-store.ts';
import { toItem } from '../keys/key-item.ts';
import { reading } from '../table/contention.ts';
import type { Progress } from '../table/propagation.ts';
import { type Tables, workspaceKey } from '../table/tables.ts';

/** A workspace as stored. */
export interface WorkspaceItem extends Workspace {
  /** How many owners it has; at least one. */
  readonly owners: number;
  /** A new plan that has yet to reach keys; absent once all have it. */
  readonly pendingChange?: PendingPlan;
}

/** It holds all that finishing it needs, since whoever finishes it may not be who began it. */
export interface PendingPlan {
  readonly id: string;
  /** Unix seconds. */
  readonly since: number;
  /** What keys without a limit of their own are held to. */
  readonly limit: RateLimit | null;
  /** The version that the workspace had with the new plan; absent in changes begun before it was stored: its own. */
  readonly version?: number;
  /** Absent before the first turn is stored. */
  readonly progress?: Progress;
}

export async function readWorkspaceItem(
  { client, records }: Pick<Tables, 'client' | 'records'>,
  slug: string,
): Promise<WorkspaceItem | undefined> {
  const Key = toItem(workspaceKey(slug));
  const { Item } = await reading(() =>
    client.send(new GetItemCommand({ TableName: records, Key, ConsistentRead: true })),
  );
  return Item && toWorkspaceItem(Item);
}

function toWorkspaceItem(item: Record<string, AttributeValue>): WorkspaceItem {
  return unmarshall(item) as WorkspaceItem;
}

export function toWorkspace({ slug, name, plan, createdAt, version }: Workspace): Workspace {
  return { slug, name, plan, createdAt, version };
}
