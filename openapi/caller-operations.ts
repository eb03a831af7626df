import { CHANGE, type OperationDescription, type RouteName } from './operation.ts';

const TOKENS = '/v1/users/{user_id}/tokens';

/** The calls that are about the caller, and about the tokens and sessions of users. */
export const CALLER_OPERATIONS = {
  'POST /v1/sessions': {
    operationId: 'createSession',
    tag: 'sessions',
    summary: 'Make a link that signs a user of the product into the console',
    description:
      'The back end of the product calls it for a user whom it has signed in itself. The user must be a member of the workspace. A `name` in the body becomes what the workspace calls them.',
    body: 'NewSession',
    answers: { 201: 'NewSessionLink' },
    codes: ['not_found', 'no_console', 'conflict'],
  },
  'POST /v1/sessions/exchange': {
    operationId: 'exchangeSession',
    tag: 'sessions',
    summary: 'Turn the code of a link into a session',
    description:
      'Needs no credential: the code is the proof. It works once, within a minute. The answer shows the secret of the session, and no later answer does.',
    body: 'SessionCode',
    answers: { 200: 'StartedSession' },
    codes: ['link_ended', 'conflict'],
  },
  'POST /v1/sessions/revoke': {
    operationId: 'revokeSessions',
    tag: 'sessions',
    summary: 'End the sessions of a user',
    description:
      'The back end of the product calls it when it signs a user out. Links that nobody has opened end too. Without `workspace` it ends those in every workspace.',
    body: 'SessionRevocation',
    answers: { 200: 'EndedSessions' },
    codes: ['not_found', 'conflict'],
  },
  'POST /v1/sessions/self/revoke': {
    operationId: 'endSession',
    tag: 'sessions',
    summary: 'End the session that makes the call',
    body: 'Nothing',
    answers: { 200: 'EndedSession' },
    codes: ['conflict'],
  },
  'GET /v1/me': {
    operationId: 'getCaller',
    tag: 'caller',
    summary: 'Say who the caller is',
    answers: { 200: 'Caller' },
    codes: [],
  },
  'GET /v1/scopes': {
    operationId: 'listScopes',
    tag: 'caller',
    summary: 'List the scopes of the product',
    answers: { 200: 'Scopes' },
    codes: [],
  },
  'POST /v1/me/tokens': {
    operationId: 'issueMyToken',
    tag: 'tokens',
    summary: 'Issue a token of one’s own',
    description: 'The answer shows the secret. No later answer does.',
    body: 'NewToken',
    answers: { 201: 'IssuedToken' },
    codes: ['not_found', 'too_many_workspaces', 'token_limit_reached', ...CHANGE],
  },
  'GET /v1/me/tokens': {
    operationId: 'listMyTokens',
    tag: 'tokens',
    summary: "List the caller's tokens, newest first",
    query: 'credentials',
    answers: { 200: 'Tokens' },
    codes: ['not_found'],
  },
  'POST /v1/me/tokens/{token}/revoke': {
    operationId: 'revokeMyToken',
    tag: 'tokens',
    summary: 'Revoke a token of one’s own for good',
    body: 'Nothing',
    answers: { 200: 'Token' },
    codes: ['not_found', ...CHANGE],
  },
  [`POST ${TOKENS}`]: {
    operationId: 'issueUserToken',
    tag: 'tokens',
    summary: 'Issue a token for a user',
    description: 'The answer shows the secret. No later answer does.',
    body: 'NewToken',
    answers: { 201: 'IssuedToken' },
    codes: ['not_found', 'too_many_workspaces', 'token_limit_reached', ...CHANGE],
  },
  [`GET ${TOKENS}`]: {
    operationId: 'listUserTokens',
    tag: 'tokens',
    summary: "List a user's tokens, newest first",
    query: 'credentials',
    answers: { 200: 'Tokens' },
    codes: ['not_found'],
  },
  [`POST ${TOKENS}/{token}/revoke`]: {
    operationId: 'revokeUserToken',
    tag: 'tokens',
    summary: "Revoke a user's token for good",
    body: 'Nothing',
    answers: { 200: 'Token' },
    codes: ['not_found', ...CHANGE],
  },
} as const satisfies Partial<Record<RouteName, OperationDescription>>;
