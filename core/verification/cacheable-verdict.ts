import { isRoutePattern, METHODS, policyPaths } from '../access/action-pattern.ts';
import type { Principal } from '../access/principal.ts';
import { grantedPatterns, type Scopes } from '../access/scope.ts';
import type { Profile } from '../profile/profile.ts';
import { mayDo } from './requirement.ts';

/** The longest that a verdict may be kept: it is how long a revoked key may go on working at worst. */
export const LONGEST_CACHE_SECONDS = 60;

/**
 * API Gateway keeps a verdict under the values of its identity sources, each of which every request must then have, and
 * gives it to the next request without asking. So a verdict can be kept only where it depends on nothing else.
 * @returns why verdicts on this profile's credentials cannot be kept, as the end of a sentence; `undefined` where they can.
 * @see docs/decisions/0012-cached-verdicts.md
 */
export function findCacheObstacle(profile: Profile): string | undefined {
  const { rateLimits, lastUsed, personalAccessTokens: tokens, mcp } = profile;
  if (rateLimits !== undefined) return 'its calls are counted, and what a cache answers is not counted';
  if (lastUsed === 'every_call')
    return 'it notes the time of every call, and what a cache answers is not noted';
  if (tokens !== undefined)
    return `they depend on the header ${tokens.workspaceHeader}, which API keys need not send, and a cache refuses whoever does not`;
  if (mcp?.verifiedBy === 'authorizer')
    return 'they depend on the headers Mcp-Method and Mcp-Name, which older clients of MCP do not send, and a cache refuses whoever does not';
  return undefined;
}

/** The product's routes that a credential may call, as patterns: what the policy of its verdict names. */
export function grantedRoutes(
  { scopes, routes }: Profile,
  principal: Pick<Principal, 'kind' | 'scopes'>,
): readonly string[] {
  return scopes === undefined ? routes : grantedPatterns(scopes, principal).filter(isRoutePattern);
}

/** The longest that stands before a route in a policy: `arn:PARTITION:execute-api:REGION:ACCOUNT:API/STAGE/`. */
const LONGEST_STAGE = 'arn:aws-us-gov:execute-api:ap-northeast-10:123456789012:abcdefghij/live/'.length;

/**
 * What an answer holds beside its policy and the names of scopes: fixed texts, a challenge, the credential, a user's id of
 * 255 characters, eight networks.
 */
const OTHER_BYTES = 2_500;

/** A title of 100 characters and a detail of 200, of at most four bytes each, and the required scope once more. */
const OWN_WORDS_BYTES = 1_400;

/** How large the authorizer's answer is on a credential that may call everything the product has. */
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
 * A kept verdict is nothing but its policy, and in a policy `*` spans slashes: the policy of one route may reach another
 * one, which the profile does not grant with it.
 * @param route as an API declares it, such as `GET /users/{id}` or `ANY /users`.
 * @returns the scopes whose policy reaches the route though they do not grant it; `undefined` where there are none such.
 */
export function findScopesReachingBeyond(profile: Profile, route: string): Scopes | undefined {
  const [method = '', path = ''] = route.split(' ');
  const actions = (method === 'ANY' ? METHODS : [method]).map((verb) => `${verb} ${path}`);
  const names = profile.scopes?.definitions.map(({ name }) => [name] as const) ?? [];
  // A policy of several scopes is what the policies of each are together, so these are all there are.
  return [...names, 'all' as const].find((scopes) => {
    const holder: Principal = { ...HOLDER, scopes };
    const policy = grantedRoutes(profile, holder).flatMap(policyPaths);
    return actions.some((action) => !mayDo(profile, holder, action) && reaches(policy, action));
  });
}

function reaches(policy: readonly string[], action: string): boolean {
  return policyPaths(action).some((called) => policy.some((allowed) => wildcardsMeet(allowed, called)));
}

/** Some key of the product's; verdicts on other credentials are not kept. */
const HOLDER: Omit<Principal, 'scopes'> = {
  kind: 'api_key',
  credentialId: '',
  workspace: null,
  user: null,
  role: null,
  constraints: { expiresAt: null, allowedCidrs: [] },
};

/** What API Gateway remembers of the product's authorizer for a while, of every credential at once. */
export interface VerdictCache {
  /**
   * Forgets all of it. A verdict that is being made meanwhile may still be remembered afterwards.
   * @param milliseconds how long it may take.
   * @throws where it could not be done in time; what is remembered then ends by itself.
   */
  flush(milliseconds: number): Promise<void>;
}

/** Tells whether some text matches two patterns at once, in each of which `*` stands for any text, slashes and none included. */
export function wildcardsMeet(one: string, other: string): boolean {
  // Each row says which beginnings of `other` meet the beginning of `one` that ends there.
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
