import { ADMINISTER, isToolName, matchesAction } from '../access/action-pattern.ts';
import type { Principal } from '../access/principal.ts';
import { requirementOf } from '../access/scope.ts';
import type { Profile } from '../profile/profile.ts';
import { type ActionRequirement, judgeScopes } from './verdict.ts';

/**
 * The requirement of an action of the product. If credentials carry scopes, some scope has to grant it. Nobody may do an action that
 * the profile does not know, not even a key with all scopes.
 */
export function requirementFor(profile: Profile, action: string): ActionRequirement {
  const { scopes, routes, mcp } = profile;
  const isTool = isToolName(action);
  if (isTool && action !== ADMINISTER && mcp?.tools?.includes(action) === false) return 'none';
  if (scopes !== undefined) return requirementOf(scopes, action) ?? 'none';
  if (isTool) return mcp === undefined || action === ADMINISTER ? 'none' : 'any';
  return routes.some((pattern) => matchesAction(pattern, action)) ? 'any' : 'none';
}

/**
 * The requirement of a tool call. Nobody may call a name that no tool can have: a caller's text must never be read as a pattern or
 * as a route.
 * @param name unverified.
 */
export function toolRequirement(profile: Profile, name: string): ActionRequirement {
  return isToolName(name) ? requirementFor(profile, name) : 'none';
}

/** Tells whether a credential in force may call a tool. */
export function mayCall(profile: Profile, principal: Principal, name: string): boolean {
  return judgeScopes(principal, toolRequirement(profile, name)).kind === 'allow';
}

/** Tells whether a credential in force grants an action. Its other bounds have been judged before. */
export function mayDo(profile: Profile, principal: Principal, action: string): boolean {
  return judgeScopes(principal, requirementFor(profile, action)).kind === 'allow';
}
