import { grantedRoutes } from '../../core/kept-verdict.ts';
import { requirementByHeaders } from '../../core/mcp-header.ts';
import { MCP_HTTP_METHODS } from '../../core/mcp-message.ts';
import {
  challengeOf,
  credentialHeader,
  type MultiValueHeaders,
  namedWorkspace,
} from '../../core/presentation.ts';
import { requirementFor } from '../../core/requirement.ts';
import { optionalVariable, requiredVariable, unixNow } from '../environment.ts';
import { productVerification } from '../product-verification.ts';
import { profile } from '../profile.ts';
import { createAuthorizer } from './authorizer.ts';

const mcpPath = profile.mcp?.verifiedBy === 'authorizer' ? profile.mcp.path : undefined;
const mcpRoutes = mcpPath === undefined ? [] : MCP_HTTP_METHODS.map((method) => `${method} ${mcpPath}`);

/** Whether API Gateway keeps verdicts, which the next request with the credential then gets, whatever its route. */
const isKept = optionalVariable('KEYWARD_VERDICTS') === 'kept';

/** The authorizer of the product's API. */
export const handler = createAuthorizer({
  verification: productVerification(profile),
  product: profile.name,
  presentation: profile.presentation,
  requirement: (event) => {
    // Which routes the credential may call is then said by the policy alone, of this route as of every other.
    if (isKept) return 'any';
    return event.resource === mcpPath
      ? requirementByHeaders(profile, (event.multiValueHeaders ?? {}) as MultiValueHeaders)
      : // The resource, not the path: it is what API Gateway has routed to, so no spelling of a path can differ from it.
        requirementFor(profile, `${event.httpMethod} ${event.resource}`);
  },
  workspace: (headers) => namedWorkspace(profile, headers),
  routes: (principal) => [...grantedRoutes(profile, principal), ...mcpRoutes],
  answerRateLimitBy: requiredVariable('KEYWARD_RATE_LIMIT_ANSWERED_BY') === 'guard' ? 'guard' : 'authorizer',
  ...(isKept && {
    kept: {
      credentialHeader: credentialHeader(profile.presentation),
      challenge: challengeOf(profile.presentation, profile.realm),
    },
  }),
  now: unixNow,
});
