import { isSlug } from '../access/identity.ts';
import type { Principal } from '../access/principal.ts';
import { lowerRole, type Role, scopesOfRole } from '../access/role.ts';
import { intersectScopes, isForKind, type Scopes } from '../access/scope.ts';
import { isExpired } from '../credential/credential.ts';
import type { RoleBounds, TokenType } from '../credential/credential-type.ts';
import { digestOf, type SecretLocator } from '../credential/secret.ts';
import { isStampDue, recordUse, type Tracking } from './last-use.ts';
import type { RefusalCode } from './refusal.ts';
import { type Claim, judgeScopes, type Verdict } from './verdict.ts';

/**
 * Decides whether a personal access token may do one thing in the workspace that the request names. It takes one store operation,
 * and at most once a minute another one to stamp the time of use.
 * @throws what the store throws. A fault is no verdict: the caller must not let the request through.
 */
export async function verifyToken(
  { source, tracking }: { readonly source: TokenSource; readonly tracking: Tracking },
  presented: { readonly type: TokenType; readonly text: string },
  claim: Claim,
): Promise<Verdict> {
  const locator = digestOf(presented.text);
  const { workspace, now } = claim;
  // A text that is not a slug is not looked up: the store does not accept keys of any length.
  const slug = typeof workspace === 'string' && isSlug(workspace) ? workspace : null;
  const token = await source.find(locator, slug);
  const verdict = judgeToken(presented.type.bounds, token, { ...claim, slug });
  if (verdict.kind === 'refuse' || token === undefined) return verdict;
  // Tokens are never counted, and their use is stamped at most once a minute in every profile.
  if (!isStampDue(tracking === 'nothing' ? 'nothing' : 'stamp', token, now)) return verdict;
  return recordUse(verdict, () => source.stamp(locator, now));
}

/**
 * Decides about a stored token, in the order of {@link judge}: its state, then the workspace, and only then the action. A user
 * without a membership and a workspace that does not exist look the same.
 */
function judgeToken(
  bounds: RoleBounds,
  token: StoredToken | undefined,
  { now, requirement, workspace, slug }: Omit<Claim, 'sourceAddress'> & { readonly slug: string | null },
): Verdict {
  if (token === undefined) return { kind: 'refuse', code: 'unknown' };
  const holder = holderOf(token);
  const refuse = (code: RefusalCode): Verdict => ({ kind: 'refuse', code, principal: holder });
  if (token.state === 'revoked') return refuse('revoked');
  if (isExpired(token.expiresAt, now)) return refuse('expired');
  if (requirement === 'possession') return { kind: 'allow', principal: holder };
  // A token's scopes alone decide nothing. That takes a role, and so a workspace.
  if (typeof workspace === 'object' && typeof requirement === 'string')
    return judgeScopes(holder, requirement);
  if (slug === null || token.membership === null) return refuse('wrong_workspace');
  const role = lowerRole(token.membership, token.ceiling);
  const scopes = scopesIn(bounds, token.scopes, role);
  const principal: Principal = { ...holder, workspace: slug, role };
  // A principal must never have an empty list of scopes: other code would read it as all scopes.
  if (scopes === 'none') return refuseWithoutScopes(principal, requirement);
  return judgeScopes({ ...principal, scopes }, requirement);
}

/** The principal of a token outside workspaces. */
function holderOf({ credentialId, user, scopes, expiresAt }: StoredToken): Principal {
  return {
    kind: 'personal_access_token',
    credentialId,
    workspace: null,
    user,
    role: null,
    scopes,
    constraints: { expiresAt, allowedCidrs: [] },
  };
}

/** The scopes that both the token and the role hold. */
function scopesIn(bounds: RoleBounds, own: Scopes, role: Role): Scopes | 'none' {
  if (bounds.catalogue === undefined) return 'all';
  return intersectScopes(bounds.catalogue, own, scopesOfRole(bounds, role));
}

function refuseWithoutScopes(principal: Principal, requirement: Claim['requirement']): Verdict {
  if (typeof requirement === 'string' || !isForKind(requirement, principal.kind))
    return { kind: 'refuse', code: 'forbidden', principal };
  const { requiredScope } = requirement;
  return { kind: 'refuse', code: 'insufficient_scope', principal, requiredScope };
}

/** What the store keeps of one personal access token: only what a verdict in one workspace needs. */
export interface StoredToken {
  readonly credentialId: string;
  readonly user: string;
  /** The token's own scopes. The scopes of its user's role bound them. */
  readonly scopes: Scopes;
  /** The highest role it acts with. */
  readonly ceiling: Role;
  readonly state: 'active' | 'revoked';
  /** Unix seconds; `null` for none. */
  readonly expiresAt: number | null;
  /** Unix seconds; `null` for never. */
  readonly lastUsedAt: number | null;
  /** Its user's role in the named workspace; `null` if the user is not a member, or no workspace was named. */
  readonly membership: Role | null;
}

/** What verification asks of a store about tokens. Each method is one operation, strongly consistent, and throws faults. */
export interface TokenSource {
  /**
   * Finds a personal access token, and its user's membership in one workspace.
   * @param slug `null` if the request named no slug.
   */
  find(locator: SecretLocator, slug: string | null): Promise<StoredToken | undefined>;
  /** Stamps when a token was last used. It never brings back a token that is gone. */
  stamp(locator: SecretLocator, now: number): Promise<void>;
}
