import { findPathMistake, METHODS } from '../../core/access/action-pattern.ts';
import { createRouteFinder } from '../../core/access/path-route.ts';
import type { Profile } from '../../core/profile/profile.ts';
import { requirementFor } from '../../core/verification/requirement.ts';
import type { ActionRequirement } from '../../core/verification/verdict.ts';
import type { HttpRequest } from '../http/http-event.ts';

/**
 * Makes a function that tells what a request requires, by its route. API Gateway's own route has one spelling. Where there is none,
 * the path decides, if it has the usual spelling and one of the profile's routes is meant.
 */
export function createRouteRequirement(
  profile: Profile,
): (request: Pick<HttpRequest, 'method' | 'resource' | 'path'>) => ActionRequirement {
  const grants = profile.scopes?.definitions.flatMap(({ grants }) => grants) ?? [];
  const findRoute = createRouteFinder([...profile.routes, ...grants]);
  return ({ method, resource, path }) => {
    const route = resource === undefined ? findRoute(method, path) : `${method} ${resource}`;
    return route === undefined ? 'none' : requirementFor(profile, route);
  };
}

/**
 * Reads a route that the product's own router has matched.
 * @throws for a wildcard: as an action it would meet the rules of every route below it.
 */
export function readRoute(route: string): string {
  const [method = '', path = '', ...others] = route.split(' ');
  const parts = path.split('/').map((part) => part.replace(/^:([\w-]+)$/, '{$1}'));
  const read = parts.join('/');
  const isOne = METHODS.includes(method) && others.length === 0 && !read.includes('*');
  if (isOne && findPathMistake(read) === undefined) return `${method} ${read}`;
  throw new TypeError(
    `${JSON.stringify(route)} is not a route: pass the method and the route that your server has matched, such as "GET /orders/{id}".`,
  );
}
