import type { MANAGEMENT_ROUTES } from '../core/management/route.ts';
import type { AnswerName, BodyName } from './components.ts';
import type { ProblemCode } from './problems.ts';

/** What the description says of each route beyond what the table of routes and the schemas say. */
export interface OperationDescription {
  readonly operationId: string;
  readonly tag: TagName;
  /** What the call does, as the beginning of a list's line. */
  readonly summary: string;
  readonly description?: string;
  /** A body that may be left out is empty, whatever the others are called. */
  readonly body?: BodyName;
  readonly query?: 'page' | 'credentials' | 'events';
  /** The answers of success, by their statuses. */
  readonly answers: Readonly<Record<number, AnswerName>>;
  /** The errors of this operation, beyond those that every operation has. */
  readonly codes: readonly ProblemCode[];
}

export const TAGS = {
  workspaces: 'Workspaces are the tenants of the product.',
  members: 'Members are users in a workspace, each with one role.',
  keys: 'API keys belong to one workspace and call the API of the product.',
  invitations: 'An invitation makes somebody a member when they sign in with its address.',
  events: 'The audit log tells who changed what, and who was refused.',
  tokens: 'Personal access tokens belong to a user and work in the workspaces of that user.',
  caller: 'Who the caller is, and what there is to know about this product.',
} as const;

export type TagName = keyof typeof TAGS;

type NameOf<Route> = Route extends { readonly method: infer Method; readonly path: infer Path }
  ? `${Method & string} ${Path & string}`
  : never;

/** Such as `GET /v1/me`. */
export type RouteName = NameOf<(typeof MANAGEMENT_ROUTES)[number]>;

/** Every call that changes something may meet other changes, or a change that is too large for one call. */
const CHANGE = ['conflict', 'change_in_progress'] as const satisfies readonly ProblemCode[];

const WORKSPACE = '/v1/workspaces/{workspace}';
const TOKENS = '/v1/users/{user_id}/tokens';

export const OPERATIONS = {
  'POST /v1/workspaces': {
    operationId: 'createWorkspace',
    tag: 'workspaces',
    summary: 'Make a workspace',
    description: 'The user in `created_by` becomes its owner.',
    body: 'NewWorkspace',
    answers: { 201: 'Workspace' },
    codes: ['slug_taken', ...CHANGE],
  },
  [`GET ${WORKSPACE}`]: {
    operationId: 'getWorkspace',
    tag: 'workspaces',
    summary: 'Show a workspace',
    answers: { 200: 'Workspace' },
    codes: ['not_found'],
  },
  [`PATCH ${WORKSPACE}`]: {
    operationId: 'updateWorkspace',
    tag: 'workspaces',
    summary: 'Change the name or the plan of a workspace',
    description:
      'Owners and the operator change the name. Only the operator changes the plan. When the call answers, the new plan has reached every key.',
    body: 'WorkspaceChange',
    answers: { 200: 'Workspace' },
    codes: ['not_found', ...CHANGE],
  },
  [`GET ${WORKSPACE}/members`]: {
    operationId: 'listMembers',
    tag: 'members',
    summary: 'List the members of a workspace',
    query: 'page',
    answers: { 200: 'Members' },
    codes: ['not_found'],
  },
  [`PUT ${WORKSPACE}/members/{user_id}`]: {
    operationId: 'putMember',
    tag: 'members',
    summary: 'Change the role of a member, or add a member',
    description: 'Only the operator adds members. A person invites.',
    body: 'MemberRole',
    answers: { 200: 'Member', 201: 'Member' },
    codes: ['not_found', 'last_owner', ...CHANGE],
  },
  [`DELETE ${WORKSPACE}/members/{user_id}`]: {
    operationId: 'removeMember',
    tag: 'members',
    summary: 'Remove a member',
    description: 'Keys that act with the role of the member end. All other keys stay.',
    body: 'Nothing',
    answers: { 200: 'RemovedMember' },
    codes: ['not_found', 'last_owner', ...CHANGE],
  },
  [`POST ${WORKSPACE}/keys`]: {
    operationId: 'issueKey',
    tag: 'keys',
    summary: 'Issue a key',
    description: 'The answer shows the secret. No later answer does.',
    body: 'NewKey',
    answers: { 201: 'IssuedKey' },
    codes: ['not_found', 'key_limit_reached', ...CHANGE],
  },
  [`GET ${WORKSPACE}/keys`]: {
    operationId: 'listKeys',
    tag: 'keys',
    summary: 'List the keys of a workspace, newest first',
    description: 'A plain member sees only the keys that were issued in their name.',
    query: 'credentials',
    answers: { 200: 'Keys' },
    codes: ['not_found'],
  },
  [`GET ${WORKSPACE}/keys/{key}`]: {
    operationId: 'getKey',
    tag: 'keys',
    summary: 'Show a key',
    answers: { 200: 'Key' },
    codes: ['not_found'],
  },
  [`PATCH ${WORKSPACE}/keys/{key}`]: {
    operationId: 'updateKey',
    tag: 'keys',
    summary: 'Change a key',
    description: 'A field that the body does not name stays as it is.',
    body: 'KeyChange',
    answers: { 200: 'Key' },
    codes: ['not_found', 'key_revoked', 'key_expired', ...CHANGE],
  },
  [`POST ${WORKSPACE}/keys/{key}/revoke`]: {
    operationId: 'revokeKey',
    tag: 'keys',
    summary: 'Revoke a key for good',
    description: 'Revoking it again changes nothing and answers the same.',
    body: 'Nothing',
    answers: { 200: 'Key' },
    codes: ['not_found', ...CHANGE],
  },
  [`POST ${WORKSPACE}/keys/{key}/rotate`]: {
    operationId: 'rotateKey',
    tag: 'keys',
    summary: 'Give a key a new secret',
    description: 'The older secret works on for as long as `overlap_seconds` says. With 0 it ends at once.',
    body: 'Rotation',
    answers: { 200: 'IssuedKey' },
    codes: ['not_found', 'key_revoked', 'key_expired', 'rotation_in_progress', ...CHANGE],
  },
  [`POST ${WORKSPACE}/invitations`]: {
    operationId: 'createInvitation',
    tag: 'invitations',
    summary: 'Invite somebody',
    body: 'NewInvitation',
    answers: { 201: 'Invitation' },
    codes: ['not_found', 'invitation_exists', ...CHANGE],
  },
  [`GET ${WORKSPACE}/invitations`]: {
    operationId: 'listInvitations',
    tag: 'invitations',
    summary: 'List the open invitations of a workspace',
    query: 'page',
    answers: { 200: 'Invitations' },
    codes: ['not_found'],
  },
  [`DELETE ${WORKSPACE}/invitations/{invitation}`]: {
    operationId: 'revokeInvitation',
    tag: 'invitations',
    summary: 'Take an invitation back',
    body: 'Nothing',
    answers: { 200: 'Invitation' },
    codes: ['not_found', ...CHANGE],
  },
  [`GET ${WORKSPACE}/events`]: {
    operationId: 'listEvents',
    tag: 'events',
    summary: 'List the events of a workspace, newest first',
    query: 'events',
    answers: { 200: 'Events' },
    codes: ['not_found'],
  },
  'GET /v1/me/events': {
    operationId: 'listMyEvents',
    tag: 'events',
    summary: "List the caller's own events, newest first",
    description: 'These are the events that belong to no workspace.',
    query: 'events',
    answers: { 200: 'Events' },
    codes: [],
  },
  'POST /v1/keys/self/revoke': {
    operationId: 'revokeSelf',
    tag: 'keys',
    summary: 'Revoke the credential that makes the call',
    description: 'Everybody who holds a key or a token may end it, even one that is disabled.',
    body: 'Nothing',
    answers: { 200: 'RevokedCredential' },
    codes: ['not_found', ...CHANGE],
  },
  'POST /v1/keys/verify': {
    operationId: 'verifyCredential',
    tag: 'keys',
    summary: 'Look whether a credential is in force, and what it may do',
    description: 'The look-up counts no call and skips networks.',
    body: 'Verification',
    answers: { 200: 'Verdict' },
    codes: [],
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
} as const satisfies Readonly<Record<RouteName, OperationDescription>>;
