import { GatewayResponse, type IRestApi, ResponseType } from 'aws-cdk-lib/aws-apigateway';
import { PROBLEMS, problemTypeOf } from '../core/public-problem.ts';
import { REFUSALS } from '../core/refusal.ts';

/**
 * The body of every error that API Gateway answers by itself, as problem details (RFC 9457).
 *
 * Templates are plain substitution without escaping, so they print nothing that a caller controls: fixed texts, the
 * request's id, and those fields of the authorizer's context that hold fixed texts. REQUEST_TOO_LARGE is not among them:
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
  /** A variable that prints a whole member of the body, or nothing. */
  readonly optionalMember?: string;
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
      optionalMember: '$context.authorizer.requiredScopeMember',
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
    {
      type: ResponseType.DEFAULT_4XX,
      title: 'Request Refused',
      code: 'request_refused',
      detail: 'The request is not one that this API answers.',
    },
    { ...PROBLEMS.internal_error, type: ResponseType.DEFAULT_5XX, status: undefined },
  ];
}

export function addGatewayResponses(restApi: IRestApi, wording: GatewayWording): void {
  for (const shape of shapes(wording)) {
    const { type, status, headers } = shape;
    new GatewayResponse(restApi, `Response${type.responseType}`, {
      restApi,
      type,
      ...(status !== undefined && { statusCode: String(status) }),
      responseHeaders: { 'Cache-Control': "'no-store'", ...headers },
      // Its name is also the answer's media type: whether a header of that name would replace it is not documented.
      templates: { 'application/json': template(shape) },
    });
  }
}

function template({ status, title, code, detail, optionalMember = '' }: Shape): string {
  const body = {
    type: problemTypeOf(code),
    title,
    ...(status !== undefined && { status }),
    detail,
    code,
  };
  const open = JSON.stringify(body).slice(0, -'}'.length);
  return `${open}${optionalMember},"request_id":"$context.requestId"}`;
}
