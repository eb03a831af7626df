import type { Caller, Principal } from '../../../core/access/principal.ts';
import { effectiveLimit, isSameLimit, type RateLimit } from '../../../core/access/rate-limit.ts';
import type { Scopes } from '../../../core/access/scope.ts';
import { type ApiKey, statusOf } from '../../../core/credential/api-key.ts';
import { type PersonalAccessToken, tokenStatusOf } from '../../../core/credential/personal-access-token.ts';
import type { Invitation } from '../../../core/management/invitation-store.ts';
import {
  type Member,
  planLimitOf,
  roleOf,
  type Workspace,
} from '../../../core/management/workspace-store.ts';
import { formatTimestamp } from '../../../core/text/timestamp.ts';
import { profile } from '../../profile.ts';

/** How credentials are shown: snake_case, times in ISO 8601 and UTC, absent ones `null`; `[]` scopes mean all. */
export function keyView(key: ApiKey, workspace: Workspace, now: number) {
  return {
    id: key.id,
    kind: 'api_key',
    workspace: key.workspace,
    name: key.name,
    description: key.description,
    start: key.start,
    scopes: scopesView(key.scopes),
    role: key.role,
    status: statusOf(key, now),
    created_at: timeView(key.createdAt),
    created_by: key.createdBy,
    expires_at: timeView(key.expiresAt),
    last_used_at: timeView(key.lastUsedAt),
    revoked_at: timeView(key.revokedAt),
    allowed_cidrs: key.allowedCidrs,
    rate_limit: rateLimitView(ownLimitShown(key, workspace)),
    plan: workspace.plan,
  };
}

/** What the operator has set, or what the key was issued under where that is narrower than the plan's; `null` for the plan's. */
function ownLimitShown(key: ApiKey, { plan }: Workspace): RateLimit | null {
  const planLimit = planLimitOf(profile, plan);
  const limit = effectiveLimit(planLimit, key);
  return key.rateLimit === null && isSameLimit(limit, planLimit) ? null : limit;
}

/**
 * `role` is the highest that the token acts with; what it does act with depends on the workspace. `workspaces` is `null` for
 * all that its user is in.
 */
export function tokenView(token: PersonalAccessToken, now: number) {
  return {
    id: token.id,
    kind: 'personal_access_token',
    user: token.userId,
    name: token.name,
    start: token.start,
    scopes: scopesView(token.scopes),
    role: token.ceiling,
    workspaces: token.workspaces,
    status: tokenStatusOf(token, now),
    created_at: timeView(token.createdAt),
    expires_at: timeView(token.expiresAt),
    last_used_at: timeView(token.lastUsedAt),
    revoked_at: timeView(token.revokedAt),
  };
}

export function principalView({ credentialId, kind, workspace, user, role, scopes, constraints }: Principal) {
  return {
    credential_id: credentialId,
    kind,
    workspace,
    user,
    role,
    scopes: scopesView(scopes),
    constraints: { expires_at: timeView(constraints.expiresAt), allowed_cidrs: constraints.allowedCidrs },
  };
}

export function callerView(caller: Caller) {
  if (caller.kind === 'signed_in') return { kind: 'person', user: caller.user };
  return principalView(caller);
}

export function workspaceView({ slug, name, plan, createdAt }: Workspace) {
  return { slug, name, plan, created_at: timeView(createdAt) };
}

/** A workspace as one of its members sees it in a list of theirs. */
export function membershipView({ slug, name }: Workspace, member: Member) {
  return { slug, name, role: roleOf(member) };
}

/** While they are being lowered, a member is what they will be. */
export function memberView(member: Member) {
  const { userId, createdAt } = member;
  return { user_id: userId, role: roleOf(member), created_at: timeView(createdAt) };
}

export function invitationView(invitation: Invitation) {
  const { id, workspace, email, role, invitedBy, createdAt, expiresAt } = invitation;
  return {
    id,
    workspace,
    email,
    role,
    invited_by: invitedBy,
    created_at: timeView(createdAt),
    expires_at: timeView(expiresAt),
  };
}

export function rateLimitView(limit: RateLimit | null) {
  return limit && { limit: limit.limit, window_seconds: limit.windowSeconds };
}

export function scopesView(scopes: Scopes): readonly string[] {
  return scopes === 'all' ? [] : scopes;
}

export function timeView(unixSeconds: number | null): string | null {
  return unixSeconds === null ? null : formatTimestamp(unixSeconds);
}
