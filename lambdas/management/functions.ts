import { profile } from '#profile';
import { createVerdictFlusher } from '#verdict-cache';
import { createVerifiers } from '#verifiers';
import { LINK_FORMAT, SESSION_FORMAT } from '../../core/credential/credential-type.ts';
import { credentialTypesOf } from '../../core/profile/profile.ts';
import { dynamoEventStore } from '../../stores/dynamodb/audit/event-store.ts';
import { dynamoKeyImportStore } from '../../stores/dynamodb/keys/key-import.ts';
import { dynamoVerificationStore } from '../../stores/dynamodb/secrets/verification-store.ts';
import { dynamoSessionStore } from '../../stores/dynamodb/sessions/session-store.ts';
import { dynamoRequestStore } from '../../stores/dynamodb/table/request-item.ts';
import type { Tables } from '../../stores/dynamodb/table/tables.ts';
import { dynamoTokenStore } from '../../stores/dynamodb/tokens/token-store.ts';
import { maxKeysPerMember, optionalVariable, unixNow } from '../environment.ts';
import { requestIdOf } from '../http/problem.ts';
import { refusalLog } from '../refusal-log.ts';
import { connectSecrets, connectSessionTables, connectTables } from '../tables.ts';
import { millisecondsLeft } from '../time-limit.ts';
import { createFlush, flushAfter } from '../verdict-flush.ts';
import { readEventsOperation } from './events/events.ts';
import {
  drawKeySecret,
  drawText,
  drawTokenSecret,
  ids,
  invitationOptions,
  keyOptions,
  memberOptions,
  workspaceOptions,
} from './function-options.ts';
import type { Operation } from './http/operation.ts';
import { recordRefusals } from './http/refusal.ts';
import { retryContended } from './http/retry-contended.ts';
import { type ManagementFunction, serve, servePublic } from './http/serve.ts';
import {
  createInvitationOperation,
  readInvitationsOperation,
  revokeInvitationOperation,
} from './invitations/invitations.ts';
import { importKeysOperation } from './keys/import-keys.ts';
import { issueKeyOperation } from './keys/issue-key.ts';
import { readKeysOperation } from './keys/read-keys.ts';
import { revokeKeyOperation } from './keys/revoke-key.ts';
import { revokeKeysOperation } from './keys/revoke-keys.ts';
import { revokePreviousSecretOperation } from './keys/revoke-previous-secret.ts';
import { rotateKeyOperation } from './keys/rotate-key.ts';
import { updateKeyOperation } from './keys/update-key.ts';
import { verifyKeyOperation } from './keys/verify-key.ts';
import { describeCallerOperation, describeScopesOperation } from './members/describe-caller.ts';
import { putMemberOperation, readMembersOperation, removeMemberOperation } from './members/members.ts';
import { createSessionOperation } from './sessions/create-session.ts';
import { endSessionOperation } from './sessions/end-session.ts';
import { exchangeSessionOperation } from './sessions/exchange-session.ts';
import { revokeSessionsOperation } from './sessions/revoke-sessions.ts';
import { issueTokenOperation } from './tokens/issue-token.ts';
import { readTokensOperation, revokeTokenOperation } from './tokens/tokens.ts';
import {
  createWorkspaceOperation,
  readWorkspaceOperation,
  updateWorkspaceOperation,
} from './workspaces/workspaces.ts';

/**
 * Wires the functions of the management API. There is one export for each handler in `core/management/route.ts`, and
 * lib/functions/bundle.ts writes the entry file that calls it:
 *
 *     export const handler = makeIssueKey();
 *
 * Nothing is built before that call, so each bundle holds only what its own function uses.
 */

export function makeIssueKey(tables = connectTables()): ManagementFunction {
  const operation = issueKeyOperation({
    ...keyOptions(tables),
    requests: dynamoRequestStore(tables),
    drawSecret: drawKeySecret,
    maxKeysPerMember: maxKeysPerMember(),
  });
  return serveRecorded(operation, tables);
}

export function makeImportKeys(tables = connectTables()): ManagementFunction {
  const operation = importKeysOperation({
    ...workspaceOptions(tables),
    imports: dynamoKeyImportStore(tables),
    maxKeysPerMember: maxKeysPerMember(),
  });
  return serveRecorded(operation, tables);
}

export function makeReadKeys(tables = connectTables()): ManagementFunction {
  return serveRecorded(readKeysOperation(keyOptions(tables)), tables);
}

export function makeUpdateKey(tables = connectTables()): ManagementFunction {
  return serveRecorded(flushingVerdicts(updateKeyOperation(keyOptions(tables))), tables);
}

export function makeRotateKey(tables = connectTables()): ManagementFunction {
  const requests = dynamoRequestStore(tables);
  const operation = rotateKeyOperation({ ...keyOptions(tables), requests, drawSecret: drawKeySecret });
  return serveRecorded(flushingVerdicts(operation), tables);
}

export function makeRevokePreviousSecret(tables = connectTables()): ManagementFunction {
  return serveRecorded(flushingVerdicts(revokePreviousSecretOperation(keyOptions(tables))), tables);
}

export function makeRevokeKey(tables = connectTables()): ManagementFunction {
  const tokens = dynamoTokenStore(tables);
  return serveRecorded(flushingVerdicts(revokeKeyOperation({ ...keyOptions(tables), tokens })), tables);
}

export function makeRevokeKeys(tables = connectTables()): ManagementFunction {
  const operation = revokeKeysOperation({ ...keyOptions(tables), millisecondsLeft });
  return serveRecorded(flushingVerdicts(operation), tables);
}

export function makeVerifyKey(table = connectSecrets()): ManagementFunction {
  const operation = verifyKeyOperation({
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
  const operation = issueTokenOperation({
    profile,
    ids,
    tokens: dynamoTokenStore(tables),
    requests: dynamoRequestStore(tables),
    drawSecret: drawTokenSecret,
  });
  return serveRecorded(operation, tables);
}

export function makeReadTokens(tables = connectTables()): ManagementFunction {
  return serveRecorded(readTokensOperation({ tokens: dynamoTokenStore(tables) }), tables);
}

export function makeRevokeToken(tables = connectTables()): ManagementFunction {
  return serveRecorded(revokeTokenOperation({ tokens: dynamoTokenStore(tables), ids }), tables);
}

export function makeCreateWorkspace(tables = connectTables()): ManagementFunction {
  const requests = dynamoRequestStore(tables);
  return serveRecorded(createWorkspaceOperation({ ...workspaceOptions(tables), requests }), tables);
}

export function makeReadWorkspace(tables = connectTables()): ManagementFunction {
  return serveRecorded(readWorkspaceOperation(workspaceOptions(tables)), tables);
}

export function makeUpdateWorkspace(tables = connectTables()): ManagementFunction {
  return serveRecorded(updateWorkspaceOperation(workspaceOptions(tables)), tables);
}

export function makeReadMembers(tables = connectTables()): ManagementFunction {
  return serveRecorded(readMembersOperation(memberOptions(tables)), tables);
}

export function makePutMember(tables = connectTables()): ManagementFunction {
  return serveRecorded(flushingVerdicts(putMemberOperation(memberOptions(tables))), tables);
}

export function makeRemoveMember(tables = connectTables()): ManagementFunction {
  return serveRecorded(flushingVerdicts(removeMemberOperation(memberOptions(tables))), tables);
}

export function makeCreateInvitation(tables = connectTables()): ManagementFunction {
  const operation = createInvitationOperation({
    ...invitationOptions(tables),
    requests: dynamoRequestStore(tables),
    acceptedBy: optionalVariable('KEYWARD_INVITATIONS') === 'closed' ? 'nobody' : 'signing_in',
  });
  return serveRecorded(operation, tables);
}

export function makeReadInvitations(tables = connectTables()): ManagementFunction {
  return serveRecorded(readInvitationsOperation(invitationOptions(tables)), tables);
}

export function makeRevokeInvitation(tables = connectTables()): ManagementFunction {
  return serveRecorded(revokeInvitationOperation(invitationOptions(tables)), tables);
}

export function makeReadEvents(tables = connectTables()): ManagementFunction {
  const operation = readEventsOperation({ ...workspaceOptions(tables), events: dynamoEventStore(tables) });
  return serveRecorded(operation, tables);
}

export function makeDescribeCaller(tables = connectTables()): ManagementFunction {
  return serve(describeCallerOperation(memberOptions(tables)), { profile, now: unixNow });
}

export function makeDescribeScopes(): ManagementFunction {
  return serve(describeScopesOperation({ profile }), { profile, now: unixNow });
}

export function makeCreateSession(tables = connectSessionTables()): ManagementFunction {
  const operation = createSessionOperation({
    ...workspaceOptions(tables),
    sessions: dynamoSessionStore(tables),
    consoleUrl: optionalVariable('KEYWARD_CONSOLE_URL'),
    drawCode: () => drawText(LINK_FORMAT),
  });
  return serveRecorded(operation, tables);
}

export function makeExchangeSession(tables = connectSessionTables()): ManagementFunction {
  const operation = exchangeSessionOperation({
    ...workspaceOptions(tables),
    sessions: dynamoSessionStore(tables),
    drawSecret: () => drawText(SESSION_FORMAT),
  });
  return servePublic(retryContended(operation), { now: unixNow });
}

export function makeEndSession(tables = connectSessionTables()): ManagementFunction {
  return serveRecorded(endSessionOperation({ sessions: dynamoSessionStore(tables), ids }), tables);
}

export function makeRevokeSessions(tables = connectSessionTables()): ManagementFunction {
  const sessions = dynamoSessionStore(tables);
  return serveRecorded(revokeSessionsOperation({ ...workspaceOptions(tables), sessions }), tables);
}

/** Serves an operation that may refuse its caller: the audit log tells of that. */
function serveRecorded(operation: Operation, tables: Tables): ManagementFunction {
  const noteRefusal = refusalLog(dynamoEventStore(tables));
  const recorded = recordRefusals(retryContended(operation), noteRefusal);
  return serve(recorded, { profile, now: unixNow });
}

/** For an operation that takes rights from credentials. It flushes the cached verdicts. */
function flushingVerdicts(operation: Operation): Operation {
  const flushVerdicts = createFlush(createVerdictFlusher());
  return (call) =>
    flushAfter(
      () => operation(call),
      () => flushVerdicts(requestIdOf(call.event.requestContext)),
    );
}
