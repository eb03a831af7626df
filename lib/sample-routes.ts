export interface SampleRoute {
  readonly method: string;
  readonly path: string;
}

const ON_COLLECTION = ['GET', 'POST'];
const ON_ITEM = ['GET', 'PUT', 'PATCH', 'DELETE'];

/** The routes that a sample API has for all patterns of its profile, each once, whichever of them mean it. */
export function routesOf(patterns: readonly string[]): SampleRoute[] {
  const routes = patterns
    .flatMap(routesOfPattern)
    .map((route) => [`${route.method} ${route.path}`, route] as const);
  return [...new Map(routes).values()];
}

/**
 * The routes that a sample API has for one pattern of its profile: `/users/**` is a collection and its items; a path
 * without wildcard is itself.
 */
function routesOfPattern(pattern: string): SampleRoute[] {
  const [method = '', path = ''] = pattern.split(' ');
  const offered = (methods: readonly string[], at: string) =>
    methods.filter((each) => method === '*' || method === each).map((each) => ({ method: each, path: at }));
  if (!path.endsWith('/**')) return method === '*' ? offered(ON_COLLECTION, path) : [{ method, path }];
  const collection = path.slice(0, -'/**'.length);
  return [...offered(ON_COLLECTION, collection), ...offered(ON_ITEM, `${collection}/{id}`)];
}
