import { CHANGE, type OperationDescription, type RouteName } from './operation.ts';

const WORKSPACE = '/v1/workspaces/{workspace}';

/** The calls that are about a workspace, and about who is in it and what was done there. */
export const WORKSPACE_OPERATIONS = {
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
    summary: 'Change the role and the name of a member, or add a member',
    description:
      'Only the operator adds members. A person invites. Without `role` or `name` in the body the role or the name stays as it is. A new member needs a role.',
    body: 'MemberChange',
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
  [`POST ${WORKSPACE}/invitations`]: {
    operationId: 'createInvitation',
    tag: 'invitations',
    summary: 'Invite somebody',
    body: 'NewInvitation',
    answers: { 201: 'Invitation' },
    codes: ['not_found', 'invitation_exists', 'no_invitations', ...CHANGE],
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
} as const satisfies Partial<Record<RouteName, OperationDescription>>;
