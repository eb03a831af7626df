import * as v from 'valibot';
import { isSlug } from '../../../core/access/identity.ts';
import type { Workspace } from '../../../core/management/workspace-store.ts';
import { conflict } from '../../http/problem.ts';
import { profile } from '../../profile.ts';
import { name, plan, userId } from '../http/field.ts';
import { workspaceView } from '../http/key-view.ts';
import { auditEvent, managementHandler } from '../http/management-handler.ts';
import { readBody } from '../http/request-body.ts';
import { workspaceStore } from '../stores.ts';

const SLUG = '1 to 40 lower-case letters, digits and hyphens, with no hyphen at either end';
const workspaceBody = v.strictObject({
  slug: v.pipe(v.string(SLUG), v.check(isSlug, SLUG)),
  name,
  plan: v.optional(plan(profile)),
  created_by: userId,
});

export const handler = managementHandler(async (call) => {
  const body = readBody(call.event, workspaceBody);
  const workspace: Workspace = {
    slug: body.slug,
    name: body.name,
    plan: body.plan ?? profile.rateLimits?.defaultPlan ?? null,
    createdAt: call.now,
    version: 1,
  };
  const { slug, name, plan } = workspace;
  const after = { name, plan, owner: body.created_by };
  const event = auditEvent(call, 'workspace.created', { workspace: slug, keyId: null, after });
  const outcome = await workspaceStore.create({ workspace, ownerId: body.created_by, event });
  if (outcome.kind === 'slug_taken')
    throw conflict('slug_taken', 'There is a workspace with this slug already.');
  return { status: 201, body: workspaceView(workspace) };
});
