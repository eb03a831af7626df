import { createVerifiers } from '#verifiers';
import { ADMINISTER } from '../../core/access/action-pattern.ts';
import { ownLogOf } from '../../core/audit/audit-event.ts';
import { MANAGEMENT_KEY, MANAGEMENT_KEY_FORMAT } from '../../core/credential/credential-type.ts';
import { hasFormat } from '../../core/credential/key-text.ts';
import { isOpenToPeople, type ManagementRoute, managementRoutesOf } from '../../core/management/route.ts';
import { credentialTypesOf } from '../../core/profile/profile.ts';
import { requirementFor } from '../../core/verification/requirement.ts';
import type { Claim } from '../../core/verification/verdict.ts';
import { dynamoEventStore } from '../../stores/dynamodb/audit/event-store.ts';
import { dynamoVerificationStore } from '../../stores/dynamodb/secrets/verification-store.ts';
import { dynamoDbClient } from '../../stores/dynamodb/table/client.ts';
import { refusalLog } from '../audit/refusal-log.ts';
import { eventRetention, optionalVariable, requiredVariable, unixNow } from '../environment.ts';
import { writeEntry } from '../log/stdout-log.ts';
import { stampingOf } from '../product-verification.ts';
import { profile } from '../profile.ts';
import { millisecondsLeft } from '../time-limit.ts';
import { accessTokenVerifier } from './access-token.ts';
import { createAuthorizer } from './authorizer.ts';

/** What an API key needs to administer keys. Where the profile has no such scope, no API key may. */
const administration = profile.scopes === undefined ? 'none' : requirementFor(profile, ADMINISTER);

const routes = managementRoutesOf(profile);

const table = {
  client: dynamoDbClient({}, millisecondsLeft),
  secrets: requiredVariable('KEYWARD_SECRETS_TABLE'),
};

/** It may put events, and neither read nor change one: whoever is denied here is denied before any function runs. */
const noteRefusal = refusalLog(
  dynamoEventStore({
    client: table.client,
    events: requiredVariable('KEYWARD_EVENTS_TABLE'),
    eventRetention: eventRetention(),
  }),
);

/** Only a local run sets it; see {@link accessTokenVerifier}. */
const insecureJwksUri = optionalVariable('KEYWARD_INSECURE_JWKS_URI');

/**
 * The authorizer of the management API: takes management keys, the product's own credentials where a route allows them,
 * and people who have signed in, who may call whatever a membership can allow them.
 */
export const handler = createAuthorizer({
  verification: {
    credentials: [MANAGEMENT_KEY, ...credentialTypesOf(profile)],
    store: dynamoVerificationStore(table),
    managementKeys: dynamoVerificationStore({
      client: table.client,
      secrets: requiredVariable('KEYWARD_MANAGEMENT_KEYS_TABLE'),
    }),
    // Managing keys does not use up the limit of the product's API.
    tracking: stampingOf(profile),
    ...createVerifiers(table),
  },
  presentation: { kind: 'bearer' },
  requirement: ({ httpMethod, resource }, presentedText) => {
    const route = routes.find(({ method, path }) => method === httpMethod && path === resource);
    if (route === undefined) return 'none';
    if (hasFormat(MANAGEMENT_KEY_FORMAT, presentedText)) return 'any';
    return isToken(presentedText) ? tokenRequirement(route) : apiKeyRequirement(route);
  },
  // A workspace is named in the path here, and in no header.
  workspace: () => ({ skip: true }),
  signIn: {
    verify: accessTokenVerifier({
      issuer: requiredVariable('KEYWARD_ISSUER'),
      clientId: requiredVariable('KEYWARD_CLIENT_ID'),
      ...(insecureJwksUri !== undefined && { insecureJwksUri }),
    }),
    routes: routes.filter(isOpenToPeople).map(patternOf),
  },
  noteDenial: ({ caller, code, event, invocation }) => {
    const { httpMethod: method, resource, pathParameters, requestContext } = event;
    // Here nobody's membership is known, so it stands in the caller's own log, whatever workspace the path names.
    const log = ownLogOf(caller);
    const sourceAddress = requestContext.identity.sourceIp;
    return noteRefusal(
      { caller, log, route: { method, resource }, pathParameters, sourceAddress, code },
      (fault) => writeEntry(fault, invocation),
    );
  },
  now: unixNow,
});

function apiKeyRequirement({ caller }: ManagementRoute): Claim['requirement'] {
  if (caller === 'holder') return 'possession';
  if (caller === 'anyone') return 'any';
  return caller === 'administrator' ? administration : 'none';
}

/** Tokens make neither tokens nor keys, and administer nothing: whoever holds one learns who they are, and ends it. */
function tokenRequirement({ caller }: ManagementRoute): 'any' | 'possession' | 'none' {
  if (caller === 'holder') return 'possession';
  return caller === 'anyone' ? 'any' : 'none';
}

function isToken(presentedText: string): boolean {
  const { personalAccessTokens: tokens } = profile;
  return tokens !== undefined && hasFormat(tokens.format, presentedText);
}

function patternOf({ method, path }: ManagementRoute): string {
  return `${method} ${path}`;
}
