import { hasFormat } from '../../core/key-text.ts';
import { MANAGEMENT_KEY, MANAGEMENT_KEY_FORMAT } from '../../core/management-key.ts';
import { MANAGEMENT_ROUTES, type ManagementRoute, managementRouteOf } from '../../core/management-route.ts';
import type { Principal } from '../../core/principal.ts';
import { ADMINISTER } from '../../core/profile.ts';
import { requirementFor } from '../../core/requirement.ts';
import { holdsAny } from '../../core/scope.ts';
import type { Claim } from '../../core/verdict.ts';
import { dynamoDbClient } from '../../stores/dynamodb/client.ts';
import { dynamoVerificationStore } from '../../stores/dynamodb/verification-store.ts';
import { requiredVariable, unixNow } from '../environment.ts';
import { profile } from '../profile.ts';
import { createAuthorizer } from './authorizer.ts';

/** What an API key needs to administer keys. Where the profile has no such scope, no API key may. */
const administration = profile.scopes === undefined ? 'none' : requirementFor(profile, ADMINISTER);

/** The authorizer of the management API: takes management keys, and the product's API keys where a route allows them. */
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
  routes: (principal) =>
    MANAGEMENT_ROUTES.filter((route) => mayCall(principal, route)).map(
      ({ method, path }) => `${method} ${path}`,
    ),
  answerRateLimitBy: 'authorizer',
  now: unixNow,
});

function apiKeyRequirement({ caller }: ManagementRoute): Claim['requirement'] {
  if (caller === 'holder') return 'possession';
  if (caller === 'anyone') return 'any';
  return caller === 'operator' || caller === 'person' ? 'none' : administration;
}

function mayCall({ kind, scopes }: Principal, route: ManagementRoute): boolean {
  if (kind === 'management_key') return true;
  const requirement = apiKeyRequirement(route);
  if (typeof requirement === 'string') return requirement === 'any' || requirement === 'possession';
  return holdsAny(scopes, requirement.grantedBy);
}
