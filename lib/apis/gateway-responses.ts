import { GatewayResponse, type IRestApi, ResponseType, type RestApi } from 'aws-cdk-lib/aws-apigateway';
import {
  type ErrorBodies,
  type PrintedField,
  printField,
  renderTemplate,
  type Template,
  templateFor,
  wordProblem,
} from '../../core/errors/error-body.ts';
import { GATEWAY_PROBLEMS } from '../../core/errors/gateway-problem.ts';
import { PROBLEMS, problemTypeOf } from '../../core/errors/public-problem.ts';
import { REFUSALS } from '../../core/verification/refusal.ts';
import { type OwnAnswers, ownAnswerHeaders } from './cross-origin.ts';

/**
 * An error that API Gateway answers itself: as problem details (RFC 9457), or as the product's profile says.
 *
 * API Gateway fills templates in without escaping. So they print nothing that a caller controls: only fixed texts, the id of
 * the request that API Gateway makes (a caller can choose `requestId` with a header, but not this one), and those fields of
 * the authorizer's context that hold fixed texts. REQUEST_TOO_LARGE is not among the types: API Gateway answers 413 before it
 * looks at any of this.
 * @see https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-gatewayResponse-definition.html
 */
interface Shape {
  readonly type: ResponseType;
  /** Left out where one shape serves several statuses. */
  readonly status?: number;
  readonly title: string;
  readonly code: string;
  readonly detail: string;
  /** Set where the authorizer's context holds the reason, in the product's words. */
  readonly isRefusal?: true;
  /** Each value is a text in API Gateway's inner quotes, or the name of a variable. */
  readonly headers?: Readonly<Record<string, string>>;
}

const RETRY = { 'Retry-After': "'1'" };

const { unknown: unauthorized, forbidden } = REFUSALS;

/** The words that differ from API to API. */
export interface GatewayWording {
  /** What a 401 asks for in `WWW-Authenticate`. */
  readonly challenge: string;
  /** The detail of a 401. */
  readonly unauthorized: string;
  /**
   * The detail of a 404.
   * @default that there is no such path and method
   */
  readonly noRoute?: string | undefined;
}

export interface GatewayResponseProps extends GatewayWording {
  /** @default problem details in Keyward's words */
  readonly errors?: ErrorBodies | undefined;
  /** The origins whose pages may read the answers. */
  readonly ownAnswers: OwnAnswers;
}

/** Gives an API the body and the headers of every error that it answers itself. */
export function addGatewayResponses(restApi: RestApi, props: GatewayResponseProps): void {
  const all = props.errors === undefined ? shapes(props) : shapesWithStatus(props);
  // CDK's types of the two disagree where an optional property may not be `undefined`.
  addResponses(restApi as IRestApi, all, props);
}

/** The errors that only an authorizer causes. */
const OF_AUTHORIZER: readonly ResponseType[] = [
  ResponseType.UNAUTHORIZED,
  ResponseType.ACCESS_DENIED,
  ResponseType.AUTHORIZER_FAILURE,
  ResponseType.AUTHORIZER_CONFIGURATION_ERROR,
];

/** Gives somebody's own API the body and the headers of those errors alone that its authorizer causes. */
export function addAuthorizerResponses(restApi: IRestApi, props: GatewayResponseProps): void {
  const own = shapes(props).filter(({ type }) => OF_AUTHORIZER.includes(type));
  addResponses(restApi, own, props);
}

function addResponses(
  restApi: IRestApi,
  added: readonly Shape[],
  { errors, ownAnswers }: GatewayResponseProps,
): void {
  for (const shape of added) {
    const { type, status, headers } = shape;
    new GatewayResponse(restApi, `Response${type.responseType}`, {
      restApi,
      type,
      ...(status !== undefined && { statusCode: String(status) }),
      responseHeaders: { 'Cache-Control': "'no-store'", ...ownAnswerHeaders(type, ownAnswers), ...headers },
      // The key is also the media type of the answer. AWS does not document whether a header of that name would replace it.
      templates: { 'application/json': bodyOf(shape, errors) },
    });
  }
}

function shapes(wording: GatewayWording): Shape[] {
  const noRoute = {
    ...GATEWAY_PROBLEMS.no_route,
    detail: wording.noRoute ?? GATEWAY_PROBLEMS.no_route.detail,
  };
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
      isRefusal: true,
    },
    // No method here asks for AWS's own signatures, so a request that meets these has no route. API Gateway does not tell an
    // unknown path from a method that the path does not have, HEAD and OPTIONS among them.
    { type: ResponseType.MISSING_AUTHENTICATION_TOKEN, ...noRoute },
    { type: ResponseType.INVALID_SIGNATURE, ...noRoute },
    { type: ResponseType.EXPIRED_TOKEN, ...noRoute },
    { type: ResponseType.RESOURCE_NOT_FOUND, ...noRoute },
    { type: ResponseType.THROTTLED, ...GATEWAY_PROBLEMS.throttled, headers: RETRY },
    // This answer cannot say why the authorizer failed. Its log and the metric AuthorizationFault do.
    { type: ResponseType.AUTHORIZER_FAILURE, ...PROBLEMS.not_begun, headers: RETRY },
    { type: ResponseType.AUTHORIZER_CONFIGURATION_ERROR, ...PROBLEMS.not_begun, headers: RETRY },
    // The function may have done everything. API Gateway knows neither the method nor what it does.
    { type: ResponseType.INTEGRATION_FAILURE, ...GATEWAY_PROBLEMS.maybe_done, headers: RETRY },
    { type: ResponseType.INTEGRATION_TIMEOUT, ...GATEWAY_PROBLEMS.maybe_done, headers: RETRY },
    { type: ResponseType.DEFAULT_4XX, ...REQUEST_REFUSED },
    { type: ResponseType.DEFAULT_5XX, ...INTERNAL_ERROR },
  ];
}

const { status: _anyOfThem, ...INTERNAL_ERROR } = PROBLEMS.internal_error;

const REQUEST_REFUSED = {
  title: 'Request Refused',
  code: 'request_refused',
  detail: 'The request is not one that this API answers.',
} as const;

/**
 * A product's template may print the status, and a default response serves several. So each default gets one status here, and
 * every type with another status gets a response of its own.
 */
const ONE_STATUS_EACH: readonly Shape[] = [
  { type: ResponseType.INVALID_API_KEY, ...REQUEST_REFUSED, status: 403 },
  { type: ResponseType.WAF_FILTERED, ...REQUEST_REFUSED, status: 403 },
  { type: ResponseType.UNSUPPORTED_MEDIA_TYPE, ...REQUEST_REFUSED, status: 415 },
  { type: ResponseType.QUOTA_EXCEEDED, ...GATEWAY_PROBLEMS.throttled, headers: RETRY },
  { type: ResponseType.DEFAULT_4XX, ...REQUEST_REFUSED, status: 400 },
  { type: ResponseType.DEFAULT_5XX, ...PROBLEMS.internal_error },
];

function shapesWithStatus(wording: GatewayWording): Shape[] {
  const own = new Set(ONE_STATUS_EACH.map(({ type }) => type));
  return [...shapes(wording).filter(({ type }) => !own.has(type)), ...ONE_STATUS_EACH];
}

function bodyOf(shape: Shape, errors: ErrorBodies | undefined): string {
  if (errors === undefined) return problemDetails(shape);
  // The authorizer has already put a refusal into words.
  const worded = shape.isRefusal
    ? { ...shape, title: '$context.authorizer.title' }
    : wordProblem(errors, shape);
  const template = shape.status === undefined ? undefined : templateFor(errors, shape.status);
  return template === undefined ? problemDetails(worded) : ownBody(template, worded);
}

function problemDetails({ status, title, detail, code, isRefusal }: Shape): string {
  const body = {
    type: problemTypeOf(code),
    title,
    ...(status !== undefined && { status }),
    detail,
    code,
  };
  const open = JSON.stringify(body).slice(0, -'}'.length);
  // The variable prints a whole member of the body, or nothing.
  const optionalMember = isRefusal ? '$context.authorizer.requiredScopeMember' : '';
  return `${open}${optionalMember},"request_id":"$context.extendedRequestId"}`;
}

function ownBody(template: Template, { status = 0, title, detail, code, isRefusal }: Shape): string {
  const body = renderTemplate(template, {
    status: printField(status),
    title: print(title),
    detail: print(detail),
    code: print(code),
    required_scope: isRefusal ? REFUSED_SCOPE : printField(null),
    request_id: print('$context.extendedRequestId'),
  });
  // API Gateway must not read the next character as part of the variable's name. JSON can spell every character differently.
  return body
    .replace(VARIABLE_AND_NEXT, (_, next: string) => `\\u${next.charCodeAt(0).toString(16).padStart(4, '0')}`)
    .replaceAll(END_OF_VARIABLE, '');
}

/** JSON text never holds this character as it is. */
const END_OF_VARIABLE = '\u0000';
const VARIABLE_AND_NEXT = new RegExp(`${END_OF_VARIABLE}([\\w.([-])`, 'g');

/** The authorizer has already escaped the texts of its context. */
function print(text: string): PrintedField {
  if (!text.startsWith('$context.')) return printField(text);
  return { value: `"${text}"`, text: text + END_OF_VARIABLE };
}

const REFUSED_SCOPE: PrintedField = {
  value: '$context.authorizer.requiredScopeValue',
  text: `$context.authorizer.requiredScope${END_OF_VARIABLE}`,
};
