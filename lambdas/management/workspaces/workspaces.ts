import * as v from 'valibot';
import { SLUG } from '../../../core/access/identity.ts';
import { Contended } from '../../../core/errors/fault.ts';
import type { RequestStore } from '../../../core/management/idempotency.ts';
import { mayUpdateWorkspace } from '../../../core/management/permission.ts';
import {
  planLimitOf,
  type Workspace,
  type WorkspaceStore,
} from '../../../core/management/workspace-store.ts';
import type { Profile } from '../../../core/profile/profile.ts';
import { conflict, invalidRequest } from '../../http/problem.ts';
import type { WorkspaceAnswer } from '../answers/workspace-answers.ts';
import { nameField, planField, userIdField } from '../http/field.ts';
import { answerOnce, requestTakenError } from '../http/idempotency.ts';
import { type Ids, makeChangeEvent, type Operation } from '../http/operation.ts';
import { assertPermitted } from '../http/refusal.ts';
import { readBody } from '../http/request-body.ts';
import { pickDifferences, timeView } from '../http/view.ts';
import { resolveWorkspaceCall, type WorkspaceOptions } from './resolve-caller.ts';

interface ChangeOptions {
  readonly profile: Profile;
  readonly workspaces: WorkspaceStore;
  readonly ids: Ids;
}

const SLUG_RULE = '1 to 40 lower-case letters, digits and hyphens, with no hyphen at either end';

export interface CreateOptions extends ChangeOptions {
  readonly requests: RequestStore;
}

export function createWorkspaceOperation(options: CreateOptions): Operation {
  const { profile, workspaces, ids } = options;
  const workspaceBody = newWorkspaceBody(profile);
  return answerOnce(options, async (call) => {
    const body = readBody(call.event, workspaceBody);
    const workspace: Workspace = {
      slug: body.slug,
      name: body.name,
      plan: body.plan ?? profile.rateLimits?.defaultPlan ?? null,
      createdAt: call.now,
      version: 1,
    };
    const event = makeChangeEvent(call, {
      ids,
      type: 'workspace.created',
      workspace: workspace.slug,
      keyId: null,
      after: { name: workspace.name, plan: workspace.plan, owner: body.created_by },
    });
    const { request } = call;
    const outcome = await workspaces.create({ workspace, ownerId: body.created_by, request, event });
    if (outcome.kind === 'request_taken') throw requestTakenError();
    if (outcome.kind === 'slug_taken')
      throw conflict('slug_taken', 'There is a workspace with this slug already.');
    return { status: 201, body: workspaceView(workspace) };
  });
}

export function newWorkspaceBody(profile: Profile) {
  return v.strictObject({
    slug: v.pipe(v.string(SLUG_RULE), v.regex(SLUG, SLUG_RULE)),
    name: nameField(profile),
    plan: v.optional(planField(profile)),
    created_by: userIdField(profile),
  });
}

export function readWorkspaceOperation(options: WorkspaceOptions): Operation {
  return resolveWorkspaceCall(options, async ({ workspace }) => ({
    status: 200,
    body: workspaceView(workspace),
  }));
}

export function updateWorkspaceOperation({ profile, workspaces, ids }: ChangeOptions): Operation {
  const workspaceBody = changedWorkspaceBody(profile);
  return resolveWorkspaceCall({ profile, workspaces }, async (call) => {
    // Behind the check that the caller belongs here: a stranger does not learn that their body was wrong.
    const asked = readBody(call.event, workspaceBody);
    const { workspace, caller, inForce } = call;
    const fields = (['name', 'plan'] as const).filter((field) => asked[field] !== undefined);
    if (fields.length === 0) throw invalidRequest('body', 'an object with at least one field to change');
    assertPermitted(mayUpdateWorkspace(caller, fields));
    const after = { name: asked.name ?? workspace.name, plan: asked.plan ?? workspace.plan };
    const outcome = await workspaces.update({
      workspace,
      name: after.name,
      plan: after.plan,
      planLimit: planLimitOf(profile, after.plan),
      changeId: ids.newId('chg'),
      caller: inForce,
      now: call.now,
      event: makeChangeEvent(call, {
        ids,
        type: 'workspace.updated',
        workspace: workspace.slug,
        keyId: null,
        ...pickDifferences({ name: workspace.name, plan: workspace.plan }, after),
      }),
    });
    if (outcome.kind !== 'changed')
      throw new Contended('The workspace, or the caller, was changed in between.');
    return { status: 200, body: workspaceView(outcome.workspace) };
  });
}

export function changedWorkspaceBody(profile: Profile) {
  return v.strictObject({
    name: v.optional(nameField(profile)),
    plan: v.optional(planField(profile)),
  });
}

function workspaceView({ slug, name, plan, createdAt }: Workspace): WorkspaceAnswer {
  return { slug, name, plan, created_at: timeView(createdAt) };
}
