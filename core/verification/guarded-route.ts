import { hash } from 'node:crypto';

/**
 * Which routes have the guard behind them, which alone can answer 429. The stack tells the authorizer's function in a
 * variable, and all variables of a function have 4 KB: so it is told marks of routes, and not their names.
 */

/** 36 bits: of all routes that a template can hold, two have the same mark once in a million APIs. */
const MARK_CHARACTERS = 6;

/** More than one template can hold, in three quarters of what a function's variables may take. */
export const MOST_GUARDED_ROUTES = 500;

function markOf(route: string): string {
  return hash('sha256', route, 'base64url').slice(0, MARK_CHARACTERS);
}

/** @param routes each with one method, such as `GET /users/{id}`. */
export function writeGuardedRoutes(routes: readonly string[]): string {
  return [...new Set(routes.map(markOf))].sort().join('');
}

/**
 * @param told APIs and their guarded routes: `API MARKS API MARKS …`. Another API may have a route of the same name without
 * a guard.
 * @returns a function that says whether a route of an API has the guard behind it; what it was not told of has not.
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
