import * as v from 'valibot';
import { effectiveLimit } from '../../../core/access/rate-limit.ts';
import type { ApiKey, KeyFields } from '../../../core/credential/api-key.ts';
import { changeBounds, type NamedFields } from '../../../core/credential/key-bounds.ts';
import {
  type Creator,
  mayLoosen,
  maySetRateLimit,
  mayUpdate,
  rankOf,
} from '../../../core/management/permission.ts';
import { planLimitOf, roleOf } from '../../../core/management/workspace-store.ts';
import { newId } from '../../environment.ts';
import { invalidRequest } from '../../http/problem.ts';
import { profile } from '../../profile.ts';
import { allowedCidrs, description, expiry, name, rateLimit, scopes } from '../http/field.ts';
import { flushingHandler } from '../http/flushing-handler.ts';
import { keyView } from '../http/key-view.ts';
import { auditEvent } from '../http/management-handler.ts';
import { readBody } from '../http/request-body.ts';
import { keyStore, workspaceStore } from '../stores.ts';
import { addressedWorkspace, assertChangeable, assertPermitted, issuerOf } from '../workspaces/addressed.ts';
import { changedFields, keyFieldsShown } from './changed-fields.ts';
import { changedKey } from './changed-key.ts';

export const handler = flushingHandler(async (call) => {
  const { now } = call;
  const addressed = await addressedWorkspace(workspaceStore, call);
  const { caller, inForce } = addressed;
  let { workspace } = addressed;
  const body = readBody(call.event, updateBody(now));
  if (Object.keys(body).length === 0)
    throw invalidRequest('body', 'an object with at least one field to change');
  if (body.rate_limit !== undefined) assertPermitted(maySetRateLimit(caller));
  const key = await changedKey(call, addressed, async (before) => {
    const creator = await creatorOf(before);
    const issuer = await issuerOf(workspaceStore, addressed);
    const rank = rankOf(caller, issuer);
    const named = namedFields(body);
    const fields = { ...fieldsAfter(before, body), bounds: changeBounds(before.bounds, { rank, named }) };
    // Read after the key: a plan that is newer than this changes the key, so that what is decided here meets a conflict.
    if (profile.rateLimits !== undefined) workspace = (await workspaceStore.get(workspace.slug)) ?? workspace;
    const planLimit = planLimitOf(profile, workspace.plan);
    assertPermitted(mayUpdate(profile, caller, { before, after: fields, creator, issuer, planLimit }));
    assertPermitted(mayLoosen(profile, { bounds: before.bounds, rank, named }));
    assertChangeable(before, now);
    return keyStore.update({
      key: before,
      changeId: newId('chg'),
      caller: inForce,
      now,
      event: auditEvent(call, 'key.updated', {
        ...{ workspace: workspace.slug, keyId: before.id },
        ...changedFields(keyFieldsShown(before), keyFieldsShown(fields)),
      }),
      fields,
      effectiveRateLimit: effectiveLimit(planLimit, fields),
    });
  });
  const takesPower = Object.keys(body).some((field) => field !== 'name' && field !== 'description');
  return { status: 200, body: keyView(key, workspace, now), takesPower };
});

function updateBody(now: number) {
  return v.strictObject({
    name: v.optional(profile.issuing.requiresName ? name : v.nullable(name)),
    description: v.optional(description),
    scopes: v.optional(scopes(profile)),
    enabled: v.optional(v.boolean('true or false')),
    expires_at: v.optional(expiry(now)),
    allowed_cidrs: v.optional(allowedCidrs),
    rate_limit: v.optional(rateLimit(profile)),
  });
}

async function creatorOf({ workspace, createdBy }: ApiKey): Promise<Creator> {
  if (createdBy === null) return 'nobody';
  const member = await workspaceStore.getMember(workspace, createdBy);
  return member ? roleOf(member) : 'gone';
}

/** What is not named stays; what is named `null` goes. */
function fieldsAfter(before: KeyFields, body: v.InferOutput<ReturnType<typeof updateBody>>): KeyFields {
  return {
    name: body.name === undefined ? before.name : body.name,
    description: body.description === undefined ? before.description : body.description,
    scopes: body.scopes ?? before.scopes,
    enabled: body.enabled ?? before.enabled,
    expiresAt: body.expires_at === undefined ? before.expiresAt : body.expires_at,
    allowedCidrs: body.allowed_cidrs ?? before.allowedCidrs,
    rateLimit: body.rate_limit === undefined ? before.rateLimit : body.rate_limit,
    // The operator's word is the last: what they set, the plan's limit included, holds whatever the key was issued under.
    issuerLimit: body.rate_limit === undefined ? before.issuerLimit : null,
    bounds: before.bounds,
  };
}

/** What higher roles bind, as far as this change names it. */
function namedFields(body: v.InferOutput<ReturnType<typeof updateBody>>): NamedFields {
  const { enabled, expires_at: expiresAt, allowed_cidrs: allowedCidrs, scopes } = body;
  return { enabled, expiresAt, allowedCidrs, scopes };
}
