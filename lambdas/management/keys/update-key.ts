import * as v from 'valibot';
import { effectiveLimit } from '../../../core/access/rate-limit.ts';
import type { KeyFields } from '../../../core/credential/credential.ts';
import { changeBounds, type NamedFields } from '../../../core/credential/key-bounds.ts';
import { rankOf } from '../../../core/management/caller.ts';
import { mayLoosen, maySetRateLimit, mayUpdate } from '../../../core/management/permission.ts';
import { planLimitOf } from '../../../core/management/workspace-store.ts';
import type { Profile } from '../../../core/profile/profile.ts';
import { invalidRequest } from '../../http/problem.ts';
import {
  allowedCidrsField,
  descriptionField,
  externalIdField,
  nameField,
  rateLimitField,
  scopesField,
} from '../http/field.ts';
import { makeChangeEvent, type Operation } from '../http/operation.ts';
import { assertPermitted } from '../http/refusal.ts';
import { readBody } from '../http/request-body.ts';
import { expiryField } from '../http/time-field.ts';
import { pickDifferences } from '../http/view.ts';
import { resolveWorkspaceCall } from '../workspaces/resolve-caller.ts';
import { assertChangeable, changeKey, creatorOf, issuerOf, type KeyOptions } from './change-key.ts';
import { keyFieldsView, keyView } from './read-keys.ts';

export function updateKeyOperation(options: KeyOptions): Operation {
  const { profile, keys, workspaces, ids } = options;
  return resolveWorkspaceCall(options, async (call) => {
    const { caller, inForce, now } = call;
    let { workspace } = call;
    const body = readBody(call.event, updateBody(profile, now));
    if (Object.keys(body).length === 0)
      throw invalidRequest('body', 'an object with at least one field to change');
    if (body.rate_limit !== undefined) assertPermitted(maySetRateLimit(caller));
    const key = await changeKey(options, call, async (before) => {
      const creator = await creatorOf(options, before);
      const issuer = await issuerOf(options, call);
      const rank = rankOf(caller, issuer);
      const named = namedFields(body);
      const bounds = changeBounds(before.bounds, { rank, named });
      const after = fieldsAfter(before, body, bounds);
      // Read after the key: a plan that is set later than this changes the key too, and then this change meets a conflict.
      if (profile.rateLimits !== undefined) workspace = (await workspaces.get(workspace.slug)) ?? workspace;
      const planLimit = planLimitOf(profile, workspace.plan);
      assertPermitted(mayUpdate(profile, caller, { before, after, creator, issuer, planLimit }));
      assertPermitted(mayLoosen(profile, { bounds: before.bounds, rank, named }));
      assertChangeable(before, now);
      return keys.update({
        key: before,
        fields: after,
        effectiveRateLimit: effectiveLimit(planLimit, after),
        changeId: ids.newId('chg'),
        caller: inForce,
        now,
        event: makeChangeEvent(call, {
          ids,
          type: 'key.updated',
          workspace: workspace.slug,
          keyId: before.id,
          ...pickDifferences(keyFieldsView(before), keyFieldsView(after)),
        }),
      });
    });
    const takesRights = Object.keys(body).some((field) => !GIVES_NO_RIGHTS.has(field));
    return { status: 200, body: keyView(key, { profile, workspace, now }), takesRights };
  });
}

/** The fields that say nothing about what a key may do. */
const GIVES_NO_RIGHTS: ReadonlySet<string> = new Set(['name', 'description', 'external_id']);

type UpdateBody = v.InferOutput<ReturnType<typeof updateBody>>;

export function updateBody(profile: Profile, now: number) {
  return v.strictObject({
    name: v.optional(profile.issuing.requiresName ? nameField(profile) : v.nullable(nameField(profile))),
    description: v.optional(descriptionField(profile)),
    external_id: v.optional(externalIdField(profile)),
    scopes: v.optional(scopesField(profile)),
    enabled: v.optional(v.boolean('true or false')),
    expires_at: v.optional(expiryField(now)),
    allowed_cidrs: v.optional(allowedCidrsField),
    rate_limit: v.optional(rateLimitField(profile)),
  });
}

/** A field that the body does not name stays as it is; `null` takes its value away. */
function fieldsAfter(before: KeyFields, body: UpdateBody, bounds: KeyFields['bounds']): KeyFields {
  return {
    name: body.name === undefined ? before.name : body.name,
    description: body.description === undefined ? before.description : body.description,
    externalId: body.external_id === undefined ? before.externalId : body.external_id,
    scopes: body.scopes ?? before.scopes,
    enabled: body.enabled ?? before.enabled,
    expiresAt: body.expires_at === undefined ? before.expiresAt : body.expires_at,
    allowedCidrs: body.allowed_cidrs ?? before.allowedCidrs,
    rateLimit: body.rate_limit === undefined ? before.rateLimit : body.rate_limit,
    // The operator's limit takes the place of the one that the key was issued under, even where they ask for the plan's.
    issuerLimit: body.rate_limit === undefined ? before.issuerLimit : null,
    bounds,
  };
}

/** The fields that higher roles can bind, as far as the body names them. */
function namedFields(body: UpdateBody): NamedFields {
  return {
    enabled: body.enabled,
    expiresAt: body.expires_at,
    allowedCidrs: body.allowed_cidrs,
    scopes: body.scopes,
  };
}
