/**
 * An **action** is a thing that a caller asks for: a route (`GET /users/{id}`, as API Gateway names its resource) or a tool
 * (`records.list`). A **pattern** names many: `*` stands for one segment (or any method), a closing `**` for any
 * number of segments, or none.
 */
const ROUTE = /^(\*|[A-Z]+) (\/\S*)$/;
/** A wildcard is a whole segment. Inside a segment it would count as a letter, and grant nothing. */
const ROUTE_PATTERN = /^(?:\*|[A-Z]+) (?:\/|(?:\/(?:\*|[^\s*/]+))+|(?:\/(?:\*|[^\s*/]+))*\/\*\*)$/;
const TOOL = /^[\w-]+(\.[\w-]+)*(\.\*{1,2})?$/;
const TOOL_NAME = /^(?!.{129})[\w-]+(\.[\w-]+)*$/;

export const METHODS = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'HEAD', 'OPTIONS'];

export function isActionPattern(text: string): boolean {
  return ROUTE_PATTERN.test(text) || TOOL.test(text);
}

/** The parts of a path that API Gateway accepts, and the wildcards of patterns. */
const PART = /^(?:[\w:.$-]+|\{[\w:.$-]+\+?\}|\*\*?)$/;

/** @returns the end of "must …" for a path that no resource of API Gateway can have. */
export function findPathMistake(path: string): string | undefined {
  const parts = path.split('/').slice(1);
  if (!path.startsWith('/') || (path !== '/' && parts.includes('')))
    return 'begin with a slash and not end with one, such as /users or /users/{id}';
  const wrong = path === '/' ? undefined : parts.find((part) => !PART.test(part));
  if (wrong !== undefined)
    return `consist of letters, digits and : . _ - $, and of whole parts such as {id}, found ${JSON.stringify(wrong)}`;
  if (parts.slice(0, -1).some((part) => part.endsWith('+}')))
    return 'have a parameter such as {all+} as its last part only';
  const names = parts.flatMap((part) => NAME_OF_PARAMETER.exec(part)?.[1] ?? []);
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  return twice === undefined ? undefined : `name each parameter once, found {${twice}} twice`;
}

const NAME_OF_PARAMETER = /^\{(.*?)\+?\}$/;

/**
 * API Gateway allows one parameter name at a place: `/users/{id}` and `/users/{name}/photos` cannot both exist.
 * @returns the first path that names a parameter otherwise than an earlier path does, and that earlier path.
 */
export function findClashingPaths(
  paths: readonly string[],
): readonly [path: string, earlier: string] | undefined {
  const known = new Map<string, { readonly part: string; readonly path: string }>();
  for (const path of paths) {
    const parts = path.split('/');
    for (const [index, part] of parts.entries()) {
      if (!NAME_OF_PARAMETER.test(part)) continue;
      const place = parts.slice(0, index).join('/');
      const earlier = known.get(place);
      if (earlier !== undefined && earlier.part !== part) return [path, earlier.path];
      known.set(place, earlier ?? { part, path });
    }
  }
  return undefined;
}

export function isRoutePattern(pattern: string): boolean {
  return ROUTE_PATTERN.test(pattern);
}

const ROUTE_EXAMPLE = '"GET /users/**"';

/** @returns the end of "must be …" for a text that is not a route pattern. */
export function findRouteMistake(text: string): string | undefined {
  if (!isRoutePattern(text) && TOOL.test(text) && !METHODS.includes(text.toUpperCase()))
    return `a route such as ${ROUTE_EXAMPLE}; the name of a tool stands in mcp.tools`;
  const [method = '', ...rest] = text.split(' ');
  if (text.startsWith('/'))
    return `a method and a path, such as ${ROUTE_EXAMPLE}, or "* /users/**" for any method`;
  if (method !== '*' && !METHODS.includes(method)) {
    const isLower = METHODS.includes(method.toUpperCase());
    return isLower
      ? `a route whose method is in capitals, such as ${ROUTE_EXAMPLE}`
      : `a route whose method is * or one of ${METHODS.join(', ')}, such as ${ROUTE_EXAMPLE}`;
  }
  const path = rest.join(' ');
  if (isRoutePattern(text)) {
    const mistake = findPathMistake(path);
    return mistake && `a route that API Gateway can have: its path must ${mistake}`;
  }
  if (!path.startsWith('/')) return `a route whose path begins with a slash, such as ${ROUTE_EXAMPLE}`;
  if (/\s/.test(path)) return `a method, one blank and a path without blanks, such as ${ROUTE_EXAMPLE}`;
  if (path.includes('//') || path.endsWith('/'))
    return `a route without an empty part: no slash at the end, and no two in a row, such as ${ROUTE_EXAMPLE}`;
  return `a route whose wildcards are whole parts of its path, ** as the last one only, such as ${ROUTE_EXAMPLE}`;
}

/** @returns the end of "must be …" for a text that is neither a route pattern nor a tool pattern. */
export function findActionMistake(text: string): string | undefined {
  if (TOOL.test(text)) return undefined;
  if (/[\s/]/.test(text)) return findRouteMistake(text);
  return 'an action pattern such as "GET /users/**" or "records.*": a tool has letters, digits, _ and -, in parts between dots, and a wildcard is the last part';
}

/** Tells whether a text is the name of one tool. A caller's tool name must never be read as a pattern or a route. */
export function isToolName(text: string): boolean {
  return TOOL_NAME.test(text);
}

export function matchesAction(pattern: string, action: string): boolean {
  if (pattern === action) return true;
  const route = ROUTE.exec(pattern);
  const askedRoute = ROUTE.exec(action);
  if (route === null || askedRoute === null) {
    return route === askedRoute && matchesSegments(pattern.split('.'), action.split('.'));
  }
  const [, method, path] = route as unknown as [string, string, string];
  const [, askedMethod, askedPath] = askedRoute as unknown as [string, string, string];
  return (method === '*' || method === askedMethod) && matchesSegments(path.split('/'), askedPath.split('/'));
}

function matchesSegments(pattern: readonly string[], asked: readonly string[]): boolean {
  const isOpen = pattern.at(-1) === '**';
  const fixed = isOpen ? pattern.slice(0, -1) : pattern;
  if (isOpen ? asked.length < fixed.length : asked.length !== fixed.length) return false;
  return fixed.every(
    (segment, index) => segment === asked[index] || (segment === '*' && isOne(asked[index])),
  );
}

/** `{proxy+}` stands for a whole subtree. One `*` does not grant that. */
function isOne(segment: string | undefined): boolean {
  return segment !== undefined && segment !== '' && !segment.endsWith('+}');
}

/**
 * The resources of an IAM policy that stand for a route pattern, relative to the API's stage: `GET /users/**` is
 * `GET/users` and `GET/users/*`. IAM's `*` spans slashes. As a method it would reach into the path (`*` + `/team` is also
 * `DELETE/users/team`), so methods are written out. A `*` inside a path is wider in IAM than here. That matters only for a
 * cached verdict, which answers other requests too: see `findScopesReachingBeyond`.
 */
export function policyPaths(pattern: string): string[] {
  const [method = '', path = ''] = pattern.split(' ');
  const iamPath = path.replaceAll(/\{[^}]+\}/g, '*');
  const base = iamPath.slice(0, -'/**'.length);
  const paths = iamPath.endsWith('/**') ? [base === '' ? '/' : base, `${base}/*`] : [iamPath];
  const methods = method === '*' ? METHODS : [method];
  return methods.flatMap((verb) => paths.map((resource) => verb + resource));
}

/** The action that a scope must grant for a key to administer keys through the management API. */
export const ADMINISTER = 'keyward.administer';
