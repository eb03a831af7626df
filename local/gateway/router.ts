import { ASSUMED_READING, type PathPart, type PathReading, readPath } from './path-reading.ts';
import type { Route } from './rest-api.ts';

export interface RouteMatch {
  readonly route: Route;
  /** Decoded once; undefined when the path has none. */
  readonly pathParameters: Readonly<Record<string, string>> | undefined;
}

/**
 * Finds the resource of a path. A fixed segment wins over a parameter, and a parameter over a greedy one, as
 * "Set up a proxy integration with a proxy resource" says. The method plays no part in the choice.
 * @throws URIError when the path is not properly encoded.
 */
export function findRoute(
  routes: readonly Route[],
  path: string,
  reading: PathReading = ASSUMED_READING,
): RouteMatch | undefined {
  const present = readPath(path, reading);
  let best: { match: RouteMatch; rank: string } | undefined;
  for (const route of routes) {
    const parameters = matchSegments(route.segments, present, reading);
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
  present: readonly PathPart[],
  { fixedParts }: PathReading,
): Record<string, string> | undefined {
  const parameters: Record<string, string> = {};
  for (const [index, segment] of declared.entries()) {
    const part = present[index];
    if (part === undefined || part.value === '') return undefined;
    const { sent, value } = part;
    if (segment.endsWith('+}')) {
      const rest = present.slice(index).map((one) => one.value);
      parameters[segment.slice(1, -2)] = rest.join('/');
      return parameters;
    }
    if (segment.startsWith('{')) parameters[segment.slice(1, -1)] = value;
    else if (segment !== (fixedParts === 'decoded' ? value : sent)) return undefined;
  }
  return declared.length === present.length ? parameters : undefined;
}

/** A rank sorts before another if it is more specific at the first difference. */
function rankOf(segments: readonly string[]): string {
  return segments
    .map((segment) => (segment.endsWith('+}') ? '2' : segment.startsWith('{') ? '1' : '0'))
    .join('');
}
