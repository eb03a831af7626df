import { GatewayResponse, type IRestApi, ResponseType } from 'aws-cdk-lib/aws-apigateway';
import {
  type ErrorBodies,
  type PrintedField,
  printField,
  renderTemplate,
  type Template,
  templateFor,
  wordProblem,
} from '../core/errors/error-body.ts';
import { PROBLEMS, problemTypeOf } from '../core/errors/public-problem.ts';
import { REFUSALS } from '../core/verification/refusal.ts';
import { type OwnAnswers, ownAnswerHeaders } from './cross-origin.ts';

/**
 * The body of every error that API Gateway answers by itself, as problem details (RFC 9457) or as the product's profile has it.
 *
 * Templates are plain substitution without escaping, so they print nothing that a caller controls: fixed texts, the
 * request's id that API Gateway makes (`requestId` a caller can choose by a header), and those fields of the authorizer's context that hold fixed texts. REQUEST_TOO_LARGE is not among them:
 * API Gateway answers 413 before any of this.
 * @see https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-gatewayResponse-definition.html
 */
interface Shape {
  readonly type: ResponseType;
  /** Left out where one shape serves several statuses. */
  readonly status?: number | undefined;
  readonly title: string;
  readonly code: string;
  readonly detail: string;
  /** The reason stands in the authorizer's context, in the product's words. */
  readonly isDenial?: true;
  /** Static values in API Gateway's inner quotes, or mappings. */
  readonly headers?: Readonly<Record<string, string>>;
}

const RETRY = { 'Retry-After': "'1'" };

const { unknown: unauthorized, forbidden } = REFUSALS;

/** What differs from API to API. */
export interface GatewayWording {
  /** What a 401 asks for in `WWW-Authenticate`. */
  readonly challenge: string;
  /** The detail of a 401. */
  readonly unauthorized: string;
  /** The detail of a 404. @default that of every API */
  readonly noRoute?: string;
}

function shapes(wording: GatewayWording): Shape[] {
  const noRoute = { ...PROBLEMS.no_route, detail: wording.noRoute ?? PROBLEMS.no_route.detail };
  return [
    {
      ...unauthorized,
      type: ResponseType.UNAUTHORIZED,
      detail: wording.unauthorized,
      headers: { 'WWW-Authenticate': `'${wording.challenge}'` },
    },
    {
      type: ResponseType.ACCESS_DENIED,
      status: forbidden.status,
      title: forbidden.title,
      code: '$context.authorizer.code',
      detail: '$context.authorizer.detail',
      isDenial: true,
    },
    // Every method here has an authorizer of ours, so whatever asks for AWS's own signatures has no such path.
    // It does not tell a path that it does not have from a method that the path does not take, HEAD and OPTIONS among them.
    { type: ResponseType.MISSING_AUTHENTICATION_TOKEN, ...noRoute },
    { type: ResponseType.INVALID_SIGNATURE, ...noRoute },
    { type: ResponseType.EXPIRED_TOKEN, ...noRoute },
    { type: ResponseType.RESOURCE_NOT_FOUND, ...noRoute },
    { type: ResponseType.THROTTLED, ...PROBLEMS.throttled, headers: RETRY },
    // Why the authorizer failed cannot be told here: its log and the metric AuthorizationFault say it.
    { type: ResponseType.AUTHORIZER_FAILURE, ...PROBLEMS.not_begun, headers: RETRY },
    { type: ResponseType.AUTHORIZER_CONFIGURATION_ERROR, ...PROBLEMS.not_begun, headers: RETRY },
    // The function may have done all of it. Neither the method nor what it does is known here.
    { type: ResponseType.INTEGRATION_FAILURE, ...PROBLEMS.maybe_done, headers: RETRY },
    { type: ResponseType.INTEGRATION_TIMEOUT, ...PROBLEMS.maybe_done, headers: RETRY },
    { type: ResponseType.DEFAULT_4XX, ...REQUEST_REFUSED },
    { ...PROBLEMS.internal_error, type: ResponseType.DEFAULT_5XX, status: undefined },
  ];
}

const REQUEST_REFUSED = {
  title: 'Request Refused',
  code: 'request_refused',
  detail: 'The request is not one that this API answers.',
} as const;

/**
 * A product's template may print the status, and what falls back on a default has several. So the defaults get a status, and
 * the types whose own one differs from it get a response.
 */
const ONE_STATUS_EACH: readonly Shape[] = [
  { type: ResponseType.INVALID_API_KEY, ...REQUEST_REFUSED, status: 403 },
  { type: ResponseType.WAF_FILTERED, ...REQUEST_REFUSED, status: 403 },
  { type: ResponseType.UNSUPPORTED_MEDIA_TYPE, ...REQUEST_REFUSED, status: 415 },
  { type: ResponseType.QUOTA_EXCEEDED, ...PROBLEMS.throttled, headers: RETRY },
  { type: ResponseType.DEFAULT_4XX, ...REQUEST_REFUSED, status: 400 },
  { type: ResponseType.DEFAULT_5XX, ...PROBLEMS.internal_error },
];

function ownShapes(wording: GatewayWording): Shape[] {
  const own = new Set(ONE_STATUS_EACH.map(({ type }) => type));
  return [...shapes(wording).filter(({ type }) => !own.has(type)), ...ONE_STATUS_EACH];
}

export interface GatewayResponseProps extends GatewayWording {
  /** @default problem details in Keyward's words */
  readonly errors?: ErrorBodies | undefined;
  /** Whose pages may read the answers. */
  readonly ownAnswers: OwnAnswers;
}

export function addGatewayResponses(
  restApi: IRestApi,
  { errors, ownAnswers, ...wording }: GatewayResponseProps,
): void {
  for (const shape of errors === undefined ? shapes(wording) : ownShapes(wording)) {
    const { type, status, headers } = shape;
    new GatewayResponse(restApi, `Response${type.responseType}`, {
      restApi,
      type,
      ...(status !== undefined && { statusCode: String(status) }),
      responseHeaders: { 'Cache-Control': "'no-store'", ...ownAnswerHeaders(type, ownAnswers), ...headers },
      // Its name is also the answer's media type: whether a header of that name would replace it is not documented.
      templates: { 'application/json': bodyOf(shape, errors) },
    });
  }
}

function bodyOf(shape: Shape, errors: ErrorBodies | undefined): string {
  if (errors === undefined) return problemDetails(shape);
  // The authorizer has put a denial into words already.
  const worded = shape.isDenial
    ? { ...shape, title: '$context.authorizer.title' }
    : wordProblem(errors, shape);
  const template = shape.status === undefined ? undefined : templateFor(errors, shape.status);
  return template === undefined ? problemDetails(worded) : ownBody(template, worded);
}

function problemDetails({ status, title, detail, code, isDenial }: Shape): string {
  const body = {
    type: problemTypeOf(code),
    title,
    ...(status !== undefined && { status }),
    detail,
    code,
  };
  const open = JSON.stringify(body).slice(0, -'}'.length);
  // A variable that prints a whole member of the body, or nothing.
  const optionalMember = isDenial ? '$context.authorizer.requiredScopeMember' : '';
  return `${open}${optionalMember},"request_id":"$context.extendedRequestId"}`;
}

function ownBody(template: Template, { status = 0, title, detail, code, isDenial }: Shape): string {
  const body = renderTemplate(template, {
    status: printField(status),
    title: print(title),
    detail: print(detail),
    code: print(code),
    required_scope: isDenial ? DENIED_SCOPE : printField(null),
    request_id: print('$context.extendedRequestId'),
  });
  // What follows a variable's name must not be read as more of it. JSON has another spelling of every character.
  return body
    .replace(VARIABLE_AND_NEXT, (_, next: string) => `\\u${next.charCodeAt(0).toString(16).padStart(4, '0')}`)
    .replaceAll(END_OF_VARIABLE, '');
}

/** A character that JSON text never holds as it is. */
const END_OF_VARIABLE = '\u0000';
const VARIABLE_AND_NEXT = new RegExp(`${END_OF_VARIABLE}([\\w.([-])`, 'g');

/** The texts of the authorizer's context are escaped already. */
function print(text: string): PrintedField {
  if (!text.startsWith('$context.')) return printField(text);
  return { value: `"${text}"`, text: text + END_OF_VARIABLE };
}

const DENIED_SCOPE: PrintedField = {
  value: '$context.authorizer.requiredScopeValue',
  text: `$context.authorizer.requiredScope${END_OF_VARIABLE}`,
};
