import { hash } from 'node:crypto';

/**
 * The routes that have a guard, which alone can answer 429. The stack tells the authorizer's function about them in a variable. All
 * variables of a function have 4 KB together, so the variable holds short marks of routes and not their names.
 */

/** 36 bits: two routes of one template have the same mark in one of a million APIs. */
const MARK_CHARACTERS = 6;

/** More routes than one template can hold. Their marks take three quarters of a function's variables. */
export const MOST_GUARDED_ROUTES = 500;

function markOf(route: string): string {
  return hash('sha256', route, 'base64url').slice(0, MARK_CHARACTERS);
}

/** @param routes each with one method, such as `GET /users/{id}`. */
export function writeGuardedRoutes(routes: readonly string[]): string {
  return [...new Set(routes.map(markOf))].sort().join('');
}

/**
 * @param told APIs and their guarded routes: `API MARKS API MARKS …`. Another API may have a route of the same name without a
 * guard.
 * @returns a function that tells whether a route of an API has a guard. A route that is not listed has none.
 */
export function readGuardedRoutes(told: string): (apiId: string, route: string) => boolean {
  const words = told.split(' ');
  const known = new Set<string>();
  for (let at = 0; at + 1 < words.length; at += 2) {
    for (const mark of marksIn(words[at + 1] ?? '')) known.add(`${words[at]} ${mark}`);
  }
  return (apiId, route) => known.has(`${apiId} ${markOf(route)}`);
}

function marksIn(text: string): string[] {
  return text.match(new RegExp(`.{${MARK_CHARACTERS}}`, 'g')) ?? [];
}
