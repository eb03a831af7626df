import { commonLogTime, domainNameOf, type Exchange, methodArnOf } from './exchange.ts';
import { groupHeaders, headerValue } from './headers.ts';
import { isBinary } from './media-type.ts';

/**
 * The event of a Lambda proxy integration, payload version 1.0. Absent parts are null.
 * @see "Input format of a Lambda function for proxy integration", API Gateway Developer Guide
 */
export function proxyEventOf(exchange: Exchange, body: Buffer): object {
  const encoded = isBinary(exchange.api.binaryMediaTypes, headerValue(exchange.headers, 'content-type'));
  const context = requestContextOf(exchange);
  const { authorizer, authorizerLatencyMs } = exchange;
  return {
    ...parametersOf(exchange, null),
    requestContext: authorizer
      ? { ...context, authorizer: { ...authorizer, integrationLatency: authorizerLatencyMs } }
      : context,
    body: body.length === 0 ? null : body.toString(encoded ? 'base64' : 'utf8'),
    isBase64Encoded: body.length > 0 && encoded,
  };
}

/**
 * The event of a REQUEST authorizer: the same request without its body. Absent parts are empty.
 * @see "Input to an API Gateway Lambda authorizer", API Gateway Developer Guide
 */
export function authorizerEventOf(exchange: Exchange): object {
  return {
    type: 'REQUEST',
    methodArn: methodArnOf(exchange),
    ...parametersOf(exchange, {}),
    requestContext: requestContextOf(exchange),
  };
}

function parametersOf(exchange: Exchange, absent: null | object): object {
  const { api, match, httpMethod, path, query } = exchange;
  const multiValueHeaders = groupHeaders(exchange.headers);
  // A caller may name a parameter `__proto__`.
  const multiValueQuery: Record<string, string[]> = Object.create(null);
  for (const [name, value] of query) multiValueQuery[name] = [...(multiValueQuery[name] ?? []), value];
  const hasQuery = query.length > 0;
  const { variables } = api.stage;
  return {
    resource: match?.route.path,
    path,
    httpMethod,
    headers: lastOfEach(multiValueHeaders),
    multiValueHeaders,
    queryStringParameters: hasQuery ? lastOfEach(multiValueQuery) : absent,
    multiValueQueryStringParameters: hasQuery ? multiValueQuery : absent,
    pathParameters: match?.pathParameters ?? absent,
    stageVariables: Object.keys(variables).length > 0 ? variables : absent,
  };
}

function requestContextOf(exchange: Exchange): object {
  const { api, match } = exchange;
  return {
    resourceId: match?.route.resourceId,
    resourcePath: match?.route.path,
    httpMethod: exchange.httpMethod,
    extendedRequestId: exchange.extendedRequestId,
    requestTime: commonLogTime(exchange.startedAt),
    path: `/${api.stage.name}${exchange.path}`,
    accountId: api.account,
    protocol: exchange.protocol,
    stage: api.stage.name,
    domainPrefix: api.id,
    requestTimeEpoch: exchange.startedAt,
    requestId: exchange.requestId,
    identity: {
      cognitoIdentityPoolId: null,
      accountId: null,
      cognitoIdentityId: null,
      caller: null,
      sourceIp: exchange.sourceIp,
      principalOrgId: null,
      accessKey: null,
      cognitoAuthenticationType: null,
      cognitoAuthenticationProvider: null,
      userArn: null,
      userAgent: headerValue(exchange.headers, 'user-agent') ?? null,
      user: null,
    },
    domainName: domainNameOf(api),
    deploymentId: api.stage.deploymentId,
    apiId: api.id,
  };
}

function lastOfEach(groups: Readonly<Record<string, readonly string[]>>): Record<string, string> {
  return Object.fromEntries(Object.entries(groups).map(([name, values]) => [name, values.at(-1) ?? '']));
}
