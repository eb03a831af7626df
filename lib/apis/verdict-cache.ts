import { ArnFormat, Duration, Stack } from 'aws-cdk-lib';
import {
  type CfnMethod,
  type IAuthorizer,
  IdentitySource,
  RequestAuthorizer,
  type RequestAuthorizerProps,
  type RestApi,
} from 'aws-cdk-lib/aws-apigateway';
import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { IFunction, Function as LambdaFunction } from 'aws-cdk-lib/aws-lambda';
import type { Construct } from 'constructs';
import { InvalidProfile } from '../../core/profile/parse-profile.ts';
import type { Profile } from '../../core/profile/profile.ts';
import {
  findCacheObstacle,
  findScopesReachingBeyond,
  LONGEST_CACHE_SECONDS,
  measureLargestAnswer,
} from '../../core/verification/cacheable-verdict.ts';
import { LARGEST_ANSWER_BYTES, LONGEST_RESOURCE } from '../../core/verification/method-policy.ts';
import { credentialHeader } from '../../core/verification/presentation.ts';
import { KeyAuthorizer } from './key-authorizer.ts';

/**
 * Lets API Gateway cache the authorizer's verdicts, so that not every request invokes the authorizer. A credential that is
 * revoked or loses rights may go on as before for `ttl` and the authorizer's timeout together.
 * @see docs/decisions/0012-cached-verdicts.md
 */
export interface VerdictCache {
  /** For how long: whole seconds, 1 to 60. */
  readonly ttl: Duration;
  /**
   * Who checks again what a cached verdict cannot know: that a key has expired since, or that a request holds more than one
   * credential. It is the guard of `keyward/middleware`, in every function behind the authorizer. **Without a guard, a key
   * works for up to `ttl` beyond its expiry.**
   */
  readonly checkedAgainBy: 'guard';
}

type CacheProps = Required<Pick<RequestAuthorizerProps, 'resultsCacheTtl' | 'identitySources'>>;

/** Without a cache, a revoked key is refused on the very next request. */
const NO_CACHE: CacheProps = { resultsCacheTtl: Duration.seconds(0), identitySources: [] };

/**
 * Prepares an authorizer for having its verdicts cached.
 * @returns the props of the authorizer. API Gateway uses a cached verdict only for requests with the same values in all
 * identity sources.
 * @throws where the verdicts depend on something else, or where nothing checks them again.
 */
function cacheVerdicts(authorizer: IFunction, cache: VerdictCache): CacheProps {
  const own = keyAuthorizer(authorizer);
  const { profile } = own;
  const obstacle = findCacheObstacle(profile);
  if (obstacle !== undefined) throw cannotCache(profile, obstacle);
  if (cache.checkedAgainBy !== 'guard')
    throw new Error(
      'Verdicts can be cached only where a guard checks them again: set checkedAgainBy to guard.',
    );
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

/** Adds the authorizer of an API over a function. @throws as {@link cacheVerdicts} does. */
export function addRequestAuthorizer(
  api: { readonly restApi: RestApi } & Construct,
  handler: IFunction,
  verdictCache: VerdictCache | undefined,
): RequestAuthorizer {
  const caching = verdictCache ? cacheVerdicts(handler, verdictCache) : NO_CACHE;
  // A stage serves the authorizer of its deployment: another authorizer needs another deployment.
  api.restApi.latestDeployment?.addToLogicalId({
    authorizer: { seconds: caching.resultsCacheTtl.toSeconds(), identitySources: caching.identitySources },
  });
  const authorizer = new RequestAuthorizer(api, 'Authorizer', { handler, ...caching });
  if (verdictCache !== undefined) keyAuthorizer(handler).permitCache(authorizer);
  return authorizer;
}

/** @throws for any other authorizer: the verdicts of the management API's, for example, depend on the route. */
export function keyAuthorizer(authorizer: IFunction | undefined): KeyAuthorizer {
  if (authorizer instanceof KeyAuthorizer) return authorizer;
  throw new Error('Only the verdicts of a KeyAuthorizer can be cached, and this API has none.');
}

/** Lets a function delete what API Gateway has cached for an API, and do nothing else to the API. */
export function grantFlush({ restApiId, deploymentStage }: RestApi, fn: LambdaFunction): void {
  const cache = Stack.of(fn).formatArn({
    service: 'apigateway',
    account: '',
    resource: `/restapis/${restApiId}/stages/${deploymentStage.stageName}/cache/authorizers`,
    arnFormat: ArnFormat.NO_RESOURCE_NAME,
  });
  fn.addToRolePolicy(new PolicyStatement({ actions: ['apigateway:DELETE'], resources: [cache] }));
}

/** @returns a sentence for each route behind an authorizer that {@link assertPolicyFits} refuses. */
export function policyFaults(
  profile: Profile,
  restApi: RestApi,
  authorizer: IAuthorizer | undefined,
): string[] {
  const guarded = restApi.methods.filter(
    ({ node }) => (node.defaultChild as CfnMethod).authorizerId === authorizer?.authorizerId,
  );
  return guarded.flatMap(({ httpMethod, resource }) => {
    const fault = policyFault(profile, `${httpMethod} ${resource.path}`);
    return fault === undefined ? [] : [fault.message];
  });
}

/** @throws where a cached policy would let a credential through to a route that its scopes do not grant. */
export function assertPolicyFits(profile: Profile, route: string): void {
  const fault = policyFault(profile, route);
  if (fault !== undefined) throw fault;
}

function policyFault(profile: Profile, route: string): InvalidProfile | undefined {
  const scopes = findScopesReachingBeyond(profile, route);
  if (scopes === undefined) return undefined;
  const holder = scopes === 'all' ? 'all scopes' : `the scope ${scopes.join(' ')}`;
  return cannotCache(
    profile,
    `a policy with ${holder} reaches ${route}, which it does not grant, because a wildcard in a policy spans slashes`,
  );
}

/** @throws where API Gateway would not take the policy of a credential that may call every route. */
function assertPolicySize(profile: Profile): void {
  const { bytes, longestResource } = measureLargestAnswer(profile);
  if (bytes <= LARGEST_ANSWER_BYTES && longestResource <= LONGEST_RESOURCE) return;
  throw cannotCache(
    profile,
    `the policy that names all its routes may have ${bytes} bytes, and API Gateway takes ${LARGEST_ANSWER_BYTES}, with ${LONGEST_RESOURCE} characters in each resource. Grant fewer and broader routes, such as GET /users/** for many below /users`,
  );
}

function cannotCache({ name }: Profile, reason: string): InvalidProfile {
  return new InvalidProfile(`The verdicts on credentials of ${name} cannot be cached: ${reason}.`);
}

function secondsOf(ttl: Duration): number {
  const seconds = ttl.isUnresolved() ? Number.NaN : ttl.toMilliseconds() / 1000;
  if (Number.isInteger(seconds) && seconds >= 1 && seconds <= LONGEST_CACHE_SECONDS) return seconds;
  throw new Error(`Verdicts can be cached for whole seconds, from 1 to ${LONGEST_CACHE_SECONDS}.`);
}
