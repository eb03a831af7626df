import type { Route } from './rest-api.ts';

export interface RouteMatch {
  readonly route: Route;
  /** Decoded once; undefined when the path has none. */
  readonly pathParameters: Readonly<Record<string, string>> | undefined;
}

/**
 * Finds the resource of a path. A fixed segment is preferred to a parameter, and a parameter to a greedy one, as
 * "Set up a proxy integration with a proxy resource" has it; the method plays no part in the choice. A slash at the
 * end changes nothing.
 * @throws URIError when the path is not properly encoded.
 */
export function findRoute(routes: readonly Route[], path: string): RouteMatch | undefined {
  const segments = path.replace(/^\//, '').replace(/\/$/, '').split('/').map(decodeURIComponent);
  const present = segments.length === 1 && segments[0] === '' ? [] : segments;
  let best: { match: RouteMatch; rank: string } | undefined;
  for (const route of routes) {
    const parameters = matchSegments(route.segments, present);
    if (!parameters) continue;
    const rank = rankOf(route.segments);
    if (best && best.rank <= rank) continue;
    const pathParameters = Object.keys(parameters).length > 0 ? parameters : undefined;
    best = { match: { route, pathParameters }, rank };
  }
  return best?.match;
}

function matchSegments(
  declared: readonly string[],
  present: readonly string[],
): Record<string, string> | undefined {
  const parameters: Record<string, string> = {};
  for (const [index, segment] of declared.entries()) {
    const value = present[index];
    if (value === undefined || value === '') return undefined;
    if (segment.endsWith('+}')) {
      parameters[segment.slice(1, -2)] = present.slice(index).join('/');
      return parameters;
    }
    if (segment.startsWith('{')) parameters[segment.slice(1, -1)] = value;
    else if (segment !== value) return undefined;
  }
  return declared.length === present.length ? parameters : undefined;
}

/** Sorts before another rank where the first difference is more specific. */
function rankOf(segments: readonly string[]): string {
  return segments
    .map((segment) => (segment.endsWith('+}') ? '2' : segment.startsWith('{') ? '1' : '0'))
    .join('');
}
