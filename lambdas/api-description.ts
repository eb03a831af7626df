import type { APIGatewayProxyEvent, APIGatewayProxyResult } from 'aws-lambda';
import { headerValues, type MultiValueHeaders } from '../core/verification/presentation.ts';
import { withCrossOriginHeaders } from './http/response-headers.ts';

/** The finished description of the management API. */
export interface ServedDescription {
  /** An OpenAPI document as JSON. */
  readonly text: string;
  /** Changes with the text (RFC 9110, 8.8.3). Has its quotes. */
  readonly etag: string;
}

/** A new deployment may change the description, and callers may learn of it this much later. */
const FRESH_SECONDS = 300;

/** Makes the Lambda handler of `GET /openapi.json`. Everybody may read it, so it may stand in any cache. */
export function createDescriptionHandler({ text, etag }: ServedDescription) {
  return async (event: APIGatewayProxyEvent): Promise<APIGatewayProxyResult> => {
    const headers = { ETag: etag, 'Cache-Control': `public, max-age=${FRESH_SECONDS}` };
    if (isKnown(event, etag)) return withCrossOriginHeaders(event, { statusCode: 304, headers, body: '' });
    return withCrossOriginHeaders(event, {
      statusCode: 200,
      headers: { ...headers, 'Content-Type': 'application/json' },
      body: text,
    });
  };
}

/** Tells whether the caller has this description already. A cache on the way may have weakened the tag (RFC 9110, 13.1.2). */
function isKnown({ multiValueHeaders }: APIGatewayProxyEvent, etag: string): boolean {
  const sent = headerValues((multiValueHeaders ?? {}) as MultiValueHeaders, 'if-none-match');
  const tags = sent.flatMap((value) => value.split(',')).map((tag) => tag.trim().replace(/^W\//, ''));
  return tags.includes(etag) || tags.includes('*');
}
