import { EXPOSED_HEADERS, readAllowedOrigins } from '../../core/access/allowed-origins.ts';
import { headerValues } from '../../core/verification/presentation.ts';
import { type EventHeaders, headersOf } from './http-event.ts';

/** The parts of an event that say which page calls and which pages may. Events of authorizers have them too. */
export interface PageRequest extends EventHeaders {
  readonly stageVariables?: Readonly<Record<string, string | undefined>> | null | undefined;
}

type Headers = Readonly<Record<string, unknown>>;

/** The headers of an answer. API Gateway takes them from both properties, and the second one wins. */
interface WithHeaders {
  readonly headers?: Headers | null | undefined;
  readonly multiValueHeaders?: Readonly<Record<string, readonly unknown[]>> | null | undefined;
}

/**
 * Lets the calling page read an answer, if the API's `allowedOrigins` name the page's origin. Where the answer already says who
 * may read it, that stays. Where the API allows no origins, the answer does not change.
 * @returns a copy, because a handler may return the same object again for a page of another origin.
 * @see https://fetch.spec.whatwg.org/#http-cors-protocol
 */
export function withCrossOriginHeaders<Answer>(event: PageRequest, answer: Answer): Answer {
  if (!isCrossOrigin(event) || typeof answer !== 'object' || answer === null) return answer;
  // Without a status this is only a body, and other middleware has yet to make an answer of it.
  if (!('statusCode' in answer)) return answer;
  const { headers, multiValueHeaders } = answer as WithHeaders;
  const repeated = Object.entries(multiValueHeaders ?? {});
  const present = repeated.map(([name]) => name.toLowerCase());
  const added = Object.entries(crossOriginHeaders(event));
  const missing = added.filter(([name]) => !present.includes(name.toLowerCase()));
  return {
    ...answer,
    headers: mergeHeaders(Object.fromEntries(missing), headers ?? {}),
    ...(multiValueHeaders && { multiValueHeaders: Object.fromEntries(repeated.map(varyByOrigin)) }),
  };
}

/** @returns the origin of the calling page, if the API allows it. */
export function allowedOriginOf(event: PageRequest): string | undefined {
  const [origin, ...others] = headerValues(headersOf(event), 'origin');
  const isAllowed = origin !== undefined && readAllowedOrigins(event.stageVariables).includes(origin);
  return isAllowed && others.length === 0 ? origin : undefined;
}

/** Whether pages of other origins may call the API. */
export function isCrossOrigin({ stageVariables }: PageRequest): boolean {
  return readAllowedOrigins(stageVariables).length > 0;
}

/**
 * Merges two sets of headers. HTTP ignores the case of names (RFC 9110, 5.1), so each name stands in the result once.
 * @param own its values win. Only `Vary` is joined, because an answer depends on the names in both.
 */
export function mergeHeaders<Own extends Headers>(others: Headers, own: Own): Own {
  const merged = new Map<string, readonly [name: string, value: unknown]>();
  for (const [name, value] of [...Object.entries(others), ...Object.entries(own)]) {
    const key = name.toLowerCase();
    merged.set(key, [name, key === 'vary' ? joinVary(value, merged.get(key)?.[1]) : value]);
  }
  return Object.fromEntries(merged.values()) as Own;
}

function crossOriginHeaders(event: PageRequest): Readonly<Record<string, string>> {
  const origin = allowedOriginOf(event);
  // A cache must not give one origin's answer to a page of another.
  if (origin === undefined) return { Vary: 'Origin' };
  return {
    Vary: 'Origin',
    'Access-Control-Allow-Origin': origin,
    'Access-Control-Expose-Headers': EXPOSED_HEADERS,
  };
}

function varyByOrigin([name, values]: readonly [string, readonly unknown[]]): [string, readonly unknown[]] {
  return [name, name.toLowerCase() === 'vary' ? [joinVary(...values, 'Origin')] : values];
}

/** @param values texts with commas between names. A name that several texts have is spelled as in the first of them. */
function joinVary(...values: readonly unknown[]): string {
  const names = new Map<string, string>();
  for (const text of values.join().split(',')) {
    const name = text.trim();
    const key = name.toLowerCase();
    if (name !== '' && !names.has(key)) names.set(key, name);
  }
  return names.has('*') ? '*' : [...names.values()].join(', ');
}
