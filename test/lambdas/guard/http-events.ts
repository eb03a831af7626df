/** One request over HTTP, as a caller has sent it. */
export interface SentRequest {
  readonly method?: string;
  readonly path: string;
  /** The route that API Gateway has matched, such as `/orders/{id}`. An HTTP API that has matched none says `$default`. */
  readonly route?: string | undefined;
  /** In the order in which they were sent. */
  readonly headers?: readonly (readonly [name: string, value: string])[];
  readonly body?: string;
}

export const SOURCE_ADDRESS = '203.0.113.7';

/** A kind of event that a guard reads. */
export interface EventKind {
  readonly name: string;
  /** The id in all of its events that no caller can choose. */
  readonly requestId: string;
  readonly toEvent: (request: SentRequest) => object;
}

/** With payload 2.0, which CDK uses by default. */
export const HTTP_API: EventKind = {
  name: 'an HTTP API with payload 2.0',
  requestId: 'JKJaXmPLvHcESHA=',
  toEvent: (request) => {
    const { method = 'GET', route } = request;
    return payloadTwo(request, {
      routeKey: route === undefined ? '$default' : `${method} ${route}`,
      requestId: 'JKJaXmPLvHcESHA=',
      domainName: 'a1b2c3d4e5.execute-api.eu-central-1.amazonaws.com',
    });
  },
};

/**
 * Events as AWS's documentation shows them, with the fields that matter here.
 * @see "Create AWS Lambda proxy integrations for HTTP APIs", API Gateway Developer Guide
 * @see "Invoking Lambda function URLs", Lambda Developer Guide
 * @see "Lambda functions as targets", User Guide for Application Load Balancers
 */
export const EVENT_KINDS: readonly EventKind[] = [
  {
    name: 'a REST API',
    requestId: 'JKJaXmPLvHcESHA=',
    toEvent: (request) => ({ ...payloadOne(request), resource: request.route ?? request.path }),
  },
  {
    name: 'an HTTP API with payload 1.0',
    requestId: 'JKJaXmPLvHcESHA=',
    toEvent: (request) => ({ ...payloadOne(request), version: '1.0', resource: request.route ?? '$default' }),
  },
  HTTP_API,
  {
    name: 'a function URL',
    requestId: 'e1506fd5-9e7b-434f-bd42-4f8fa224b599',
    toEvent: (request) =>
      payloadTwo(request, {
        routeKey: '$default',
        requestId: 'e1506fd5-9e7b-434f-bd42-4f8fa224b599',
        domainName: 'abcdefghijklmnop.lambda-url.eu-central-1.on.aws',
      }),
  },
  {
    name: 'a load balancer',
    requestId: '1-5c536348-3d683b8b04734faae651f476',
    toEvent: (request) => ({
      ...loadBalanced(request),
      // Of a header that was sent several times, only the last value is left.
      headers: Object.fromEntries(forwarded(request)),
    }),
  },
  {
    name: 'a load balancer with multi-value headers',
    requestId: '1-5c536348-3d683b8b04734faae651f476',
    toEvent: (request) => ({ ...loadBalanced(request), multiValueHeaders: listed(forwarded(request)) }),
  },
];

function payloadOne({ method = 'GET', path, headers = [], body }: SentRequest): object {
  return {
    path,
    httpMethod: method,
    headers: Object.fromEntries(headers),
    multiValueHeaders: listed(headers),
    queryStringParameters: null,
    pathParameters: null,
    stageVariables: null,
    requestContext: {
      accountId: '123456789012',
      apiId: 'a1b2c3d4e5',
      httpMethod: method,
      identity: { sourceIp: SOURCE_ADDRESS, userAgent: 'agent' },
      requestId: 'c6af9ac6-7b61-11e6-9a41-93e8deadbeef',
      extendedRequestId: 'JKJaXmPLvHcESHA=',
      stage: '$default',
    },
    body: body ?? null,
    isBase64Encoded: false,
  };
}

interface PayloadTwo {
  readonly routeKey: string;
  readonly requestId: string;
  readonly domainName: string;
}

function payloadTwo(
  { method = 'GET', path, headers = [], body }: SentRequest,
  { routeKey, requestId, domainName }: PayloadTwo,
): object {
  const joined = Object.entries(listed(headers)).map(([name, values]) => [name, values.join(',')]);
  return {
    version: '2.0',
    routeKey,
    rawPath: path,
    rawQueryString: '',
    headers: Object.fromEntries(joined),
    requestContext: {
      accountId: '123456789012',
      apiId: 'a1b2c3d4e5',
      domainName,
      http: { method, path, protocol: 'HTTP/1.1', sourceIp: SOURCE_ADDRESS, userAgent: 'agent' },
      requestId,
      routeKey,
      stage: '$default',
    },
    ...(body !== undefined && { body }),
    isBase64Encoded: false,
  };
}

function loadBalanced({ method = 'GET', path, body }: SentRequest): object {
  const targetGroupArn =
    'arn:aws:elasticloadbalancing:eu-central-1:123456789012:targetgroup/lambda-279XGJDqGZ5rsrHC2Fjr/49e9d65c45c6791a';
  return {
    requestContext: { elb: { targetGroupArn } },
    httpMethod: method,
    path,
    queryStringParameters: {},
    body: body ?? '',
    isBase64Encoded: false,
  };
}

/** A load balancer appends the address that it sees, and its own id behind the caller's. */
function forwarded({ headers = [] }: SentRequest): (readonly [string, string])[] {
  const sent = headers.map(([name, value]) => [name.toLowerCase(), value] as const);
  const chain = sent.flatMap(([name, value]) => (name === 'x-forwarded-for' ? [value] : []));
  const [traced] = sent.flatMap(([name, value]) => (name === 'x-amzn-trace-id' ? [value] : []));
  const id = '1-5c536348-3d683b8b04734faae651f476';
  return [
    ...sent.filter(([name]) => !['x-forwarded-for', 'x-amzn-trace-id'].includes(name)),
    ['x-amzn-trace-id', traced === undefined ? `Root=${id}` : `Self=${id};${traced}`],
    ['x-forwarded-for', [...chain, SOURCE_ADDRESS].join(', ')],
    ['x-forwarded-port', '443'],
    ['x-forwarded-proto', 'https'],
  ];
}

function listed(headers: readonly (readonly [string, string])[]): Record<string, string[]> {
  const lists = new Map<string, string[]>();
  for (const [name, value] of headers) {
    const key = name.toLowerCase();
    lists.set(key, [...(lists.get(key) ?? []), value]);
  }
  return Object.fromEntries(lists);
}
