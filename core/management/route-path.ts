/**
 * The paths of the management API, and which requests to them are safe to repeat. Every function of the API needs this. The table
 * of its routes, which is much longer, stands in `route.ts`.
 */

export const WORKSPACE = '/v1/workspaces/{workspace}';
export const MEMBERS = `${WORKSPACE}/members` as const;
export const MEMBER = `${MEMBERS}/{user_id}` as const;
export const KEYS = `${WORKSPACE}/keys` as const;
export const KEY = `${KEYS}/{key}` as const;
export const INVITATIONS = `${WORKSPACE}/invitations` as const;
/** The events outside a user's workspaces: of their tokens, and of refusals in workspaces where they are strangers. */
export const MY_EVENTS = '/v1/me/events';
export const MY_TOKENS = '/v1/me/tokens';
export const TOKENS = '/v1/users/{user_id}/tokens';

/** The POST requests that are safe to repeat. All others make something, and take an `Idempotency-Key`. */
const REPEATABLE_POSTS: ReadonlySet<string> = new Set([
  `${KEYS}/import`,
  `${KEYS}/revoke`,
  `${KEY}/revoke`,
  `${KEY}/previous-secret/revoke`,
  '/v1/keys/self/revoke',
  '/v1/keys/verify',
  `${MY_TOKENS}/{token}/revoke`,
  `${TOKENS}/{token}/revoke`,
  '/v1/sessions/self/revoke',
  '/v1/sessions/revoke',
  // A second link ends by itself within a minute, and a code that has been used starts nothing.
  '/v1/sessions',
  '/v1/sessions/exchange',
]);

/**
 * Tells whether a caller who missed the answer may safely repeat a request: it reads, or doing it twice changes nothing more. Every
 * other POST makes something, and could make it twice if it has no `Idempotency-Key`.
 * @param resource the path as API Gateway names it, such as `/v1/workspaces/{workspace}/keys`.
 */
export function isRepeatable(method: string, resource: string): boolean {
  return method !== 'POST' || REPEATABLE_POSTS.has(resource);
}
