import { ADMINISTER, isRoutePattern, isToolName, matchesAction } from '../access/action-pattern.ts';
import type { Principal } from '../access/principal.ts';
import { requirementOf } from '../access/scope.ts';
import type { Profile } from '../profile/profile.ts';
import { type ActionRequirement, judgeScopes } from './verdict.ts';

/**
 * What an action of the product requires. Where credentials carry scopes, some scope has to grant it: an action that
 * the profile does not know is nobody's, not even a key's with all scopes.
 */
export function requirementFor(profile: Profile, action: string): ActionRequirement {
  const { scopes, routes, mcp } = profile;
  if (mcp?.tools !== undefined && isToolName(action) && action !== ADMINISTER && !mcp.tools.includes(action))
    return 'none';
  if (scopes !== undefined) return requirementOf(scopes, action) ?? 'none';
  if (!isRoutePattern(action)) return mcp === undefined || action === ADMINISTER ? 'none' : 'any';
  return routes.some((pattern) => matchesAction(pattern, action)) ? 'any' : 'none';
}

/**
 * What calling a tool requires. Nobody may call a name that no tool can have: a caller's text must never be read as a pattern
 * or as a route.
 * @param name unverified.
 */
export function toolRequirement(profile: Profile, name: string): ActionRequirement {
  return isToolName(name) ? requirementFor(profile, name) : 'none';
}

/** Tells whether a credential that is in force may call a tool. */
export function mayCall(profile: Profile, principal: Principal, name: string): boolean {
  return judgeScopes(principal, toolRequirement(profile, name)).kind === 'allow';
}

/** Tells whether a credential that is in force grants an action; what else binds it has been judged before. */
export function mayDo(profile: Profile, principal: Principal, action: string): boolean {
  return judgeScopes(principal, requirementFor(profile, action)).kind === 'allow';
}
