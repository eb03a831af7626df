import type { WorkspaceOutcome, WorkspaceUpdate } from '../../../core/management/workspace-store.ts';
import { putEvent } from '../audit/event-item.ts';
import { callerInForce } from '../keys/caller-check.ts';
import { assign, pendingMark, toItem, toValues } from '../keys/key-item.ts';
import type { Finisher } from '../keys/key-settle.ts';
import { failedConditions } from '../table/contention.ts';
import { type Tables, workspaceKey } from '../table/tables.ts';
import { propagatePlan } from './plan-propagation.ts';
import { type PendingPlan, readWorkspaceItem, toWorkspace, type WorkspaceItem } from './workspace-item.ts';

/**
 * The workspace says first what is new, so that whatever is issued from then on has it; the keys that are there follow. A new
 * plan takes the place of one that is still on its way: it reaches every key that the older one would have reached.
 */
export async function updateWorkspace(
  finisher: Finisher,
  change: WorkspaceUpdate,
): Promise<WorkspaceOutcome> {
  const { workspace: decidedOn, name, plan, planLimit, changeId, now } = change;
  const before = await readWorkspaceItem(finisher.tables, decidedOn.slug);
  if (before?.version !== decidedOn.version) return { kind: 'conflict' };
  const isPlanNew = before.plan !== plan;
  if (!isPlanNew && before.name === name) {
    // Somebody who repeats a call waits for what the first one has begun.
    await propagatePlan(finisher, before);
    return { kind: 'changed', workspace: toWorkspace(before) };
  }
  const version = before.version + 1;
  const pendingChange: PendingPlan = { id: changeId, since: now, limit: planLimit, version };
  const next: WorkspaceItem = { ...before, name, plan, version, ...(isPlanNew && { pendingChange }) };
  if (!(await begin(finisher.tables, change, { ...next, isPlanNew }))) return { kind: 'conflict' };
  if (isPlanNew) await propagatePlan(finisher, next);
  return { kind: 'changed', workspace: toWorkspace(next) };
}

/** Updated and not put: owners are counted on the same item. */
async function begin(
  tables: Tables,
  { workspace, caller, event }: WorkspaceUpdate,
  { name, plan, version, pendingChange, isPlanNew }: WorkspaceItem & { readonly isPlanNew: boolean },
): Promise<boolean> {
  const mark = isPlanNew && pendingChange && { pendingChange, ...pendingMark(pendingChange) };
  const update = assign({ name, plan, version, ...mark });
  const failed = await failedConditions(tables.client, [
    {
      Update: {
        TableName: tables.records,
        Key: toItem(workspaceKey(workspace.slug)),
        UpdateExpression: update.expression,
        ConditionExpression: '#version = :decidedOn',
        ExpressionAttributeNames: update.names,
        ExpressionAttributeValues: toValues({ ...update.values, ':decidedOn': workspace.version }),
      },
    },
    ...(caller === null ? [] : [callerInForce(tables, caller)]),
    putEvent(tables, {
      ...event,
      effect: { version, ...(isPlanNew && pendingChange && { planLimit: pendingChange.limit }) },
    }),
  ]);
  return failed.length === 0;
}
