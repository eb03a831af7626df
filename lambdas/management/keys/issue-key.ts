import * as v from 'valibot';
import { effectiveLimit } from '../../../core/access/rate-limit.ts';
import type { KeyFields } from '../../../core/credential/api-key.ts';
import { changeBounds, type Rank, UNBOUND } from '../../../core/credential/key-bounds.ts';
import type { NewSecret } from '../../../core/credential/secret.ts';
import { Contended } from '../../../core/errors/fault.ts';
import { limitForIssuedKeys } from '../../../core/management/caller.ts';
import type { IssueOutcome } from '../../../core/management/key-store.ts';
import { mayIssue, maySetRateLimit, rankOf } from '../../../core/management/permission.ts';
import {
  type Member,
  planLimitOf,
  roleOf,
  type Workspace,
} from '../../../core/management/workspace-store.ts';
import { maxKeysPerMember, newId } from '../../environment.ts';
import { conflict, forbidden, invalidRequest } from '../../http/problem.ts';
import { profile } from '../../profile.ts';
import { allowedCidrs, description, expiry, name, rateLimit, scopes, userId } from '../http/field.ts';
import { keyView } from '../http/key-view.ts';
import { auditEvent, type ManagementCall, managementHandler } from '../http/management-handler.ts';
import { missingThing } from '../http/missing-thing.ts';
import { readBody } from '../http/request-body.ts';
import { keyStore, workspaceStore } from '../stores.ts';
import { type Addressed, addressedWorkspace, assertPermitted, callerEnded } from '../workspaces/addressed.ts';
import { issuedKeyShown } from './changed-fields.ts';
import { newKeySecret } from './drawn-secret.ts';

/** What a change of a member has to reach stays bounded. */
const MAX_MEMBER_KEYS = maxKeysPerMember();

export const handler = managementHandler(async (call) => {
  const addressed = await addressedWorkspace(workspaceStore, call);
  const { caller } = addressed;
  const body = readBody(call.event, issueBody(call.now));
  if (body.rate_limit !== undefined) assertPermitted(maySetRateLimit(caller));
  const creator = await creatorOf(addressed, body.created_by);
  const workspace = await currentWorkspace(addressed);
  const role = creator ? roleOf(creator) : 'nobody';
  const planLimit = planLimitOf(profile, workspace.plan);
  const fields = fieldsOf(body, {
    issuerLimit: limitForIssuedKeys(caller, planLimit),
    rank: rankOf(caller, role),
  });
  assertPermitted(mayIssue(profile, caller, { key: fields, creator: role, planLimit }));
  const { text, secret } = await newKeySecret();
  const outcome = await issue(call, { addressed: { ...addressed, workspace }, fields, secret, creator });
  if (outcome.kind === 'issued') {
    return { status: 201, body: { key: keyView(outcome.key, workspace, call.now), secret: text } };
  }
  if (outcome.kind === 'caller_ended') throw callerEnded(addressed);
  if (outcome.kind === 'limit_reached') {
    const detail = `A workspace may have at most ${profile.maxActiveKeys} active keys. Revoke one to issue another.`;
    throw conflict('key_limit_reached', detail);
  }
  if (outcome.kind === 'member_limit_reached') {
    const detail = `A member may have at most ${MAX_MEMBER_KEYS} active keys. Revoke one to issue another.`;
    throw conflict('key_limit_reached', detail);
  }
  throw new Contended('What the key is issued on was changed in between, or its secret has no place.');
});

/** A key is held to no more than the key that issues it, and by what its issuer names they hold those below them. */
function fieldsOf(
  body: v.InferOutput<ReturnType<typeof issueBody>>,
  { issuerLimit, rank }: Pick<KeyFields, 'issuerLimit'> & { readonly rank: Rank },
): KeyFields {
  const { expires_at: expiresAt = null, allowed_cidrs: allowedCidrs = [] } = body;
  return {
    name: body.name ?? null,
    description: body.description ?? null,
    scopes: body.scopes ?? 'all',
    enabled: true,
    expiresAt,
    allowedCidrs,
    rateLimit: body.rate_limit ?? null,
    issuerLimit,
    bounds: changeBounds(UNBOUND, { rank, named: { expiresAt, allowedCidrs } }),
  };
}

/** Where plans limit keys, a key is issued under the plan of this moment. */
async function currentWorkspace({ workspace }: Addressed): Promise<Workspace> {
  if (profile.rateLimits === undefined) return workspace;
  return (await workspaceStore.get(workspace.slug)) ?? workspace;
}

function issueBody(now: number) {
  const { requiresName, requiresScopes } = profile.issuing;
  return v.strictObject({
    name: requiresName ? name : v.optional(v.nullable(name)),
    description: v.optional(description),
    scopes: requiresScopes ? scopes(profile) : v.optional(scopes(profile)),
    created_by: v.optional(userId),
    expires_at: v.optional(expiry(now)),
    allowed_cidrs: v.optional(allowedCidrs),
    rate_limit: v.optional(rateLimit(profile)),
  });
}

/**
 * The member in whose name the key is issued. An operator names them, and has to where what members may issue differs; a
 * person issues in their own name, and a key that issues keys does so as its own creator.
 */
async function creatorOf(
  { caller, workspace: { slug } }: Addressed,
  createdBy: string | undefined,
): Promise<Member | null> {
  if (caller.kind !== 'management_key') {
    if (createdBy !== undefined)
      throw invalidRequest('created_by', 'left out: only a management key may name a user');
    if (caller.user === null) return null;
    const member = await workspaceStore.getMember(slug, caller.user);
    if (member === undefined)
      throw forbidden('The creator of this key is no longer a member of the workspace.');
    return member;
  }
  if (createdBy === undefined) {
    if (profile.roleScopes === undefined && !profile.inheritsRole) return null;
    throw invalidRequest('created_by', 'the id of the user in whose name the key is issued');
  }
  const member = await workspaceStore.getMember(slug, createdBy);
  if (member === undefined) throw missingThing('creator');
  return member;
}

function issue(
  call: ManagementCall,
  key: { addressed: Addressed; fields: KeyFields; secret: NewSecret; creator: Member | null },
): Promise<IssueOutcome> {
  const { addressed, fields, secret, creator } = key;
  const { workspace, inForce } = addressed;
  const id = newId('key');
  const role = profile.inheritsRole && creator ? roleOf(creator) : null;
  const createdBy = creator?.userId ?? null;
  const after = issuedKeyShown({ ...fields, start: secret.start, createdBy, role });
  return keyStore.issue({
    workspace: workspace.slug,
    id,
    fields,
    secret,
    createdAt: call.now,
    // A person issues in their own name: that the creator is unchanged says it all.
    caller: inForce?.kind === 'member' ? null : inForce,
    creator: creator && { userId: creator.userId, version: creator.version },
    role,
    effectiveRateLimit: effectiveLimit(planLimitOf(profile, workspace.plan), fields),
    planVersion: profile.rateLimits === undefined ? null : workspace.version,
    maxActiveKeys: profile.maxActiveKeys ?? null,
    maxMemberKeys: MAX_MEMBER_KEYS,
    event: auditEvent(call, 'key.issued', { workspace: workspace.slug, keyId: id, after }),
  });
}
