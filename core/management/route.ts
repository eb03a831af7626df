import type { Profile } from '../profile/profile.ts';
import {
  INVITATIONS,
  isRepeatable,
  KEY,
  KEYS,
  MEMBER,
  MEMBERS,
  MY_EVENTS,
  MY_TOKENS,
  TOKENS,
  WORKSPACE,
} from './route-path.ts';

/**
 * The routes of the management API. The stack makes its resources and functions from this one table, and the authorizer its
 * verdicts. So no route can be without a permission.
 */
export interface ManagementRoute {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  readonly path: `/v1/${string}`;
  /** The function that answers it, as `lambdas/management/functions.ts` names it: `makeIssueKey` makes `issue-key`. */
  readonly handler: ManagementHandler;
  /**
   * Who may call it at all. `public`: everybody, without a credential; no authorizer stands in front. `session`: a person who
   * acts through a session. `holder`: anybody who holds a secret that has not ended. `anyone`: any valid credential, and
   * signed-in users. `administrator`: a management key, an API key whose scopes grant administration, and signed-in users.
   * `person`: a management key or a signed-in user, but no API key: a change of a workspace would outlive the bounds of the
   * key. `operator`: a management key. `permission.ts` says what each of them may do there.
   */
  readonly caller: 'public' | 'session' | 'holder' | 'anyone' | 'administrator' | 'person' | 'operator';
  /** What a profile needs for this route; left out for routes of every product. */
  readonly needs?: 'personal_access_tokens';
}

export type ManagementHandler =
  | 'issue-key'
  | 'import-keys'
  | 'read-keys'
  | 'update-key'
  | 'revoke-key'
  | 'revoke-keys'
  | 'rotate-key'
  | 'revoke-previous-secret'
  | 'verify-key'
  | 'create-invitation'
  | 'read-invitations'
  | 'revoke-invitation'
  | 'read-events'
  | 'describe-scopes'
  | 'describe-caller'
  | 'create-workspace'
  | 'read-workspace'
  | 'update-workspace'
  | 'read-members'
  | 'put-member'
  | 'remove-member'
  | 'issue-token'
  | 'read-tokens'
  | 'revoke-token'
  | 'create-session'
  | 'exchange-session'
  | 'end-session'
  | 'revoke-sessions';

export const MANAGEMENT_ROUTES = [
  { method: 'POST', path: '/v1/workspaces', handler: 'create-workspace', caller: 'operator' },
  { method: 'GET', path: WORKSPACE, handler: 'read-workspace', caller: 'administrator' },
  { method: 'PATCH', path: WORKSPACE, handler: 'update-workspace', caller: 'person' },
  { method: 'GET', path: MEMBERS, handler: 'read-members', caller: 'administrator' },
  { method: 'PUT', path: MEMBER, handler: 'put-member', caller: 'person' },
  { method: 'DELETE', path: MEMBER, handler: 'remove-member', caller: 'person' },
  { method: 'POST', path: KEYS, handler: 'issue-key', caller: 'administrator' },
  { method: 'POST', path: `${KEYS}/import`, handler: 'import-keys', caller: 'operator' },
  { method: 'GET', path: KEYS, handler: 'read-keys', caller: 'administrator' },
  { method: 'POST', path: `${KEYS}/revoke`, handler: 'revoke-keys', caller: 'administrator' },
  { method: 'GET', path: KEY, handler: 'read-keys', caller: 'administrator' },
  { method: 'PATCH', path: KEY, handler: 'update-key', caller: 'administrator' },
  { method: 'POST', path: `${KEY}/revoke`, handler: 'revoke-key', caller: 'administrator' },
  { method: 'POST', path: `${KEY}/rotate`, handler: 'rotate-key', caller: 'administrator' },
  {
    method: 'POST',
    path: `${KEY}/previous-secret/revoke`,
    handler: 'revoke-previous-secret',
    caller: 'administrator',
  },
  { method: 'POST', path: INVITATIONS, handler: 'create-invitation', caller: 'person' },
  { method: 'GET', path: INVITATIONS, handler: 'read-invitations', caller: 'administrator' },
  { method: 'DELETE', path: `${INVITATIONS}/{invitation}`, handler: 'revoke-invitation', caller: 'person' },
  { method: 'GET', path: `${WORKSPACE}/events`, handler: 'read-events', caller: 'administrator' },
  { method: 'GET', path: MY_EVENTS, handler: 'read-events', caller: 'person' },
  { method: 'POST', path: '/v1/keys/self/revoke', handler: 'revoke-key', caller: 'holder' },
  { method: 'POST', path: '/v1/keys/verify', handler: 'verify-key', caller: 'operator' },
  { method: 'POST', path: '/v1/sessions', handler: 'create-session', caller: 'operator' },
  { method: 'POST', path: '/v1/sessions/exchange', handler: 'exchange-session', caller: 'public' },
  { method: 'POST', path: '/v1/sessions/self/revoke', handler: 'end-session', caller: 'session' },
  { method: 'POST', path: '/v1/sessions/revoke', handler: 'revoke-sessions', caller: 'operator' },
  { method: 'GET', path: '/v1/me', handler: 'describe-caller', caller: 'anyone' },
  { method: 'GET', path: '/v1/scopes', handler: 'describe-scopes', caller: 'anyone' },
  {
    method: 'POST',
    path: MY_TOKENS,
    handler: 'issue-token',
    caller: 'person',
    needs: 'personal_access_tokens',
  },
  {
    method: 'GET',
    path: MY_TOKENS,
    handler: 'read-tokens',
    caller: 'person',
    needs: 'personal_access_tokens',
  },
  {
    method: 'POST',
    path: `${MY_TOKENS}/{token}/revoke`,
    handler: 'revoke-token',
    caller: 'person',
    needs: 'personal_access_tokens',
  },
  {
    method: 'POST',
    path: TOKENS,
    handler: 'issue-token',
    caller: 'operator',
    needs: 'personal_access_tokens',
  },
  {
    method: 'GET',
    path: TOKENS,
    handler: 'read-tokens',
    caller: 'operator',
    needs: 'personal_access_tokens',
  },
  {
    method: 'POST',
    path: `${TOKENS}/{token}/revoke`,
    handler: 'revoke-token',
    caller: 'operator',
    needs: 'personal_access_tokens',
  },
] as const satisfies readonly ManagementRoute[];

/** The routes of a product. A route that it does not need answers as any unknown path does. */
export function managementRoutesOf({
  personalAccessTokens,
}: Pick<Profile, 'personalAccessTokens'>): readonly ManagementRoute[] {
  return MANAGEMENT_ROUTES.filter(
    ({ needs }: ManagementRoute) => needs === undefined || personalAccessTokens !== undefined,
  );
}

/** Tells whether a signed-in user may call a route. What they may do there depends on the workspace. */
export function isOpenToPeople({ caller }: ManagementRoute): boolean {
  return caller === 'anyone' || caller === 'administrator' || caller === 'person';
}

/**
 * Tells whether a person may call a route through a session. A session reaches its own workspace only: tokens of a person, and
 * the events outside workspaces, are for people who sign in themselves.
 */
export function isOpenToSessions(route: ManagementRoute): boolean {
  if (route.caller === 'session' || route.caller === 'anyone') return true;
  return isOpenToPeople(route) && route.path.startsWith(WORKSPACE);
}

/** Tells whether a route takes an `Idempotency-Key`. On other routes the header has no meaning. */
export function takesIdempotencyKey({ method, path }: ManagementRoute): boolean {
  return !isRepeatable(method, path);
}
