import { isRoutePattern } from './action-pattern.ts';

/**
 * Finds the route of a path that nobody has routed yet, as behind a function URL. The product's own router decides again, and may
 * read the path more freely than this does: it may decode characters or ignore case. A path that such a router could take for
 * another route is refused, so that the route that was checked is the one that runs.
 */
export type RouteFinder = (method: string, path: string) => string | undefined;

/** A route pattern, taken apart. */
interface Pattern {
  readonly method: string;
  readonly parts: readonly string[];
}

/** One part of a path, as the caller wrote it and as a router may read it. */
interface PathPart {
  readonly text: string;
  readonly folded: string;
}

/**
 * @param patterns the route patterns of a profile. Others are passed over.
 * @returns a function from a method and a path, both unverified, to a route such as `GET /orders/{id}`. Parts that no parameter of
 * a pattern stands for stay as they are. Where several patterns match, fixed parts win over parameters, and these over wildcards,
 * as in API Gateway. It returns `undefined` if none matches, or if the path has another spelling than the usual one.
 */
export function createRouteFinder(patterns: readonly string[]): RouteFinder {
  const known = [...new Set(patterns)].filter(isRoutePattern).map(readPattern).sort(compareSpecificity);
  return (method, path) => {
    const parts = readPath(path);
    if (parts === undefined) return undefined;
    const asked = known.filter((pattern) => pattern.method === '*' || pattern.method === method);
    const [first, ...others] = asked.filter((pattern) => matchesFreely(pattern, parts));
    if (first === undefined) return undefined;
    if (![first, ...others].every((pattern) => matchesExactly(pattern, parts))) return undefined;
    return `${method} /${nameParts(first, parts).join('/')}`;
  };
}

function readPattern(text: string): Pattern {
  const [method = '', path = ''] = text.split(' ');
  return { method, parts: splitPath(path) };
}

function splitPath(path: string): string[] {
  return path === '/' ? [] : path.slice(1).split('/');
}

/**
 * Characters of a path (RFC 3986, 3.3), but for `;`, after which some routers ignore the rest, and for `*`. An HTTP API hands over
 * the path decoded, so blanks and letters outside ASCII occur too.
 */
const SPELLING = /^(?:[\w.~!$&'()+,=:@ -]|%[0-9A-Fa-f]{2}|[^\0-\x7f])+$/u;

/** Encoded, these would change the parts of a path for a router that decodes it, or decodes it twice. */
const DIVIDING = /[\p{Cc}/\\%;?#]/u;

/** @returns `undefined` for a path that is spelled in an unusual way, such as `//users`, `/users/`, `/a/../users` or `/a%2fb`. */
function readPath(path: string): readonly PathPart[] | undefined {
  if (!path.startsWith('/')) return undefined;
  const parts = splitPath(path).map(readPart);
  return parts.every((part) => part !== undefined) ? parts : undefined;
}

function readPart(text: string): PathPart | undefined {
  if (!SPELLING.test(text)) return undefined;
  // Compatible forms become one, such as a wide letter and a usual one.
  const decoded = decode(text)?.normalize('NFKC');
  if (decoded === undefined || DIVIDING.test(decoded) || /^\.*$/.test(decoded.trim())) return undefined;
  return { text, folded: fold(decoded) };
}

/** @returns `undefined` for bytes that are not UTF-8. */
function decode(text: string): string | undefined {
  try {
    return decodeURIComponent(text);
  } catch {
    return undefined;
  }
}

/** Upper case first, because a few letters outside ASCII have a capital letter of ASCII. */
function fold(text: string): string {
  return text.trim().toUpperCase().toLowerCase();
}

const isRest = (part: string) => part === '**' || /^\{.*\+\}$/.test(part);
const isParameter = (part: string) => /^\{.*\}$/.test(part);

function matchesExactly(pattern: Pattern, parts: readonly PathPart[]): boolean {
  return matchesParts(pattern, parts, (fixed, { text }) => fixed === text);
}

function matchesFreely(pattern: Pattern, parts: readonly PathPart[]): boolean {
  return matchesParts(pattern, parts, (fixed, { folded }) => fold(fixed) === folded);
}

function matchesParts(
  { parts: expected }: Pattern,
  parts: readonly PathPart[],
  isSame: (fixed: string, part: PathPart) => boolean,
): boolean {
  const last = expected.at(-1);
  const isOpen = last !== undefined && isRest(last);
  const fixed = isOpen ? expected.slice(0, -1) : expected;
  // `**` stands for no part too, but a parameter such as {all+} for at least one.
  const least = isOpen && last !== '**' ? expected.length : fixed.length;
  if (isOpen ? parts.length < least : parts.length !== least) return false;
  return fixed.every((part, index) => {
    const asked = parts[index];
    return asked !== undefined && (part === '*' || isParameter(part) || isSame(part, asked));
  });
}

/** Names the parts that are parameters of the pattern. */
function nameParts({ parts: expected }: Pattern, parts: readonly PathPart[]): string[] {
  const named = parts.map(({ text }, index) => {
    const part = expected[index];
    // A route has no blanks.
    return part !== undefined && isParameter(part) ? part : text.replaceAll(' ', '%20');
  });
  const last = expected.at(-1);
  return last !== undefined && last !== '**' && isRest(last) ? named.slice(0, expected.length) : named;
}

/** Sorts the pattern that says most of a path before the others. */
function compareSpecificity({ parts: one }: Pattern, { parts: other }: Pattern): number {
  for (let index = 0; index < Math.max(one.length, other.length); index += 1) {
    const difference = rankOf(one[index]) - rankOf(other[index]);
    if (difference !== 0) return difference;
  }
  return 0;
}

/** A pattern that has ended comes before one that goes on with `**`: both match the same path only then. */
function rankOf(part: string | undefined): number {
  if (part === undefined) return 0;
  if (isRest(part)) return 4;
  if (part === '*') return 3;
  return isParameter(part) ? 2 : 1;
}
