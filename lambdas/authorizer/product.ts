import { isRoutePattern } from '../../core/action-pattern.ts';
import type { Principal } from '../../core/principal.ts';
import { requirementFor } from '../../core/requirement.ts';
import { grantedPatterns } from '../../core/scope.ts';
import { requiredVariable, unixNow } from '../environment.ts';
import { productVerification } from '../product-verification.ts';
import { profile } from '../profile.ts';
import { createAuthorizer } from './authorizer.ts';

/** The authorizer of the product's API. */
export const handler = createAuthorizer({
  verification: productVerification(),
  presentation: profile.presentation,
  // The resource, not the path: it is what API Gateway has routed to, so no spelling of a path can differ from it.
  requirement: (event) => requirementFor(profile, `${event.httpMethod} ${event.resource}`),
  routes: routesOf,
  answerRateLimitBy: requiredVariable('KEYWARD_RATE_LIMIT_ANSWERED_BY') === 'guard' ? 'guard' : 'authorizer',
  now: unixNow,
});

function routesOf({ scopes }: Principal): readonly string[] {
  return profile.scopes === undefined
    ? profile.routes
    : grantedPatterns(profile.scopes, scopes).filter(isRoutePattern);
}
