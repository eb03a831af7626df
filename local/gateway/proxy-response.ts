import { validateHeaderName, validateHeaderValue } from 'node:http';
import { isObject } from '../assembly/json.ts';
import { type HeaderList, headersFromFunction } from './headers.ts';
import type { HttpAnswer } from './http-answer.ts';
import { isBinary } from './media-type.ts';

/**
 * Reads what a function returned as a proxy response.
 * @returns undefined if it is malformed. API Gateway then answers 502.
 * @see "Output format of a Lambda function for proxy integration", API Gateway Developer Guide
 */
export function readProxyResponse(
  payload: unknown,
  request: { readonly accept: string | undefined; readonly binaryMediaTypes: readonly string[] },
): HttpAnswer | undefined {
  if (!isObject(payload)) return undefined;
  const { statusCode, body = '', isBase64Encoded = false } = payload;
  if (typeof statusCode !== 'number' || !Number.isInteger(statusCode)) return undefined;
  if (statusCode < 200 || statusCode > 599) return undefined;
  if (body !== null && typeof body !== 'string') return undefined;
  if (typeof isBase64Encoded !== 'boolean') return undefined;
  const headers = readHeaders(payload.headers, payload.multiValueHeaders);
  if (!headers?.every(([name, value]) => isWritable(name, value))) return undefined;
  // The gateway decodes base64 only for a caller that asks for a binary type first. Others get the text unchanged.
  const decode = isBase64Encoded && isBinary(request.binaryMediaTypes, request.accept);
  const hasType = headers.some(([name]) => name.toLowerCase() === 'content-type');
  return {
    statusCode,
    headers: [
      ...(hasType ? [] : ([['Content-Type', 'application/json']] as const)),
      ...headersFromFunction(headers),
    ],
    body: Buffer.from(body ?? '', decode ? 'base64' : 'utf8'),
  };
}

function isWritable(name: string, value: string): boolean {
  try {
    validateHeaderName(name);
    validateHeaderValue(name, value);
    return true;
  } catch {
    return false;
  }
}

/** Merges both lists. If both have a name, the values of `multiValueHeaders` win. */
function readHeaders(single: unknown, multiple: unknown): HeaderList | undefined {
  const singles = single ?? {};
  const multiples = multiple ?? {};
  if (!isObject(singles) || !isObject(multiples)) return undefined;
  const names = Object.keys(multiples).map((name) => name.toLowerCase());
  const headers: [string, string][] = [];
  for (const [name, value] of Object.entries(singles)) {
    if (names.includes(name.toLowerCase()) || value === null) continue;
    if (typeof value === 'object') return undefined;
    headers.push([name, String(value)]);
  }
  for (const [name, values] of Object.entries(multiples)) {
    if (!Array.isArray(values)) return undefined;
    for (const value of values) {
      if (typeof value === 'object') return undefined;
      headers.push([name, String(value)]);
    }
  }
  return headers;
}
