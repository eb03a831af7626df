import type { ALBEvent, APIGatewayProxyEvent, APIGatewayProxyEventV2 } from 'aws-lambda';
import type { MultiValueHeaders } from '../../core/verification/presentation.ts';
import { requestIdOf } from './problem.ts';

/**
 * An HTTP request as AWS hands it to a function: from a REST API or an HTTP API with payload 1.0, from an HTTP API with payload
 * 2.0 or a function URL, or from an Application Load Balancer.
 */
export type HttpEvent = APIGatewayProxyEvent | APIGatewayProxyEventV2 | ALBEvent;

/** What every kind of event says of a request. */
export interface HttpRequest {
  readonly method: string;
  /**
   * The path of the route that API Gateway has matched, such as `/orders/{id}`. `undefined` where nobody has matched one: behind
   * `$default`, a function URL or a load balancer.
   */
  readonly resource: string | undefined;
  /** The path as the function's own router sees it. A caller may spell it in many ways. */
  readonly path: string;
  readonly headers: MultiValueHeaders;
  /** The address that AWS vouches for, never a caller's header. Empty if the event has none. */
  readonly sourceAddress: string;
  /** The id of the request, for its answer and for the log. */
  readonly requestId: string;
}

/** The two places of an event where its headers may stand. */
export interface EventHeaders {
  readonly headers?: Readonly<Record<string, string | undefined>> | null | undefined;
  readonly multiValueHeaders?: Readonly<Record<string, string[] | undefined>> | null | undefined;
}

/** Events in tests and from unknown services may lack parts that AWS's own always have. */
interface AnyEvent extends EventHeaders {
  readonly httpMethod?: string;
  readonly resource?: string;
  readonly path?: string;
  readonly rawPath?: string;
  readonly routeKey?: string;
  readonly requestContext?: {
    readonly http?: { readonly method: string; readonly sourceIp: string };
    readonly elb?: object;
    readonly identity?: { readonly sourceIp?: string };
    readonly authorizer?: Readonly<Record<string, unknown>> | null;
    readonly requestId?: string;
    readonly extendedRequestId?: string;
  };
}

/** What stands for the route where an HTTP API has matched none. */
const NO_ROUTE = '$default';

/** @returns the request, whichever kind the event is of. The kind is told by AWS's own part of the event. */
export function readHttpRequest(event: HttpEvent): HttpRequest {
  const { requestContext, httpMethod = '', path = '', ...others } = event as AnyEvent;
  const headers = headersOf(event);
  const requestId = requestIdOfEvent(event);
  if (requestContext?.http !== undefined) {
    const { method, sourceIp } = requestContext.http;
    const { routeKey = NO_ROUTE, rawPath = '' } = others;
    return {
      method,
      resource: pathOfRoute(routeKey),
      path: rawPath,
      headers,
      sourceAddress: sourceIp,
      requestId,
    };
  }
  if (requestContext?.elb !== undefined) {
    return {
      method: httpMethod,
      resource: undefined,
      path,
      headers,
      sourceAddress: lastForwarded(headers),
      requestId,
    };
  }
  const { resource = '' } = others;
  return {
    method: httpMethod,
    resource: resource === NO_ROUTE ? undefined : resource,
    path,
    headers,
    sourceAddress: requestContext?.identity?.sourceIp ?? '',
    requestId,
  };
}

/**
 * All headers of an event. In payload 2.0, the values of a header that was sent several times stand in one text, with commas
 * between them. A load balancer without multi-value headers tells only the last one.
 */
export function headersOf({ headers, multiValueHeaders }: EventHeaders): MultiValueHeaders {
  if (multiValueHeaders) return multiValueHeaders;
  return Object.fromEntries(
    Object.entries(headers ?? {}).flatMap(([name, value]) => (value === undefined ? [] : [[name, [value]]])),
  );
}

/** Returns the id of a request, for its answer and for the log. It is none that the caller could have chosen. */
export function requestIdOfEvent(event: Pick<HttpEvent, 'requestContext'> & EventHeaders): string {
  const { requestContext } = event as AnyEvent;
  return requestContext?.elb === undefined ? requestIdOf(requestContext) : traceIdOf(headersOf(event));
}

/** What an authorizer of API Gateway has handed on. HTTP APIs keep it one level deeper than REST APIs. */
export function authorizerContextOf(
  event: Pick<HttpEvent, 'requestContext'>,
): Readonly<Record<string, unknown>> | undefined {
  const { authorizer } = (event as AnyEvent).requestContext ?? {};
  const { lambda } = authorizer ?? {};
  return typeof lambda === 'object' && lambda !== null
    ? (lambda as Readonly<Record<string, unknown>>)
    : (authorizer ?? undefined);
}

/** Whether the event is of a load balancer, whose answers look different. */
export function isFromLoadBalancer(event: Pick<HttpEvent, 'requestContext'>): boolean {
  return (event as AnyEvent).requestContext?.elb !== undefined;
}

/** Whether the event has payload 2.0, where an answer may be a body alone. */
export function hasInferredAnswers(event: Pick<HttpEvent, 'requestContext'>): boolean {
  return (event as AnyEvent).requestContext?.http !== undefined;
}

/** @param routeKey `GET /orders/{id}`, `ANY /orders` or `$default`. */
function pathOfRoute(routeKey: string): string | undefined {
  return routeKey === NO_ROUTE ? undefined : routeKey.slice(routeKey.indexOf(' ') + 1);
}

/** A load balancer appends the address that it sees. What stands before it is the caller's own word. */
function lastForwarded(headers: MultiValueHeaders): string {
  return lastValue(headers, 'x-forwarded-for').split(',').at(-1)?.trim() ?? '';
}

/**
 * A load balancer's id of a request, as its access log has it. A caller may have chosen `Root`; then the load balancer adds `Self`.
 * @see "Request tracing for your Application Load Balancer", Elastic Load Balancing User Guide
 */
function traceIdOf(headers: MultiValueHeaders): string {
  const text = lastValue(headers, 'x-amzn-trace-id');
  return (/\bSelf=([\w-]{1,64})/.exec(text) ?? /\bRoot=([\w-]{1,64})/.exec(text))?.[1] ?? '';
}

/** The last value of a header that a load balancer sets. Its names are lower case. */
function lastValue(headers: MultiValueHeaders, name: string): string {
  return headers[name]?.at(-1) ?? '';
}
