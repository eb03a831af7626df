import { CfnMethod, Method } from 'aws-cdk-lib/aws-apigateway';
import { CfnRoute, type IHttpRoute } from 'aws-cdk-lib/aws-apigatewayv2';
import { METHODS } from '../../core/access/action-pattern.ts';
import { MOST_GUARDED_ROUTES, writeGuardedRoutes } from '../../core/verification/guarded-route.ts';

/** A method of a REST API, or a route of an HTTP API. */
export type ApiRoute = Method | IHttpRoute;

/** The routes whose functions hold the guard, as the authorizer is told them. */
export class GuardedRoutes {
  readonly #added: ApiRoute[] = [];

  add(route: ApiRoute): void {
    this.#added.push(route);
  }

  /** Runs when the template is written, since all routes are known only then. */
  write(): string {
    const byApi = Map.groupBy(this.#added, apiIdOf);
    const parts = [...byApi].map(([apiId, routes]) => `${apiId} ${marksOf(routes)}`);
    return parts.join(' ');
  }
}

function apiIdOf(route: ApiRoute): string {
  return route instanceof Method ? route.api.restApiId : route.httpApi.apiId;
}

function marksOf(added: readonly ApiRoute[]): string {
  const routes = added.flatMap((route) =>
    route instanceof Method ? verbsOfMethod(route) : verbsOfHttpRoute(route),
  );
  if (routes.length > MOST_GUARDED_ROUTES)
    throw new Error(
      `At most ${MOST_GUARDED_ROUTES} routes and methods of an API may have answersRateLimit, found ${routes.length}: the authorizer's environment has no room for more.`,
    );
  return writeGuardedRoutes(routes);
}

/**
 * `ANY` serves only the methods that its resource does not have by name. Those others need not have a guard, and any construct
 * of the app may have added them.
 */
function verbsOfMethod({ api, httpMethod, resource }: Method): readonly string[] {
  if (httpMethod !== 'ANY') return [`${httpMethod} ${resource.path}`];
  const named = api.node.root.node
    .findAll()
    .filter((construct) => construct instanceof CfnMethod)
    .filter(({ resourceId }) => resourceId === resource.resourceId)
    .map((method) => method.httpMethod);
  return METHODS.filter((verb) => !named.includes(verb)).map((verb) => `${verb} ${resource.path}`);
}

/** As {@link verbsOfMethod}. A route of another API with the same path only makes one call more a 403. */
function verbsOfHttpRoute(route: IHttpRoute): readonly string[] {
  const { routeKey } = route.node.defaultChild as CfnRoute;
  const [method, path] = routeKey.split(' ');
  if (method !== 'ANY') return [routeKey];
  const named = route.node.root.node
    .findAll()
    .filter((construct) => construct instanceof CfnRoute)
    .map((other) => other.routeKey.split(' '))
    .flatMap(([verb = '', otherPath]) => (otherPath === path ? [verb] : []));
  return METHODS.filter((verb) => !named.includes(verb)).map((verb) => `${verb} ${path}`);
}
