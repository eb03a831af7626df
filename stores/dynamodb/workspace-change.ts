import { Unavailable } from '../../core/unavailable.ts';
import type { WorkspaceOutcome, WorkspaceUpdate } from '../../core/workspace-store.ts';
import { callerInForce } from './caller-check.ts';
import { failedConditions, pause } from './contention.ts';
import { putEvent } from './event-item.ts';
import { assign, pendingMark, toItem, toValues } from './key-item.ts';
import type { Finisher } from './key-settle.ts';
import { completePlan } from './plan-settle.ts';
import { type Tables, workspaceKey } from './tables.ts';
import { type PendingPlan, readWorkspaceItem, toWorkspace, type WorkspaceItem } from './workspace-item.ts';

/** How often a change waits for another one under way on the same workspace before it gives up with 503. */
const WAITS = 10;

/** The workspace says first what is new, so that whatever is issued from then on has it; the keys that are there follow. */
export async function updateWorkspace(
  finisher: Finisher,
  change: WorkspaceUpdate,
): Promise<WorkspaceOutcome> {
  const { workspace: decidedOn, name, plan, planLimit, changeId, now } = change;
  const before = await settledWorkspace(finisher, decidedOn.slug);
  if (before?.version !== decidedOn.version) return { kind: 'conflict' };
  if (before.name === name && before.plan === plan)
    return { kind: 'changed', workspace: toWorkspace(before) };
  const pendingChange: PendingPlan = { id: changeId, since: now, limit: planLimit };
  const isPlanNew = before.plan !== plan;
  const next: WorkspaceItem = {
    ...{ ...before, name, plan, version: before.version + 1 },
    ...(isPlanNew && { pendingChange }),
  };
  if (!(await begin(finisher.tables, change, next))) return { kind: 'conflict' };
  if (isPlanNew) await completePlan(finisher, next, pendingChange);
  return { kind: 'changed', workspace: toWorkspace(next) };
}

/** The workspace once nothing is under way on it: a change of its plan that was left half done is finished first. */
async function settledWorkspace(finisher: Finisher, slug: string): Promise<WorkspaceItem | undefined> {
  for (let wait = 1; wait <= WAITS; wait += 1) {
    const item = await readWorkspaceItem(finisher.tables, slug);
    if (item?.pendingChange === undefined) return item;
    await completePlan(finisher, item, item.pendingChange);
    await pause(wait);
  }
  throw new Unavailable('Another change of the workspace is under way.');
}

/** Updated and not put: owners are counted on the same item. */
async function begin(
  tables: Tables,
  { workspace, caller, event }: WorkspaceUpdate,
  { name, plan, version, pendingChange }: WorkspaceItem,
): Promise<boolean> {
  const mark = pendingChange && { pendingChange, ...pendingMark(pendingChange) };
  const update = assign({ name, plan, version, ...mark });
  const failed = await failedConditions(tables.client, [
    {
      Update: {
        TableName: tables.records,
        Key: toItem(workspaceKey(workspace.slug)),
        UpdateExpression: update.expression,
        ConditionExpression: '#version = :decidedOn AND attribute_not_exists(pending)',
        ExpressionAttributeNames: update.names,
        ExpressionAttributeValues: toValues({ ...update.values, ':decidedOn': workspace.version }),
      },
    },
    ...(caller === null ? [] : [callerInForce(tables, caller)]),
    putEvent(tables, event),
  ]);
  return failed.length === 0;
}
