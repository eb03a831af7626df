import { hasFormat } from '../../core/key-text.ts';
import { MANAGEMENT_KEY, MANAGEMENT_KEY_FORMAT } from '../../core/management-key.ts';
import {
  isOpenToPeople,
  MANAGEMENT_ROUTES,
  type ManagementRoute,
  managementRouteOf,
} from '../../core/management-route.ts';
import type { Principal } from '../../core/principal.ts';
import { ADMINISTER } from '../../core/profile.ts';
import { requirementFor } from '../../core/requirement.ts';
import { holdsAny } from '../../core/scope.ts';
import type { Claim } from '../../core/verdict.ts';
import { dynamoDbClient } from '../../stores/dynamodb/client.ts';
import { dynamoVerificationStore } from '../../stores/dynamodb/verification-store.ts';
import { optionalVariable, requiredVariable, unixNow } from '../environment.ts';
import { profile } from '../profile.ts';
import { accessTokenVerifier } from './access-token.ts';
import { createAuthorizer } from './authorizer.ts';

/** What an API key needs to administer keys. Where the profile has no such scope, no API key may. */
const administration = profile.scopes === undefined ? 'none' : requirementFor(profile, ADMINISTER);

/** Only a local run sets it; see {@link accessTokenVerifier}. */
const insecureJwksUri = optionalVariable('KEYWARD_INSECURE_JWKS_URI');

/**
 * The authorizer of the management API: takes management keys, the product's API keys where a route allows them, and
 * people who have signed in, who may call whatever a membership can allow them.
 */
export const handler = createAuthorizer({
  verification: {
    credentials: [MANAGEMENT_KEY, profile.apiKey],
    store: dynamoVerificationStore({
      client: dynamoDbClient(),
      secrets: requiredVariable('KEYWARD_SECRETS_TABLE'),
    }),
    // Managing keys does not use up the limit of the product's API.
    tracking: 'stamp',
  },
  presentation: { kind: 'bearer' },
  requirement: (event, presentedText) => {
    if (hasFormat(MANAGEMENT_KEY_FORMAT, presentedText)) return 'any';
    const route = managementRouteOf(event.httpMethod, event.resource);
    return route === undefined ? 'none' : apiKeyRequirement(route);
  },
  routes: (principal) => MANAGEMENT_ROUTES.filter((route) => mayCall(principal, route)).map(patternOf),
  signIn: {
    verify: accessTokenVerifier({
      issuer: requiredVariable('KEYWARD_ISSUER'),
      clientId: requiredVariable('KEYWARD_CLIENT_ID'),
      ...(insecureJwksUri !== undefined && { insecureJwksUri }),
    }),
    routes: MANAGEMENT_ROUTES.filter(isOpenToPeople).map(patternOf),
  },
  answerRateLimitBy: 'authorizer',
  now: unixNow,
});

function apiKeyRequirement({ caller }: ManagementRoute): Claim['requirement'] {
  if (caller === 'holder') return 'possession';
  if (caller === 'anyone') return 'any';
  return caller === 'administrator' ? administration : 'none';
}

function patternOf({ method, path }: ManagementRoute): string {
  return `${method} ${path}`;
}

function mayCall({ kind, scopes }: Principal, route: ManagementRoute): boolean {
  if (kind === 'management_key') return true;
  const requirement = apiKeyRequirement(route);
  if (typeof requirement === 'string') return requirement === 'any' || requirement === 'possession';
  return holdsAny(scopes, requirement.grantedBy);
}
