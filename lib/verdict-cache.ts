import { Duration } from 'aws-cdk-lib';
import { IdentitySource, type RequestAuthorizerProps } from 'aws-cdk-lib/aws-apigateway';
import type { IFunction } from 'aws-cdk-lib/aws-lambda';
import { InvalidProfile } from '../core/profile/parse-profile.ts';
import type { Profile } from '../core/profile/profile.ts';
import {
  findCacheObstacle,
  findScopesReachingBeyond,
  LONGEST_CACHE_SECONDS,
  measureLargestAnswer,
} from '../core/verification/cacheable-verdict.ts';
import { LARGEST_ANSWER_BYTES, LONGEST_RESOURCE } from '../core/verification/method-policy.ts';
import { credentialHeader } from '../core/verification/presentation.ts';
import { ProductAuthorizer } from './product-authorizer.ts';

/**
 * Lets API Gateway keep the authorizer's verdicts, so that it is not asked for each request. A credential that is revoked,
 * or may do less, may then go on as before for the time and the authorizer's timeout together.
 * @see docs/decisions/0012-cached-verdicts.md
 */
export interface VerdictCache {
  /** For how long: whole seconds, 1 to 60. */
  readonly ttl: Duration;
  /**
   * Who looks again at what a kept verdict cannot say: that a key has expired since, or that a request holds more than one.
   * It is the guard of `keyward/middleware`, in every function behind the authorizer. **Where no guard is, a key works for
   * up to the time beyond its end.**
   */
  readonly checkedAgainBy: 'guard';
}

type CacheProps = Required<Pick<RequestAuthorizerProps, 'resultsCacheTtl' | 'identitySources'>>;

/** A revoked key is refused on the very next request. */
export const NO_CACHE: CacheProps = { resultsCacheTtl: Duration.seconds(0), identitySources: [] };

/**
 * Makes an authorizer fit for having its verdicts kept.
 * @returns what they depend on, as identity sources: API Gateway keeps a verdict for requests in which all of them are the same.
 * @throws where they depend on something else, or nobody would look at them again.
 */
export function keepVerdicts(authorizer: IFunction, cache: VerdictCache): CacheProps {
  const own = productAuthorizer(authorizer);
  const { profile } = own;
  const obstacle = findCacheObstacle(profile);
  if (obstacle !== undefined) {
    throw new InvalidProfile(`The verdicts on credentials of ${profile.name} cannot be kept: ${obstacle}.`);
  }
  if (cache.checkedAgainBy !== 'guard')
    throw new Error('Verdicts can be kept only where a guard checks them again: say so by checkedAgainBy.');
  assertPolicySize(profile);
  own.addEnvironment('KEYWARD_VERDICTS', 'kept');
  return {
    resultsCacheTtl: Duration.seconds(secondsOf(cache.ttl)),
    identitySources: [
      IdentitySource.header(credentialHeader(profile.presentation)),
      IdentitySource.context('identity.sourceIp'),
    ],
  };
}

/** The management API's verdicts depend on the route, for one. */
export function productAuthorizer(authorizer: IFunction | undefined): ProductAuthorizer {
  if (authorizer instanceof ProductAuthorizer) return authorizer;
  throw new Error('Only the verdicts of a ProductAuthorizer can be kept, and this API has none.');
}

function secondsOf(ttl: Duration): number {
  const seconds = ttl.isUnresolved() ? Number.NaN : ttl.toMilliseconds() / 1000;
  if (Number.isInteger(seconds) && seconds >= 1 && seconds <= LONGEST_CACHE_SECONDS) return seconds;
  throw new Error(`Verdicts can be kept for whole seconds, from 1 to ${LONGEST_CACHE_SECONDS}.`);
}

/** @throws where API Gateway would not take the policy of a credential that may call everything. */
function assertPolicySize(profile: Profile): void {
  const { bytes, longestResource } = measureLargestAnswer(profile);
  if (bytes <= LARGEST_ANSWER_BYTES && longestResource <= LONGEST_RESOURCE) return;
  throw new InvalidProfile(
    `The verdicts on credentials of ${profile.name} cannot be kept: the policy that names all its routes may have ${bytes} bytes, and API Gateway takes ${LARGEST_ANSWER_BYTES}, with ${LONGEST_RESOURCE} characters in each resource. Grant fewer and broader routes, such as GET /users/** for many below /users.`,
  );
}

/** What is wrong with the routes of an API that keeps verdicts, a sentence each. */
export function policyFaults(profile: Profile, routes: readonly string[]): string[] {
  return routes.flatMap((route) => {
    try {
      assertPolicyFits(profile, route);
      return [];
    } catch (error) {
      return [(error as Error).message];
    }
  });
}

/** @throws where a kept policy would let a credential through to a route that its scopes do not grant. */
export function assertPolicyFits(profile: Profile, route: string): void {
  const scopes = findScopesReachingBeyond(profile, route);
  if (scopes === undefined) return;
  const holder = scopes === 'all' ? 'all scopes' : `the scope ${scopes.join(' ')}`;
  throw new InvalidProfile(
    `The verdicts on credentials of ${profile.name} cannot be kept: a policy with ${holder} reaches ${route}, which it does not grant, because a wildcard in a policy spans slashes.`,
  );
}
