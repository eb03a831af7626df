/** An origin as browsers send it: lower case, without a default port. `new URL(text).origin` writes it so. */
const ORIGIN = /^https?:\/\/[a-z0-9.-]+(?::\d+)?$/;
const ON_THIS_MACHINE = /^http:\/\/(?:localhost|127\.0\.0\.1)(?::\d+)?$/;

/** The longest value of a stage variable: "Amazon API Gateway quotas". */
export const LONGEST_ORIGIN_LIST = 512;

/**
 * Reads the origins whose pages may call an API from a browser.
 * @param value a list of origins, or one text with commas between them.
 * @param source the place that the value comes from, as the beginning of a sentence.
 * @throws if one of them is not exactly an origin, or if the list is empty or too long.
 */
export function parseAllowedOrigins(value: unknown, source: string): readonly string[] {
  const origins = listedIn(value);
  if (origins === undefined || origins.length === 0)
    throw new Error(
      `${source} must be a list of origins, or a text with commas between them, such as https://console.example.com.`,
    );
  for (const [index, origin] of origins.entries()) {
    const fault = origins.indexOf(origin) < index ? 'names it twice' : originFault(origin);
    if (fault !== undefined) throw new Error(`${source} holds ${JSON.stringify(origin)}: ${fault}.`);
  }
  if (writeAllowedOrigins(origins).length > LONGEST_ORIGIN_LIST)
    throw new Error(`${source} must have at most ${LONGEST_ORIGIN_LIST} characters in all, commas included.`);
  return origins;
}

function listedIn(value: unknown): readonly string[] | undefined {
  if (typeof value === 'string' && value.trim() !== '') return value.split(',').map((text) => text.trim());
  const isList = Array.isArray(value) && value.every((each) => typeof each === 'string');
  return isList ? value : undefined;
}

/** @returns the reason why a text is not an origin, as the end of a sentence; `undefined` for an origin. */
export function originFault(text: string): string | undefined {
  if (text === '') return 'an origin is missing there';
  if (text.includes('*')) return 'name each origin, since * would let in pages that you did not name';
  const url = URL.parse(text);
  if (url === null || !['http:', 'https:'].includes(url.protocol))
    return 'write an origin such as https://console.example.com or http://localhost:5173';
  if (text === `${url.origin}/`) return 'leave out the slash at the end, since browsers send none';
  if (url.href !== `${url.origin}/`) return 'leave out everything but scheme, host and port';
  if (text !== url.origin) return `write ${url.origin}, as browsers do`;
  if (!ORIGIN.test(text)) return 'the host may have letters, digits, dots and hyphens';
  if (url.protocol === 'http:' && !ON_THIS_MACHINE.test(text))
    return 'write https://, since http:// is for localhost and 127.0.0.1 only';
  return undefined;
}

/** The stage variable in which an API tells every function behind it which origins are allowed. */
export const ALLOWED_ORIGINS_VARIABLE = 'keywardAllowedOrigins';

export function writeAllowedOrigins(origins: readonly string[]): string {
  return origins.join(',');
}

/** @returns an empty list if the API allows no origins. */
export function readAllowedOrigins(
  stageVariables: Readonly<Record<string, string | undefined>> | null | undefined,
): readonly string[] {
  const origins = stageVariables?.[ALLOWED_ORIGINS_VARIABLE]?.split(',') ?? [];
  return origins.map((origin) => origin.trim()).filter((origin) => origin !== '');
}

/** The headers of an answer that pages may read. Browsers always show them a few others. */
export const EXPOSED_HEADERS = [
  'Retry-After',
  'RateLimit',
  'RateLimit-Policy',
  'WWW-Authenticate',
  // API Gateway gives the challenge of a function this name.
  'X-Amzn-Remapped-WWW-Authenticate',
  'X-Amz-Apigw-Id',
  'X-Request-Id',
  'MCP-Protocol-Version',
  'Mcp-Session-Id',
].join(', ');

/** The headers that pages may send, besides those of a product's profile. Browsers always let them send a few others. */
export const ACCEPTED_HEADERS = [
  'Authorization',
  'Content-Type',
  'Idempotency-Key',
  'MCP-Protocol-Version',
  'Mcp-Method',
  'Mcp-Name',
  'Mcp-Session-Id',
  'Last-Event-ID',
];
