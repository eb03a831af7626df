import type { APIGatewayProxyEvent } from 'aws-lambda';
import { readApiDescription } from '#api-description';
import { profile } from '#profile';
import { createVerdictFlusher } from '#verdict-cache';
import { createVerifiers } from '#verifiers';
import { MANAGEMENT_KEY } from '../core/credential/credential-type.ts';
import { roleCopiesOf } from '../core/management/member-store.ts';
import { parseAccessTokenMark, SIGN_IN_PATH, type TokenRules } from '../core/management/sign-in.ts';
import { credentialTypesOf } from '../core/profile/profile.ts';
import { dynamoEventStore } from '../stores/dynamodb/audit/event-store.ts';
import { dynamoVerificationStore } from '../stores/dynamodb/secrets/verification-store.ts';
import { dynamoSessionReader } from '../stores/dynamodb/sessions/session-store.ts';
import { readOldestPendingSeconds, sweepPendingChanges } from '../stores/dynamodb/sweeper/sweep.ts';
import type { ChangeFinisher } from '../stores/dynamodb/table/intent.ts';
import { dynamoAcceptanceStore } from '../stores/dynamodb/workspaces/invitation-store.ts';
import { dynamoMemberStore } from '../stores/dynamodb/workspaces/member-store.ts';
import { dynamoWorkspaceStore } from '../stores/dynamodb/workspaces/workspace-store.ts';
import { createDescriptionHandler } from './api-description.ts';
import { accessTokenVerifier } from './authorizer/access-token.ts';
import { type AuthorizerEvent, isHttpApiEvent } from './authorizer/http-api-event.ts';
import { createManagementAuthorizer } from './authorizer/management-authorizer.ts';
import { createProductAuthorizer, createProductHttpApiAuthorizer } from './authorizer/product-authorizer.ts';
import { sessionVerifier } from './authorizer/session-access.ts';
import { eventRetention, newId, optionalVariable, requiredVariable, unixNow } from './environment.ts';
import { productVerification, stampingOf } from './product-verification.ts';
import { refusalLog } from './refusal-log.ts';
import { type AcceptanceOptions, acceptInvitations, createSignInHandler } from './sign-in.ts';
import { createSignInAddressHandler } from './sign-in-address.ts';
import { createSweeper } from './sweeper.ts';
import { connectSecrets, connectTables } from './tables.ts';
import { millisecondsLeft } from './time-limit.ts';
import { createFlush } from './verdict-flush.ts';

/**
 * Wires Keyward's own functions, except those of the management API, which `management/functions.ts` wires in the same way.
 * lib/functions/bundle.ts writes the entry file of each, which calls its factory here. Nothing is built before that call, so each bundle
 * holds only what its own function uses.
 */

/** Makes the Lambda function in front of the product's API, whether that is a REST API or an HTTP API. */
export function makeProductAuthorizer() {
  const options = {
    profile,
    verification: productVerification(profile),
    guardedRoutes: optionalVariable('KEYWARD_GUARDED_ROUTES') ?? '',
    now: unixNow,
  };
  const isCaching = optionalVariable('KEYWARD_VERDICTS') === 'kept';
  const authorizeRest = createProductAuthorizer({ ...options, isCaching });
  const authorizeHttp = createProductHttpApiAuthorizer(options);
  return (event: AuthorizerEvent) => (isHttpApiEvent(event) ? authorizeHttp(event) : authorizeRest(event));
}

/** Makes the Lambda function in front of the management API. */
export function makeManagementAuthorizer() {
  const table = connectSecrets();
  const { client } = table;
  const managementTable = { client, secrets: requiredVariable('KEYWARD_MANAGEMENT_KEYS_TABLE') };
  // The authorizer's role may add events, and may neither read nor change any.
  const events = dynamoEventStore({
    client,
    events: requiredVariable('KEYWARD_EVENTS_TABLE'),
    eventRetention: eventRetention(),
  });
  return createManagementAuthorizer({
    profile,
    verification: {
      credentials: [MANAGEMENT_KEY, ...credentialTypesOf(profile)],
      store: dynamoVerificationStore(table),
      managementKeys: dynamoVerificationStore(managementTable),
      // Managing keys does not use up the rate limit of the product's API.
      tracking: stampingOf(profile),
      ...createVerifiers(table),
    },
    verifyAccessToken: accessTokenVerifier({
      issuer: requiredVariable('KEYWARD_ISSUER'),
      clientId: requiredVariable('KEYWARD_CLIENT_ID'),
      rules: tokenRules(),
      // Only a local run sets it.
      insecureJwksUri: optionalVariable('KEYWARD_INSECURE_JWKS_URI'),
    }),
    verifySession: sessionVerifier({
      sessions: dynamoSessionReader({ client, sessions: requiredVariable('KEYWARD_SESSIONS_TABLE') }),
      now: unixNow,
    }),
    noteRefusal: refusalLog(events),
    now: unixNow,
  });
}

/** @returns `undefined` where Cognito makes the tokens. */
function tokenRules(): TokenRules | undefined {
  const audience = optionalVariable('KEYWARD_TOKEN_AUDIENCE');
  if (audience === undefined) return undefined;
  const mark = parseAccessTokenMark(requiredVariable('KEYWARD_ACCESS_TOKEN_MARK'));
  if (mark === undefined) throw new Error('The environment variable KEYWARD_ACCESS_TOKEN_MARK is not valid.');
  return {
    audience,
    mark,
    userClaim: requiredVariable('KEYWARD_USER_CLAIM'),
    clientClaim: requiredVariable('KEYWARD_CLIENT_CLAIM'),
  };
}

/** Makes the Lambda function of what everybody may read: the description of the management API, and where people sign in. */
export function makeDescribeApi() {
  const describe = createDescriptionHandler(readApiDescription());
  const tellSignIn = createSignInAddressHandler({
    issuer: requiredVariable('KEYWARD_ISSUER'),
    clientId: requiredVariable('KEYWARD_CLIENT_ID'),
    scopes: requiredVariable('KEYWARD_SIGN_IN_SCOPES').split(' '),
    parameters: Object.fromEntries(new URLSearchParams(optionalVariable('KEYWARD_SIGN_IN_PARAMETERS'))),
  });
  return (event: APIGatewayProxyEvent) => (event.resource === SIGN_IN_PATH ? tellSignIn : describe)(event);
}

/** Makes the Lambda function that accepts invitations when somebody signs in. */
export function makeSignIn() {
  const tables = connectTables({});
  const finisher: ChangeFinisher = { tables, now: unixNow, newId, millisecondsLeft };
  const options: AcceptanceOptions = {
    invitations: dynamoAcceptanceStore(tables),
    workspaces: dynamoWorkspaceStore(finisher, roleCopiesOf(profile)),
    members: dynamoMemberStore(finisher, roleCopiesOf(profile)),
    profile,
    newId,
    now: unixNow,
  };
  return createSignInHandler((person) => acceptInvitations(options, person));
}

/** Makes the Lambda function that a schedule runs every minute. */
export function makeSweeper() {
  const tables = connectTables();
  return createSweeper({
    sweep: (millisecondsLeft) => sweepPendingChanges({ tables, now: unixNow, newId, millisecondsLeft }),
    oldestPendingSeconds: () => readOldestPendingSeconds(tables, unixNow()),
    flushVerdicts: createFlush(createVerdictFlusher()),
    now: Date.now,
  });
}
