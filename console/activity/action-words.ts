/** What somebody tried to do by a route of the management API, below the workspace where the route has one. */
const ATTEMPTS: Readonly<Record<string, string>> = {
  'GET /': 'see the workspace',
  'PATCH /': 'change the workspace',
  'POST /workspaces': 'create a workspace',
  'GET /keys': 'list the keys',
  'POST /keys': 'create a key',
  'POST /keys/import': 'import keys',
  'POST /keys/revoke': 'revoke several keys',
  'GET /keys/{key}': 'see a key',
  'PATCH /keys/{key}': 'change a key',
  'POST /keys/{key}/revoke': 'revoke a key',
  'POST /keys/{key}/rotate': 'rotate a key',
  'POST /keys/{key}/previous-secret/revoke': 'end the older secret of a key',
  'POST /keys/verify': 'verify a key',
  'GET /members': 'list the members',
  'PUT /members/{user_id}': 'add or change a member',
  'DELETE /members/{user_id}': 'remove a member',
  'GET /invitations': 'list the invitations',
  'POST /invitations': 'invite somebody',
  'DELETE /invitations/{invitation}': 'take back an invitation',
  'GET /events': 'read the activity',
  'POST /sessions': 'make a link that signs somebody in',
  'POST /sessions/revoke': 'end the sessions of a user',
};

const WORKSPACE = /\/v1\/workspaces\/\{workspace\}|\/v1/;

/** Says what was tried: "create a key", or "call GET /me/tokens" for a route without words. */
export function describeAttempt(action: string | null): string {
  if (action === null) return 'make a call';
  const [method = '', path = ''] = action.split(' ');
  const place = path.replace(WORKSPACE, '');
  return ATTEMPTS[`${method} ${place === '' ? '/' : place}`] ?? `call ${method} ${place}`.trim();
}
