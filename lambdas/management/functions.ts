import { randomBytes } from 'node:crypto';
import { createVerdictCache } from '#verdict-cache';
import { bcrypt, createVerifiers } from '#verifiers';
import { makeSecret } from '../../core/credential/secret.ts';
import { roleCopiesOf } from '../../core/management/member-store.ts';
import { credentialTypesOf, type TokenRules } from '../../core/profile/profile.ts';
import { dynamoEventStore } from '../../stores/dynamodb/audit/event-store.ts';
import { dynamoKeyStore } from '../../stores/dynamodb/keys/key-store.ts';
import { dynamoVerificationStore } from '../../stores/dynamodb/secrets/verification-store.ts';
import { dynamoDbClient } from '../../stores/dynamodb/table/client.ts';
import type { ChangeFinisher } from '../../stores/dynamodb/table/intent.ts';
import type { Tables } from '../../stores/dynamodb/table/tables.ts';
import { dynamoTokenStore } from '../../stores/dynamodb/tokens/token-store.ts';
import { dynamoInvitationStore } from '../../stores/dynamodb/workspaces/invitation-store.ts';
import { dynamoMemberStore } from '../../stores/dynamodb/workspaces/member-store.ts';
import { dynamoWorkspaceStore } from '../../stores/dynamodb/workspaces/workspace-store.ts';
import { refusalLog } from '../audit/refusal-log.ts';
import { maxKeysPerMember, newEventIdentity, newId, requiredVariable, unixNow } from '../environment.ts';
import { requestIdOf } from '../http/request.ts';
import { profile } from '../profile.ts';
import { connectTables } from '../tables.ts';
import { millisecondsLeft } from '../time-limit.ts';
import { createFlush, flushAfter } from '../verdict-cache/flush.ts';
import { readEvents } from './events/read-events.ts';
import type { Ids, Operation } from './http/operation.ts';
import { recordRefusals } from './http/record-refusals.ts';
import { retryContended } from './http/retry-contended.ts';
import { type ManagementFunction, serve } from './http/serve.ts';
import { createInvitation, readInvitations, revokeInvitation } from './invitations/invitations.ts';
import { issueKey } from './keys/issue-key.ts';
import { readKeys } from './keys/read-keys.ts';
import { revokeKey } from './keys/revoke-key.ts';
import { rotateKey } from './keys/rotate-key.ts';
import { updateKey } from './keys/update-key.ts';
import { verifyKey } from './keys/verify-key.ts';
import { describeCaller, describeScopes } from './members/describe-caller.ts';
import { putMember, readMembers, removeMember } from './members/members.ts';
import { issueToken } from './tokens/issue-token.ts';
import { readTokens } from './tokens/read-tokens.ts';
import { revokeToken } from './tokens/revoke-token.ts';
import { createWorkspace, readWorkspace, updateWorkspace } from './workspaces/workspaces.ts';

/**
 * Wires the functions of the management API. There is one export for each handler in `core/management/route.ts`, and
 * lib/bundle.ts writes the entry file that calls it:
 *
 *     export const handler = makeIssueKey();
 *
 * Nothing is built before that call, so each bundle holds only what its own function uses.
 */

export function makeIssueKey(tables = connectTables()): ManagementFunction {
  const operation = issueKey({
    ...keyOptions(tables),
    drawSecret: drawKeySecret,
    maxKeysPerMember: maxKeysPerMember(),
  });
  return serveRecorded(operation, tables);
}

export function makeReadKeys(tables = connectTables()): ManagementFunction {
  return serveRecorded(readKeys(keyOptions(tables)), tables);
}

export function makeUpdateKey(tables = connectTables()): ManagementFunction {
  return serveRecorded(flushingVerdicts(updateKey(keyOptions(tables))), tables);
}

export function makeRotateKey(tables = connectTables()): ManagementFunction {
  const operation = rotateKey({ ...keyOptions(tables), drawSecret: drawKeySecret });
  return serveRecorded(flushingVerdicts(operation), tables);
}

export function makeRevokeKey(tables = connectTables()): ManagementFunction {
  const tokens = dynamoTokenStore(tables);
  return serveRecorded(flushingVerdicts(revokeKey({ ...keyOptions(tables), tokens })), tables);
}

export function makeVerifyKey(table = connectSecrets()): ManagementFunction {
  const operation = verifyKey({
    profile,
    verification: {
      credentials: credentialTypesOf(profile),
      store: dynamoVerificationStore(table),
      tracking: 'nothing',
      ...createVerifiers(table),
    },
  });
  return serve(operation, { profile, now: unixNow });
}

export function makeIssueToken(tables = connectTables()): ManagementFunction {
  const operation = issueToken({
    profile,
    ids,
    tokens: dynamoTokenStore(tables),
    drawSecret: drawTokenSecret,
  });
  return serveRecorded(operation, tables);
}

export function makeReadTokens(tables = connectTables()): ManagementFunction {
  return serveRecorded(readTokens({ tokens: dynamoTokenStore(tables) }), tables);
}

export function makeRevokeToken(tables = connectTables()): ManagementFunction {
  return serveRecorded(revokeToken({ tokens: dynamoTokenStore(tables), ids }), tables);
}

export function makeCreateWorkspace(tables = connectTables()): ManagementFunction {
  return serveRecorded(createWorkspace(workspaceOptions(tables)), tables);
}

export function makeReadWorkspace(tables = connectTables()): ManagementFunction {
  return serveRecorded(readWorkspace(workspaceOptions(tables)), tables);
}

export function makeUpdateWorkspace(tables = connectTables()): ManagementFunction {
  return serveRecorded(updateWorkspace(workspaceOptions(tables)), tables);
}

export function makeReadMembers(tables = connectTables()): ManagementFunction {
  return serveRecorded(readMembers(memberOptions(tables)), tables);
}

export function makePutMember(tables = connectTables()): ManagementFunction {
  return serveRecorded(flushingVerdicts(putMember(memberOptions(tables))), tables);
}

export function makeRemoveMember(tables = connectTables()): ManagementFunction {
  return serveRecorded(flushingVerdicts(removeMember(memberOptions(tables))), tables);
}

export function makeCreateInvitation(tables = connectTables()): ManagementFunction {
  return serveRecorded(createInvitation(invitationOptions(tables)), tables);
}

export function makeReadInvitations(tables = connectTables()): ManagementFunction {
  return serveRecorded(readInvitations(invitationOptions(tables)), tables);
}

export function makeRevokeInvitation(tables = connectTables()): ManagementFunction {
  return serveRecorded(revokeInvitation(invitationOptions(tables)), tables);
}

export function makeReadEvents(tables = connectTables()): ManagementFunction {
  const operation = readEvents({ ...workspaceOptions(tables), events: dynamoEventStore(tables) });
  return serveRecorded(operation, tables);
}

export function makeDescribeCaller(tables = connectTables()): ManagementFunction {
  return serve(describeCaller(memberOptions(tables)), { profile, now: unixNow });
}

export function makeDescribeScopes(): ManagementFunction {
  return serve(describeScopes({ profile }), { profile, now: unixNow });
}

const ids: Ids = { newId, newEventIdentity };

function drawKeySecret() {
  return makeSecret(profile.apiKey, { draw: randomBytes, bcrypt });
}

function drawTokenSecret({ format }: TokenRules) {
  return makeSecret({ format, storedAs: 'sha256' }, { draw: randomBytes, bcrypt });
}

/** Serves an operation that may refuse its caller: the audit log tells of that. */
function serveRecorded(operation: Operation, tables: Tables): ManagementFunction {
  const noteRefusal = refusalLog(dynamoEventStore(tables));
  const recorded = recordRefusals(retryContended(operation), noteRefusal);
  return serve(recorded, { profile, now: unixNow });
}

/** For an operation that takes rights from credentials. It flushes the cached verdicts. */
function flushingVerdicts(operation: Operation): Operation {
  const flushVerdicts = createFlush(createVerdictCache());
  return (call) =>
    flushAfter(
      () => operation(call),
      () => flushVerdicts(requestIdOf(call.event.requestContext)),
    );
}

function keyOptions(tables: Tables) {
  return { ...workspaceOptions(tables), keys: dynamoKeyStore(finisherOf(tables)) };
}

function memberOptions(tables: Tables) {
  const members = dynamoMemberStore(finisherOf(tables), roleCopiesOf(profile));
  return { ...workspaceOptions(tables), members };
}

function invitationOptions(tables: Tables) {
  return { ...workspaceOptions(tables), invitations: dynamoInvitationStore(tables) };
}

function workspaceOptions(tables: Tables) {
  const workspaces = dynamoWorkspaceStore(finisherOf(tables), roleCopiesOf(profile));
  return { profile, ids, workspaces };
}

function finisherOf(tables: Tables): ChangeFinisher {
  return { tables, now: unixNow, newId, millisecondsLeft };
}

/** The table that verification reads. Its client does not wait for a busy store. */
function connectSecrets(): Pick<Tables, 'client' | 'secrets'> {
  return {
    client: dynamoDbClient({}, millisecondsLeft),
    secrets: requiredVariable('KEYWARD_SECRETS_TABLE'),
  };
}
