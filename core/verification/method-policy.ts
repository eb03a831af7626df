/**
 * The policy that lets one request through and nothing else. API Gateway asks for a verdict on every request, so the policy names
 * exactly the method and path that were called. It stays closed for other requests if somebody turns a cache on by hand.
 *
 * A path may hold characters with another meaning in a policy: `*` and `?` are wildcards, `${` begins a variable. The Allow has
 * `?` in place of each. Denies take away the other characters that this `?` would match, if they lead to another method.
 * @see docs/decisions/0020-one-request-one-policy.md
 */
export interface MethodPolicy {
  readonly allow: string;
  /** A Deny wins over the Allow. No Deny here matches the called method. */
  readonly deny: readonly string[];
}

/** One part of the path. It may be cut to make the policy fit. */
interface Part {
  readonly text: string;
  readonly isCut: boolean;
}

/** Characters, "Output from an API Gateway Lambda authorizer", API Gateway Developer Guide. */
export const LONGEST_RESOURCE = 512;

/** The largest answer of an authorizer, policy and context together. API Gateway answers 500 for a larger one. */
export const LARGEST_ANSWER_BYTES = 8192;

/** How much of a part stays after a cut. No fixed part of a path begins with that many characters of an id. */
const KEPT_CHARACTERS = 64;

const SPECIAL = /[*?]|\$(?=\{)/g;

/**
 * Characters that could turn a parameter into a fixed part of another path: those that CDK allows in fixed parts, a slash, `%`, which
 * could encode any of them, and `;`, after which some routers ignore the rest of a part.
 */
const LEADING_ELSEWHERE = [...'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789:._-$/%;'];

/**
 * @param methodArn as API Gateway tells it: `arn:PARTITION:execute-api:REGION:ACCOUNT:API/STAGE/METHOD/PATH`.
 * @returns `undefined` for a path that is too long for any policy.
 */
export function makeMethodPolicy(methodArn: string): MethodPolicy | undefined {
  const [api = '', stage = '', method = '', ...path] = methodArn.split('/');
  const head = [api, stage, method].join('/');
  const parts = cutToFit(head.length, path);
  if (parts === undefined) return undefined;
  const patterns = parts.map(patternOf);
  const deny = parts.flatMap((part, index) => {
    const before = [head, ...patterns.slice(0, index)];
    const after = patterns.slice(index + 1);
    return [
      // A cut part has an open end, and a wildcard spans slashes.
      ...(part.isCut ? [[...before, `${patternOf(part)}/*`, ...after].join('/')] : []),
      ...deniedEndings(part, after).map((ending) => `${anyMethodOf(api)}${ending}`),
    ];
  });
  return { allow: [head, ...patterns].join('/'), deny };
}

function patternOf({ text, isCut }: Part): string {
  return text.replaceAll(SPECIAL, '?') + (isCut ? '*' : '');
}

/** A Deny may be wider than the Allow, and so shorter. Only its end matters. */
function anyMethodOf(api: string): string {
  const [, partition = ''] = api.split(':');
  return `arn:${partition}:execute-api:*:*:*`;
}

/**
 * The endings of methods that only a `?` of this part matches. The last `?` must not match a character that leads to another path,
 * and the other ones must not match a slash. Then the part is still a parameter, as in the called method.
 */
function deniedEndings(part: Part, after: readonly string[]): string[] {
  const places = [...part.text.matchAll(SPECIAL)].map(({ index }) => index);
  const endingAt = (place: number) =>
    [patternOf({ ...part, text: part.text.slice(place + 1) }), ...after].join('/');
  return places.flatMap((place, order) => {
    const ending = endingAt(place);
    if (order < places.length - 1) return [`/${ending}`];
    return LEADING_ELSEWHERE.filter(
      (character) => character !== part.text[place] && !(character === '$' && ending.startsWith('{')),
    ).map((character) => character + ending);
  });
}

/** Cuts the longest parts until a policy can name them. */
function cutToFit(headLength: number, path: readonly string[]): readonly Part[] | undefined {
  const parts: Part[] = path.map((text) => ({ text, isCut: false }));
  const longestFirst = [...parts.keys()].sort((one, other) => lengthAt(parts, other) - lengthAt(parts, one));
  for (const index of longestFirst) {
    if (headLength + lengthOf(parts) <= LONGEST_RESOURCE) break;
    if (lengthAt(parts, index) <= KEPT_CHARACTERS) return undefined;
    // Half of a surrogate pair would be another character.
    const text = (parts[index]?.text ?? '').slice(0, KEPT_CHARACTERS).replace(/[\ud800-\udbff]$/, '');
    parts[index] = { text, isCut: true };
  }
  return headLength + lengthOf(parts) <= LONGEST_RESOURCE ? parts : undefined;
}

function lengthAt(parts: readonly Part[], index: number): number {
  return parts[index]?.text.length ?? 0;
}

/** With a slash before each part, and room for the `*` and the `/*` of a cut part. */
function lengthOf(parts: readonly Part[]): number {
  return parts.reduce((sum, { text, isCut }) => sum + 1 + text.length + (isCut ? 3 : 0), 0);
}
