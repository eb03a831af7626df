import { isRoutePattern } from '../../core/action-pattern.ts';
import { requirementByHeaders } from '../../core/mcp-header.ts';
import { MCP_HTTP_METHODS } from '../../core/mcp-message.ts';
import { type MultiValueHeaders, namedWorkspace } from '../../core/presentation.ts';
import type { Principal } from '../../core/principal.ts';
import { requirementFor } from '../../core/requirement.ts';
import { grantedPatterns } from '../../core/scope.ts';
import { requiredVariable, unixNow } from '../environment.ts';
import { productVerification } from '../product-verification.ts';
import { profile } from '../profile.ts';
import { createAuthorizer } from './authorizer.ts';

const mcpPath = profile.mcp?.verifiedBy === 'authorizer' ? profile.mcp.path : undefined;
const mcpRoutes = mcpPath === undefined ? [] : MCP_HTTP_METHODS.map((method) => `${method} ${mcpPath}`);

/** The authorizer of the product's API. */
export const handler = createAuthorizer({
  verification: productVerification(),
  presentation: profile.presentation,
  requirement: (event) =>
    event.resource === mcpPath
      ? requirementByHeaders(profile, (event.multiValueHeaders ?? {}) as MultiValueHeaders)
      : // The resource, not the path: it is what API Gateway has routed to, so no spelling of a path can differ from it.
        requirementFor(profile, `${event.httpMethod} ${event.resource}`),
  workspace: (headers) => namedWorkspace(profile, headers),
  routes: routesOf,
  answerRateLimitBy: requiredVariable('KEYWARD_RATE_LIMIT_ANSWERED_BY') === 'guard' ? 'guard' : 'authorizer',
  now: unixNow,
});

function routesOf(principal: Principal): readonly string[] {
  const routes =
    profile.scopes === undefined
      ? profile.routes
      : grantedPatterns(profile.scopes, principal).filter(isRoutePattern);
  return [...routes, ...mcpRoutes];
}
