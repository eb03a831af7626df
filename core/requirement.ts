import { matchesAction } from './action-pattern.ts';
import type { Profile } from './profile.ts';
import { requirementOf } from './scope.ts';
import type { Claim } from './verdict.ts';

/**
 * What an action of the product requires. Where credentials carry scopes, some scope has to grant it: an action that
 * the profile does not know is nobody's, not even a key's with all scopes.
 */
export function requirementFor(profile: Profile, action: string): Claim['requirement'] {
  const { scopes, routes } = profile;
  if (scopes !== undefined) return requirementOf(scopes, action) ?? 'none';
  return routes.some((pattern) => matchesAction(pattern, action)) ? 'any' : 'none';
}
