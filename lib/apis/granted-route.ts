import { METHODS } from '../../core/access/action-pattern.ts';
import { InvalidProfile } from '../../core/profile/parse-profile.ts';
import type { Profile } from '../../core/profile/profile.ts';
import { requirementFor } from '../../core/verification/requirement.ts';

/** Tells whether any credential may call a route. At the path of MCP, the guard decides by each message. */
export function isGranted(profile: Profile, method: string, path: string): boolean {
  if (profile.mcp?.path === path) return true;
  const verbs = method === 'ANY' ? METHODS : [method];
  return verbs.some((verb) => requirementFor(profile, `${verb} ${path}`) !== 'none');
}

/** @throws for a route that nobody could call, with any credential. */
export function assertGranted(profile: Profile, method: string, path: string): void {
  if (isGranted(profile, method, path)) return;
  const where =
    profile.scopes === undefined ? 'its routes' : 'its routes and to what one of its scopes grants';
  throw new InvalidProfile(
    `The profile ${profile.name} does not have ${method} ${path}: every call would be answered 403. Add it to ${where}, or leave the route out.`,
  );
}
