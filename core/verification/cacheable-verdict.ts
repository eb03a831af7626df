import { isRoutePattern, METHODS, policyPaths } from '../access/action-pattern.ts';
import type { Principal } from '../access/principal.ts';
import { grantedPatterns, type Scopes } from '../access/scope.ts';
import type { Profile } from '../profile/profile.ts';
import { mayDo } from './requirement.ts';

/** The longest time to cache a verdict. A revoked key may keep working that long, at worst. */
export const LONGEST_CACHE_SECONDS = 60;

/**
 * API Gateway caches a verdict under the values of its identity sources, and gives it to the next request without asking. Every
 * request must then have all of these values. So a verdict can be cached only if it depends on nothing else.
 * @returns why verdicts of this profile cannot be cached, as the end of a sentence; `undefined` if they can.
 * @see docs/decisions/0012-cached-verdicts.md
 */
export function findCacheObstacle(profile: Profile): string | undefined {
  const { rateLimits, lastUsed, personalAccessTokens: tokens, mcp } = profile;
  if (rateLimits !== undefined) return 'its calls are counted, and a cache counts nothing';
  if (lastUsed === 'every_call') return 'it stamps the time of every call, and a cache stamps nothing';
  if (tokens !== undefined)
    return `they depend on the header ${tokens.workspaceHeader}, which API keys need not send, and a cache refuses a request without it`;
  if (mcp?.verifiedBy === 'authorizer')
    return 'they depend on the headers Mcp-Method and Mcp-Name, which older clients of MCP do not send, and a cache refuses a request without them';
  return undefined;
}

/** The product's routes that a credential may call, as patterns. The policy of its verdict names them. */
export function grantedRoutes(
  { scopes, routes }: Profile,
  principal: Pick<Principal, 'kind' | 'scopes'>,
): readonly string[] {
  return scopes === undefined ? routes : grantedPatterns(scopes, principal).filter(isRoutePattern);
}

/** The longest text before a route in a policy: `arn:PARTITION:execute-api:REGION:ACCOUNT:API/STAGE/`. */
const LONGEST_STAGE = 'arn:aws-us-gov:execute-api:ap-northeast-10:123456789012:abcdefghij/live/'.length;

/**
 * The size of an answer without its policy and the names of scopes: fixed texts, a challenge, the credential, a user's id of 255
 * characters, eight networks.
 */
const OTHER_BYTES = 2_500;

/** A title of 100 characters and a detail of 200, each of at most four bytes, and the required scope once more. */
const OWN_WORDS_BYTES = 1_400;

/** Computes the size of the authorizer's answer for a credential that may call every route. */
export function measureLargestAnswer(profile: Profile): { bytes: number; longestResource: number } {
  const resources = grantedRoutes(profile, { kind: 'api_key', scopes: 'all' }).flatMap(policyPaths);
  const lengths = resources.map((resource) => LONGEST_STAGE + resource.length);
  const names = profile.scopes?.definitions.map(({ name }) => name).join(' ') ?? '';
  // Each with its quotes and a comma.
  const ownWordsBytes = profile.errors === undefined ? 0 : OWN_WORDS_BYTES;
  const policyBytes = lengths.reduce((sum, length) => sum + length + 3, 0);
  return {
    bytes: policyBytes + names.length + OTHER_BYTES + ownWordsBytes,
    longestResource: Math.max(0, ...lengths),
  };
}

/**
 * A cached verdict is only a policy, and in a policy `*` spans slashes. So the policy of one route may reach another route, which
 * the profile does not grant with it.
 * @param route as an API declares it, such as `GET /users/{id}` or `ANY /users`.
 * @returns the scopes whose policy reaches the route although they do not grant it; `undefined` if there are none.
 */
export function findScopesReachingBeyond(profile: Profile, route: string): Scopes | undefined {
  const [method = '', path = ''] = route.split(' ');
  const actions = (method === 'ANY' ? METHODS : [method]).map((verb) => `${verb} ${path}`);
  const names = profile.scopes?.definitions.map(({ name }) => [name] as const) ?? [];
  // The policy of several scopes is the sum of their policies, so single scopes and `all` are enough.
  return [...names, 'all' as const].find((scopes) => {
    const holder: Principal = { ...HOLDER, scopes };
    const policy = grantedRoutes(profile, holder).flatMap(policyPaths);
    return actions.some((action) => !mayDo(profile, holder, action) && reaches(policy, action));
  });
}

function reaches(policy: readonly string[], action: string): boolean {
  return policyPaths(action).some((called) => policy.some((allowed) => wildcardsMeet(allowed, called)));
}

/** Any API key of the product. Verdicts on other credentials are not cached. */
const HOLDER: Omit<Principal, 'scopes'> = {
  kind: 'api_key',
  credentialId: '',
  workspace: null,
  user: null,
  role: null,
  constraints: { expiresAt: null, allowedCidrs: [] },
};

/** Flushes API Gateway's cache of the product authorizer's verdicts, for all credentials together. */
export interface VerdictFlusher {
  /**
   * Empties the cache. A verdict that is made at the same time may still be cached afterwards.
   * @param milliseconds the time limit.
   * @throws if it could not be done in time. The cached verdicts then end by themselves.
   */
  flush(milliseconds: number): Promise<void>;
}

/** Tells whether some text matches both patterns. `*` stands for any text, with or without slashes, or for none. */
export function wildcardsMeet(one: string, other: string): boolean {
  // Each row tells which beginnings of `other` meet one beginning of `one`.
  let row = Array.from({ length: other.length + 1 }, (_, length) => /^\**$/.test(other.slice(0, length)));
  for (const letter of one) {
    const above = row;
    const next = [letter === '*' && above[0] === true];
    for (const [index, otherLetter] of [...other].entries()) {
      const isWild = letter === '*' || otherLetter === '*';
      const skipsOne = above[index + 1] === true;
      const skipsOther = next[index] === true;
      next.push(isWild ? skipsOne || skipsOther : letter === otherLetter && above[index] === true);
    }
    row = next;
  }
  return row.at(-1) === true;
}
