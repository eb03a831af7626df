import type { APIGatewayRequestAuthorizerEvent } from 'aws-lambda';
import type { Profile } from '../../core/profile/profile.ts';
import { grantedRoutes } from '../../core/verification/cacheable-verdict.ts';
import { readGuardedRoutes } from '../../core/verification/guarded-route.ts';
import { requirementByHeaders } from '../../core/verification/mcp-header.ts';
import {
  credentialHeader,
  type MultiValueHeaders,
  readNamedWorkspace,
} from '../../core/verification/presentation.ts';
import { challengeOf } from '../../core/verification/refusal.ts';
import { mayDo, requirementFor } from '../../core/verification/requirement.ts';
import type { Verification } from '../../core/verification/verify.ts';
import { createAuthorizer, createHttpApiAuthorizer } from './authorizer.ts';
import type { AuthorizerOptions, CachedVerdicts } from './authorizer-options.ts';

export interface ProductAuthorizerOptions {
  readonly profile: Profile;
  readonly verification: Verification;
  /** Whether API Gateway caches verdicts. The next request with the same credential then gets this one, whatever its route. */
  readonly isCaching: boolean;
  /** The routes with a guard behind them, as the stack writes them. On all others, a call beyond its limit is refused with 403. */
  readonly guardedRoutes: string;
  /** Unix seconds. */
  readonly now: () => number;
}

/** The authorizer of the product's REST API. */
export function createProductAuthorizer(options: ProductAuthorizerOptions) {
  return createAuthorizer(authorizerOptions(options));
}

/** The authorizer of the product's HTTP API. API Gateway caches none of its verdicts, so each is about the called route. */
export function createProductHttpApiAuthorizer(options: Omit<ProductAuthorizerOptions, 'isCaching'>) {
  return createHttpApiAuthorizer(authorizerOptions({ ...options, isCaching: false }));
}

function authorizerOptions(options: ProductAuthorizerOptions): AuthorizerOptions {
  const { profile, verification, isCaching, now } = options;
  const mcpPath = profile.mcp?.verifiedBy === 'authorizer' ? profile.mcp.path : undefined;
  const isGuarded = readGuardedRoutes(options.guardedRoutes);
  return {
    verification,
    product: profile.name,
    errors: profile.errors,
    presentation: profile.presentation,
    requirement: (event) => {
      // A cached policy alone says which routes the credential may call, this one included.
      if (isCaching) return 'any';
      return event.resource === mcpPath
        ? requirementByHeaders(profile, (event.multiValueHeaders ?? {}) as MultiValueHeaders)
        : requirementFor(profile, actionOf(event));
    },
    workspace: (headers) => readNamedWorkspace(profile, headers),
    isGuarded: (event) => isGuarded(event.requestContext.apiId, actionOf(event)),
    cached: isCaching ? cachedVerdicts(profile) : undefined,
    now,
  };
}

function cachedVerdicts(profile: Profile): CachedVerdicts {
  return {
    credentialHeader: credentialHeader(profile.presentation),
    challenge: challengeOf(profile.presentation, profile.realm),
    routes: (principal) => grantedRoutes(profile, principal),
    grants: (principal, event) => mayDo(profile, principal, actionOf(event)),
  };
}

type Called = Pick<APIGatewayRequestAuthorizerEvent, 'httpMethod' | 'resource'>;

/** Decides by the resource that API Gateway has routed to. Unlike a path, it has one spelling. */
function actionOf({ httpMethod, resource }: Called): string {
  return `${httpMethod} ${resource}`;
}
