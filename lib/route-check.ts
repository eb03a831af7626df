import { clashingPaths, METHODS, pathMistake } from '../core/access/action-pattern.ts';
import { InvalidProfile } from '../core/profile/parse-profile.ts';
import type { Presentation, Profile } from '../core/profile/profile.ts';
import { requirementFor } from '../core/verification/requirement.ts';

/**
 * @param others the paths that the API has already.
 * @throws for what API Gateway would not take, or would serve under another spelling than it was given.
 */
export function assertRoute(method: string, path: string, others: readonly string[]): void {
  const refuse = (expected: string) => new InvalidProfile(`${method} ${path}: ${expected}.`);
  if (method !== 'ANY' && !METHODS.includes(method))
    throw refuse(`the method must be ANY or one of ${METHODS.join(', ')}, in capitals`);
  const mistake = path.includes('*') ? 'be exact, without a wildcard' : pathMistake(path);
  if (mistake !== undefined) throw refuse(`the path must ${mistake}`);
  const [, earlier] = clashingPaths([...others, path]) ?? [];
  if (earlier !== undefined)
    throw refuse(`API Gateway takes one parameter at one place, and ${earlier} has another name for it`);
}

/** The methods that a route is called with. */
function methodsOf(method: string): readonly string[] {
  return method === 'ANY' ? METHODS : [method];
}

/** Whether any credential may call a route at all. What is called at the path of MCP is decided by its messages. */
export function isGranted(profile: Profile, method: string, path: string): boolean {
  if (profile.mcp?.path === path) return true;
  return methodsOf(method).some((verb) => requirementFor(profile, `${verb} ${path}`) !== 'none');
}

/** @throws for a route that nobody could call, whatever credential they hold. */
export function assertGranted(profile: Profile, method: string, path: string): void {
  if (isGranted(profile, method, path)) return;
  const where =
    profile.scopes === undefined ? 'its routes' : 'its routes and to what one of its scopes grants';
  throw new InvalidProfile(
    `The profile ${profile.name} does not have ${method} ${path}: every call would be answered 403. Add it to ${where}, or leave the route out.`,
  );
}

/** @throws for what would break the header that a 401 carries, or the template that prints it. */
export function assertRealm(realm: string): void {
  if (/^[\x20-\x7e]{1,100}$/.test(realm) && !/["'\\]/.test(realm)) return;
  throw new Error(
    `The realm must be 1 to 100 printable ASCII characters without quotes or backslashes, found ${JSON.stringify(realm)}.`,
  );
}

/** @throws for what is no name of a header: a 401 and the body of one name it. */
export function assertPresentation(presentation: Presentation): void {
  if (presentation.kind === 'bearer' || HEADER_NAME.test(presentation.header)) return;
  throw new Error(
    `The header of the presentation must be the name of one, of letters, digits and hyphens, found ${JSON.stringify(presentation.header)}.`,
  );
}

const HEADER_NAME = /^[A-Za-z0-9][\w-]{0,99}$/;

/** @throws for what is no name of a header, or would let pages send every one. */
export function assertHeaders(names: readonly string[]): readonly string[] {
  const wrong = names.find((name) => !HEADER_NAME.test(name));
  if (wrong === undefined) return names;
  throw new Error(
    `allowedHeaders must be names of headers, of letters, digits and hyphens, found ${JSON.stringify(wrong)}.`,
  );
}
