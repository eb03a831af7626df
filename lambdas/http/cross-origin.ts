import { EXPOSED_HEADERS, readAllowedOrigins } from '../../core/access/allowed-origins.ts';
import { headerValues, type MultiValueHeaders } from '../../core/verification/presentation.ts';
import { joinVary, mergeHeaders } from './merge-headers.ts';

/** What an answer to a page depends on; an authorizer's event has it as well. */
interface Asked {
  readonly stageVariables?: Readonly<Record<string, string | undefined>> | null;
  readonly multiValueHeaders?: Readonly<Record<string, string[] | undefined>> | null;
}

/** An answer as far as its headers go. API Gateway takes them from either place, and the second one wins. */
interface WithHeaders {
  readonly headers?: Readonly<Record<string, unknown>> | null | undefined;
  readonly multiValueHeaders?: Readonly<Record<string, readonly unknown[]>> | null | undefined;
}

/** @returns the origin of the page that asks, if the API allows it. */
export function allowedOriginOf({ stageVariables, multiValueHeaders }: Asked): string | undefined {
  const [origin, ...others] = headerValues((multiValueHeaders ?? {}) as MultiValueHeaders, 'origin');
  const isAllowed = origin !== undefined && readAllowedOrigins(stageVariables).includes(origin);
  return isAllowed && others.length === 0 ? origin : undefined;
}

/** Whether the API is one that pages of other origins may call. */
export function isCrossOrigin({ stageVariables }: Asked): boolean {
  return readAllowedOrigins(stageVariables).length > 0;
}

/**
 * Lets the page that asks read an answer, if the API's `allowedOrigins` name its origin. An answer that says itself who may
 * read it is left so. Where the API names no origins, the answer is as it was.
 * @returns a copy: a handler may give the same object again, to a page of another origin.
 * @see https://fetch.spec.whatwg.org/#http-cors-protocol
 */
export function withCrossOriginHeaders<Answer>(event: Asked, answer: Answer): Answer {
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
