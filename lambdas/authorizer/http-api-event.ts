import type { APIGatewayRequestAuthorizerEvent, APIGatewayRequestAuthorizerEventV2 } from 'aws-lambda';
import { headersOf } from '../http/http-event.ts';

/** What the authorizer's function is called with: by a REST API, or by an HTTP API. */
export type AuthorizerEvent = APIGatewayRequestAuthorizerEvent | APIGatewayRequestAuthorizerEventV2;

/** Tells whether an HTTP API asks, in payload 2.0. */
export function isHttpApiEvent(event: AuthorizerEvent): event is APIGatewayRequestAuthorizerEventV2 {
  return 'version' in event && event.version === '2.0';
}

/**
 * Reads the event of an HTTP API as that of a REST API. Such an event has each header once: API Gateway joins several values with
 * commas, and no credential and no workspace has one. So a request with two of them is refused as it is on a REST API.
 */
export function readHttpApiEvent(
  event: APIGatewayRequestAuthorizerEventV2,
): APIGatewayRequestAuthorizerEvent {
  const { requestContext, routeKey } = event;
  const { http } = requestContext;
  // Only these parts are read.
  return {
    httpMethod: http.method,
    resource: pathOf(routeKey),
    multiValueHeaders: headersOf(event),
    requestContext: { ...requestContext, identity: http },
  } as unknown as APIGatewayRequestAuthorizerEvent;
}

/**
 * The path of a route such as `GET /orders/{id}`. The route `$default` has none: it takes every path that has no route of its own,
 * in whatever spelling, so no profile can grant it.
 */
function pathOf(routeKey: string): string {
  return routeKey.split(' ')[1] ?? '';
}
