import * as v from 'valibot';
import { effectiveLimit } from '../../../core/access/rate-limit.ts';
import type { KeyFields } from '../../../core/credential/credential.ts';
import { changeBounds, type Rank, UNBOUND } from '../../../core/credential/key-bounds.ts';
import { Contended } from '../../../core/errors/fault.ts';
import { limitForIssuedKeys, rankOf } from '../../../core/management/caller.ts';
import type { RequestStore } from '../../../core/management/idempotency.ts';
import type { IssueOutcome } from '../../../core/management/key-store.ts';
import { mayIssue, maySetRateLimit } from '../../../core/management/permission.ts';
import {
  type Member,
  planLimitOf,
  roleOf,
  type Workspace,
} from '../../../core/management/workspace-store.ts';
import type { Profile } from '../../../core/profile/profile.ts';
import { conflict, forbidden, invalidRequest } from '../../http/problem.ts';
import type { NewKeyAnswer } from '../answers/credential-answers.ts';
import {
  allowedCidrsField,
  descriptionField,
  externalIdField,
  nameField,
  rateLimitField,
  scopesField,
  userIdField,
} from '../http/field.ts';
import { answerOnce, type Once, requestTakenError } from '../http/idempotency.ts';
import { makeChangeEvent, type Operation } from '../http/operation.ts';
import { assertPermitted, noSuch } from '../http/refusal.ts';
import { readBody } from '../http/request-body.ts';
import { expiryField } from '../http/time-field.ts';
import { callerEndedError, resolveWorkspaceCall, type WorkspaceCall } from '../workspaces/resolve-caller.ts';
import type { DrawSecret, KeyOptions } from './change-key.ts';
import { issuedKeyView, keyView } from './read-keys.ts';

export interface IssueOptions extends KeyOptions {
  readonly requests: RequestStore;
  readonly drawSecret: DrawSecret;
  /** How many active keys of a workspace a member may have: a change of the member has to reach all of them. */
  readonly maxKeysPerMember: number;
}

export function issueKeyOperation(options: IssueOptions): Operation {
  const { profile, keys, ids, drawSecret, maxKeysPerMember } = options;
  const issueOnce = answerOnce(options, async (call: Once<WorkspaceCall>) => {
    const { caller, inForce, now } = call;
    const body = readBody(call.event, issueBody(profile, now));
    if (body.rate_limit !== undefined) assertPermitted(maySetRateLimit(caller));
    const creator = await findCreator(options, call, body.created_by);
    const creatorRole = creator ? roleOf(creator) : 'nobody';
    const workspace = await findCurrentWorkspace(options, call);
    const planLimit = planLimitOf(profile, workspace.plan);
    const issuerLimit = limitForIssuedKeys(caller, planLimit);
    const fields = fieldsOf(body, { issuerLimit, rank: rankOf(caller, creatorRole) });
    assertPermitted(mayIssue(profile, caller, { key: fields, creator: creatorRole, planLimit }));
    const { text, secret } = await drawSecret();
    const id = ids.newId('key');
    const role = profile.inheritsRole && creator ? roleOf(creator) : null;
    const issued = { start: secret.start, createdBy: creator?.userId ?? null, role };
    const outcome = await keys.issue({
      workspace: workspace.slug,
      id,
      fields,
      secret,
      createdAt: now,
      // A person issues in their own name: that the creator is unchanged says the same about the caller.
      caller: inForce?.kind === 'member' ? null : inForce,
      creator: creator && { userId: creator.userId, version: creator.version },
      role,
      effectiveRateLimit: effectiveLimit(planLimit, fields),
      planVersion: profile.rateLimits === undefined ? null : workspace.version,
      maxActiveKeys: profile.maxActiveKeys ?? null,
      maxMemberKeys: maxKeysPerMember,
      request: call.request,
      event: makeChangeEvent(call, {
        ids,
        type: 'key.issued',
        workspace: workspace.slug,
        keyId: id,
        after: issuedKeyView(fields, issued),
      }),
    });
    if (outcome.kind !== 'issued') throw notIssued(options, call, outcome.kind);
    const shown: NewKeyAnswer = { key: keyView(outcome.key, { profile, workspace, now }), secret: text };
    return { status: 201, body: shown };
  });
  return resolveWorkspaceCall(options, issueOnce);
}

type IssueBody = v.InferOutput<ReturnType<typeof issueBody>>;

export function issueBody(profile: Profile, now: number) {
  const { requiresName, requiresScopes } = profile.issuing;
  return v.strictObject({
    name: requiresName ? nameField(profile) : v.optional(v.nullable(nameField(profile))),
    description: v.optional(descriptionField(profile)),
    external_id: v.optional(externalIdField(profile)),
    scopes: requiresScopes ? scopesField(profile) : v.optional(scopesField(profile)),
    created_by: v.optional(userIdField(profile)),
    expires_at: v.optional(expiryField(now)),
    allowed_cidrs: v.optional(allowedCidrsField),
    rate_limit: v.optional(rateLimitField(profile)),
  });
}

/**
 * The member in whose name the key is issued. An operator names one, and has to where members may issue different things. A
 * person issues in their own name, and a key in the name of its own creator.
 */
async function findCreator(
  { profile, workspaces }: IssueOptions,
  { caller, workspace: { slug } }: WorkspaceCall,
  createdBy: string | undefined,
): Promise<Member | null> {
  if (caller.kind !== 'management_key') {
    if (createdBy !== undefined)
      throw invalidRequest('created_by', 'left out: only a management key may name a user');
    if (caller.user === null) return null;
    const member = await workspaces.getMember(slug, caller.user);
    if (member === undefined)
      throw forbidden('The creator of this key is no longer a member of the workspace.');
    return member;
  }
  if (createdBy === undefined) {
    if (profile.roleScopes === undefined && !profile.inheritsRole) return null;
    throw invalidRequest('created_by', 'the id of the user in whose name the key is issued');
  }
  const member = await workspaces.getMember(slug, createdBy);
  if (member === undefined) throw noSuch('creator');
  return member;
}

/** Reads the workspace again if plans limit keys, so that the key is issued under the newest plan. */
async function findCurrentWorkspace(
  { profile, workspaces }: IssueOptions,
  { workspace }: WorkspaceCall,
): Promise<Workspace> {
  if (profile.rateLimits === undefined) return workspace;
  return (await workspaces.get(workspace.slug)) ?? workspace;
}

/**
 * @param issuer.issuerLimit the key that calls, if one does, passes its own limit on.
 * @param issuer.rank if the caller sets an expiry or networks, nobody below this rank may loosen them.
 */
function fieldsOf(
  body: IssueBody,
  issuer: Pick<KeyFields, 'issuerLimit'> & { readonly rank: Rank },
): KeyFields {
  const expiresAt = body.expires_at ?? null;
  const allowedCidrs = body.allowed_cidrs ?? [];
  return {
    name: body.name ?? null,
    description: body.description ?? null,
    externalId: body.external_id ?? null,
    scopes: body.scopes ?? 'all',
    enabled: true,
    expiresAt,
    allowedCidrs,
    rateLimit: body.rate_limit ?? null,
    issuerLimit: issuer.issuerLimit,
    bounds: changeBounds(UNBOUND, { rank: issuer.rank, named: { expiresAt, allowedCidrs } }),
  };
}

function notIssued(
  { profile, maxKeysPerMember }: IssueOptions,
  call: WorkspaceCall,
  kind: Exclude<IssueOutcome['kind'], 'issued'>,
): Error {
  switch (kind) {
    case 'caller_ended':
      return callerEndedError(call, profile);
    case 'limit_reached':
      return limitReached(`A workspace may have at most ${profile.maxActiveKeys} active keys.`);
    case 'member_limit_reached':
      return limitReached(`A member may have at most ${maxKeysPerMember} active keys.`);
    case 'creator_changed':
    case 'workspace_changed':
      return new Contended('The creator or the workspace of the key was changed in between.');
    case 'secret_taken':
      return new Contended('Another secret has the slot of this one.');
    case 'request_taken':
      return requestTakenError();
  }
}

function limitReached(sentence: string): Error {
  return conflict('key_limit_reached', `${sentence} Revoke one to issue another.`);
}
