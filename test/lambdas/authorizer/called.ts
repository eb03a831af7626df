import type { APIGatewayRequestAuthorizerEvent } from 'aws-lambda';

const STAGE = 'arn:aws:execute-api:us-east-1:123456789012:api/live';

/** A request as API Gateway hands it to an authorizer. @param route such as `GET /users/{id}`. */
export function calledEvent(
  route: string,
  headers: Readonly<Record<string, string>>,
): APIGatewayRequestAuthorizerEvent {
  const [method = '', resource = ''] = route.split(' ');
  return {
    type: 'REQUEST',
    methodArn: `${STAGE}/${method}${resource.replaceAll(/[{}]/g, '')}`,
    httpMethod: method,
    resource,
    path: resource,
    pathParameters: null,
    multiValueHeaders: Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, [value]])),
    requestContext: { apiId: 'api', requestId: 'request-1', identity: { sourceIp: '203.0.113.7' } },
  } as unknown as APIGatewayRequestAuthorizerEvent;
}
