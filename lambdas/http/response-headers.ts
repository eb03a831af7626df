import { EXPOSED_HEADERS } from '../../core/access/allowed-origins.ts';
import { allowedOriginOf, isCrossOrigin, type PageRequest } from './request.ts';

/** An answer as far as its headers go. API Gateway takes them from either place, and the second one wins. */
interface WithHeaders {
  readonly headers?: Readonly<Record<string, unknown>> | null | undefined;
  readonly multiValueHeaders?: Readonly<Record<string, readonly unknown[]>> | null | undefined;
}

/**
 * Lets the page that asks read an answer, if the API's `allowedOrigins` name its origin. An answer that says itself who may
 * read it is left so. Where the API names no origins, the answer is as it was.
 * @returns a copy: a handler may give the same object again, to a page of another origin.
 * @see https://fetch.spec.whatwg.org/#http-cors-protocol
 */
export function withCrossOriginHeaders<Answer>(event: PageRequest, answer: Answer): Answer {
  if (!isCrossOrigin(event) || typeof answer !== 'object' || answer === null) return answer;
  // Without a status it is the body alone, which other middleware has yet to make an answer of.
  if (!('statusCode' in answer)) return answer;
  const { headers, multiValueHeaders } = answer as WithHeaders;
  const origin = allowedOriginOf(event);
  const added = {
    // Caches must not give one origin's answer to another.
    Vary: 'Origin',
    ...(origin && {
      'Access-Control-Allow-Origin': origin,
      'Access-Control-Expose-Headers': EXPOSED_HEADERS,
    }),
  };
  const repeated = Object.entries(multiValueHeaders ?? {});
  const present = repeated.map(([name]) => name.toLowerCase());
  const missing = Object.entries(added).filter(([name]) => !present.includes(name.toLowerCase()));
  return {
    ...answer,
    headers: mergeHeaders(Object.fromEntries(missing), headers ?? {}),
    ...(multiValueHeaders && { multiValueHeaders: Object.fromEntries(repeated.map(varyByOrigin)) }),
  };
}

function varyByOrigin([name, values]: readonly [string, readonly unknown[]]): [string, readonly unknown[]] {
  return [name, name.toLowerCase() === 'vary' ? [joinVary(...values, 'Origin')] : values];
}

type Headers = Readonly<Record<string, unknown>>;

/**
 * Merges headers whose names may be spelled in other cases. Each name stands once, since HTTP compares names in any case
 * (RFC 9110, 5.1).
 * @param own wins over others. `Vary` is joined: an answer depends on what either of them names.
 */
export function mergeHeaders<Own extends Headers>(others: Headers, own: Own): Own {
  const merged = new Map<string, readonly [name: string, value: unknown]>();
  for (const [name, value] of [...Object.entries(others), ...Object.entries(own)]) {
    const key = name.toLowerCase();
    merged.set(key, [name, key === 'vary' ? joinVary(value, merged.get(key)?.[1]) : value]);
  }
  return Object.fromEntries(merged.values()) as Own;
}

/** @param values texts with commas between names. A name that stands in several is written as in the first one. */
export function joinVary(...values: readonly unknown[]): string {
  const names = new Map<string, string>();
  for (const text of values.join().split(',')) {
    const name = text.trim();
    const key = name.toLowerCase();
    if (name !== '' && !names.has(key)) names.set(key, name);
  }
  return names.has('*') ? '*' : [...names.values()].join(', ');
}
