import * as v from 'valibot';
import type { ChangedFields } from '../../../core/audit/audit-event.ts';
import { Contended } from '../../../core/errors/fault.ts';
import { mayUpdateWorkspace } from '../../../core/management/permission.ts';
import { planLimitOf, type WorkspaceOutcome } from '../../../core/management/workspace-store.ts';
import { newId } from '../../environment.ts';
import { invalidRequest } from '../../http/problem.ts';
import { profile } from '../../profile.ts';
import { name, plan } from '../http/field.ts';
import { workspaceView } from '../http/key-view.ts';
import { auditEvent, type ManagementCall, managementHandler } from '../http/management-handler.ts';
import { readBody } from '../http/request-body.ts';
import { workspaceStore } from '../stores.ts';
import { type Addressed, addressedWorkspace, assertPermitted } from './addressed.ts';

const workspaceBody = v.strictObject({ name: v.optional(name), plan: v.optional(plan(profile)) });
type Asked = v.InferOutput<typeof workspaceBody>;

export const handler = managementHandler(async (call) => {
  // A stranger learns nothing here, not even that their body was wrong.
  const addressed = await addressedWorkspace(workspaceStore, call);
  const asked = readBody(call.event, workspaceBody);
  const fields = (['name', 'plan'] as const).filter((field) => asked[field] !== undefined);
  if (fields.length === 0) throw invalidRequest('body', 'an object with at least one field to change');
  assertPermitted(mayUpdateWorkspace(addressed.caller, fields));
  const outcome = await update(call, addressed, asked);
  if (outcome.kind !== 'changed')
    throw new Contended('The workspace, or the caller, was changed in between.');
  return { status: 200, body: workspaceView(outcome.workspace) };
});

function update(
  call: ManagementCall,
  { workspace, inForce }: Addressed,
  asked: Asked,
): Promise<WorkspaceOutcome> {
  const before = { name: workspace.name, plan: workspace.plan };
  const after = { ...before, ...asked };
  const changed = (Object.keys(asked) as (keyof Asked)[]).filter((field) => before[field] !== after[field]);
  const only = (values: typeof before): ChangedFields =>
    Object.fromEntries(changed.map((field) => [field, values[field]]));
  const subject = { workspace: workspace.slug, keyId: null, before: only(before), after: only(after) };
  return workspaceStore.update({
    workspace,
    ...after,
    planLimit: planLimitOf(profile, after.plan),
    changeId: newId('chg'),
    caller: inForce,
    now: call.now,
    event: auditEvent(call, 'workspace.updated', subject),
  });
}
