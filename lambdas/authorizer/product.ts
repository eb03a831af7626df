import type { APIGatewayRequestAuthorizerEvent } from 'aws-lambda';
import { grantedRoutes } from '../../core/verification/cacheable-verdict.ts';
import { readGuardedRoutes } from '../../core/verification/guarded-route.ts';
import { requirementByHeaders } from '../../core/verification/mcp-header.ts';
import {
  challengeOf,
  credentialHeader,
  type MultiValueHeaders,
  readNamedWorkspace,
} from '../../core/verification/presentation.ts';
import { mayDo, requirementFor } from '../../core/verification/requirement.ts';
import { optionalVariable, unixNow } from '../environment.ts';
import { productVerification } from '../product-verification.ts';
import { profile } from '../profile.ts';
import { createAuthorizer } from './authorizer.ts';

const mcpPath = profile.mcp?.verifiedBy === 'authorizer' ? profile.mcp.path : undefined;

/** Whether API Gateway keeps verdicts, which the next request with the credential then gets, whatever its route. */
const isKept = optionalVariable('KEYWARD_VERDICTS') === 'kept';

/** The stack tells which routes have a guard behind them; a call of any other that exceeds its limit is denied. */
const isGuarded = readGuardedRoutes(optionalVariable('KEYWARD_GUARDED_ROUTES') ?? '');

/** The resource, not the path: it is what API Gateway has routed to, so no spelling of a path can differ from it. */
function actionOf({
  httpMethod,
  resource,
}: Pick<APIGatewayRequestAuthorizerEvent, 'httpMethod' | 'resource'>): string {
  return `${httpMethod} ${resource}`;
}

/** The authorizer of the product's API. */
export const handler = createAuthorizer({
  verification: productVerification(profile),
  product: profile.name,
  errors: profile.errors,
  presentation: profile.presentation,
  requirement: (event) => {
    // Which routes the credential may call is then said by the policy alone, of this route as of every other.
    if (isKept) return 'any';
    return event.resource === mcpPath
      ? requirementByHeaders(profile, (event.multiValueHeaders ?? {}) as MultiValueHeaders)
      : requirementFor(profile, actionOf(event));
  },
  workspace: (headers) => readNamedWorkspace(profile, headers),
  isGuarded: (event) => isGuarded(event.requestContext.apiId, actionOf(event)),
  ...(isKept && {
    kept: {
      credentialHeader: credentialHeader(profile.presentation),
      challenge: challengeOf(profile.presentation, profile.realm),
      routes: (principal) => grantedRoutes(profile, principal),
      grants: (principal, event) => mayDo(profile, principal, actionOf(event)),
    },
  }),
  now: unixNow,
});
