import type { ResolvedResource } from '../assembly/resolved-stack.ts';
import { CannotRun } from '../cannot-run.ts';
import type { HttpAnswer } from './http-answer.ts';
import { checkPlaceholders, fillPlaceholders, isKnown, type Lookup } from './placeholders.ts';

/** One `AWS::ApiGateway::GatewayResponse`. */
export interface GatewayResponse {
  readonly type: string;
  readonly statusCode: number | undefined;
  /** Header name → `'static'` or the name of a variable. */
  readonly headers: Readonly<Record<string, string>>;
  /** Media type → template. */
  readonly templates: Readonly<Record<string, string>>;
}

/**
 * The answers that API Gateway itself gives, before or after any function.
 * @see "Gateway response types for API Gateway", API Gateway Developer Guide
 */
const RESPONSE_TYPES = {
  ACCESS_DENIED: { status: 403, errorType: 'AccessDeniedException' },
  API_CONFIGURATION_ERROR: { status: 500, errorType: 'InternalServerErrorException' },
  AUTHORIZER_CONFIGURATION_ERROR: { status: 500, errorType: 'AuthorizerConfigurationException' },
  AUTHORIZER_FAILURE: { status: 500, errorType: 'AuthorizerFailureException' },
  BAD_REQUEST_BODY: { status: 400, errorType: 'BadRequestException' },
  BAD_REQUEST_PARAMETERS: { status: 400, errorType: 'BadRequestException' },
  EXPIRED_TOKEN: { status: 403, errorType: 'ExpiredTokenException' },
  INTEGRATION_FAILURE: { status: 504, errorType: 'InternalServerErrorException' },
  INTEGRATION_TIMEOUT: { status: 504, errorType: 'InternalServerErrorException' },
  INVALID_API_KEY: { status: 403, errorType: 'ForbiddenException' },
  INVALID_SIGNATURE: { status: 403, errorType: 'IncompleteSignatureException' },
  MISSING_AUTHENTICATION_TOKEN: { status: 403, errorType: 'MissingAuthenticationTokenException' },
  QUOTA_EXCEEDED: { status: 429, errorType: 'LimitExceededException' },
  REQUEST_TOO_LARGE: { status: 413, errorType: 'RequestTooLargeException' },
  RESOURCE_NOT_FOUND: { status: 404, errorType: 'NotFoundException' },
  THROTTLED: { status: 429, errorType: 'TooManyRequestsException' },
  UNAUTHORIZED: { status: 401, errorType: 'UnauthorizedException' },
  UNSUPPORTED_MEDIA_TYPE: { status: 415, errorType: 'UnsupportedMediaTypeException' },
  WAF_FILTERED: { status: 403, errorType: 'ForbiddenException' },
  // The documentation has no type for these two. Both use the defaults.
  BAD_REQUEST: { status: 400, errorType: 'BadRequestException' },
  BAD_GATEWAY: { status: 502, errorType: 'InternalServerErrorException' },
} as const;

export type FailureType = keyof typeof RESPONSE_TYPES;

/** Why a request ends with a gateway response. `message` is what `$context.error.message` prints. */
export interface GatewayFailure {
  readonly type: FailureType;
  readonly message: string | null;
}

const UNTYPED: readonly string[] = ['BAD_REQUEST', 'BAD_GATEWAY'];
const DEFAULT_TEMPLATES = { 'application/json': '{"message":$context.error.messageString}' };

export function readGatewayResponse({ id, properties }: ResolvedResource): GatewayResponse {
  const type = properties.text('ResponseType');
  if (
    !(type in RESPONSE_TYPES || type === 'DEFAULT_4XX' || type === 'DEFAULT_5XX') ||
    UNTYPED.includes(type)
  ) {
    throw new CannotRun(`${id}: ${type} is not a type of gateway response.`);
  }
  const templates = properties.texts('ResponseTemplates');
  for (const [mediaType, template] of Object.entries(templates))
    checkPlaceholders(`${id} (${mediaType})`, template);
  const headers: Record<string, string> = {};
  for (const [target, value] of Object.entries(properties.texts('ResponseParameters'))) {
    const [, name] = /^gatewayresponse\.header\.(.+)$/.exec(target) ?? [];
    if (!name) throw new CannotRun(`${id}: ${target} is not a header of a gateway response.`);
    const isVariable = /^(context|stageVariables|method\.request\.(header|querystring|path))\.\S+$/.test(
      value,
    );
    if (!/^'.*'$/s.test(value) && !(isVariable && isKnown(value))) {
      throw new CannotRun(
        `${id}: the value of ${name} must be a variable or stand in single quotes, found ${value}.`,
      );
    }
    headers[name] = value;
  }
  const statusCode = properties.has('StatusCode') ? properties.number('StatusCode', 0) : undefined;
  return { type, statusCode, headers, templates };
}

export function gatewayStatusOf(type: FailureType): number {
  return RESPONSE_TYPES[type].status;
}

/**
 * Answers with the gateway response of the failure's type, or with the default of its class.
 *
 * A variable without a value prints nothing, and a mapped header without a value is left out. The documentation does not say
 * what AWS does, so nothing should depend on it.
 */
export function renderGatewayResponse(
  failure: GatewayFailure,
  responses: ReadonlyMap<string, GatewayResponse>,
  request: { readonly accept: string | undefined; readonly lookup: Lookup },
): HttpAnswer {
  const own = RESPONSE_TYPES[failure.type];
  const fallback = responses.get(own.status < 500 ? 'DEFAULT_4XX' : 'DEFAULT_5XX');
  // "Customizing the default gateway response for 413 REQUEST_TOO_LARGE isn't currently supported", Important notes.
  const response =
    failure.type === 'REQUEST_TOO_LARGE' ? undefined : (responses.get(failure.type) ?? fallback);
  const templates =
    response && Object.keys(response.templates).length > 0 ? response.templates : DEFAULT_TEMPLATES;
  const [mediaType, template] = chooseTemplate(templates, request.accept);
  const headers: [string, string][] = [
    ['Content-Type', mediaType],
    ['x-amzn-ErrorType', own.errorType],
  ];
  for (const [name, value] of Object.entries(response?.headers ?? {})) {
    const text = value.startsWith("'") ? value.slice(1, -1) : request.lookup(value);
    if (text !== undefined && text !== '') headers.push([name, text]);
  }
  return {
    // The status of a default applies to every type that falls back on it.
    statusCode: response?.statusCode ?? own.status,
    headers,
    body: Buffer.from(fillPlaceholders(template, request.lookup, '')),
  };
}

function chooseTemplate(
  templates: Readonly<Record<string, string>>,
  accept: string | undefined,
): [string, string] {
  const wanted = accept?.split(/[,;]/)[0]?.trim().toLowerCase() ?? '';
  const mediaTypes = [wanted, 'application/json', Object.keys(templates)[0] ?? ''];
  // A caller may ask for the media type `__proto__`.
  const chosen = mediaTypes.find((mediaType) => Object.hasOwn(templates, mediaType)) ?? '';
  return [chosen, templates[chosen] ?? ''];
}
