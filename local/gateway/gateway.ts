import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { InvocationResult } from '../functions/environment.ts';
import type { Invoker } from '../functions/permission.ts';
import type { Log } from '../log.ts';
import { Authorization } from './authorization.ts';
import { type Exchange, lookupIn, methodArnOf, openExchange } from './exchange.ts';
import { type FailureType, type GatewayFailure, renderGatewayResponse } from './gateway-response.ts';
import { headerValue } from './headers.ts';
import type { HttpAnswer } from './http-answer.ts';
import type { Integration, Method } from './method.ts';
import { answerMock } from './mock-integration.ts';
import { ASSUMED_READING, type PathReading } from './path-reading.ts';
import { fillPlaceholders } from './placeholders.ts';
import { proxyEventOf } from './proxy-event.ts';
import { readProxyResponse } from './proxy-response.ts';
import { readRequestBody } from './request-body.ts';
import type { RestApi } from './rest-api.ts';
import { findRoute } from './router.ts';

export interface GatewayOptions {
  readonly api: RestApi;
  /**
   * What stands in front of the API and may answer in its place.
   * @returns whether it has answered
   */
  readonly front?: ((incoming: IncomingMessage, outgoing: ServerResponse) => boolean) | undefined;
  readonly now: () => number;
  /** Called for each request. @default the reading that local/README.md assumes */
  readonly pathReading?: (() => PathReading) | undefined;
  readonly log: Log;
  /** @returns undefined when no permission lets the invoker call the function. */
  readonly invoke: (
    functionArn: string,
    event: object,
    invoker: Invoker,
  ) => Promise<InvocationResult | undefined>;
}

export interface Gateway {
  readonly server: Server;
  flushAuthorizerCache(): void;
}

const SERVICE = 'apigateway.amazonaws.com';

/** Serves one stage of one REST API. Its URLs have no stage in front. */
export function createGateway(options: GatewayOptions): Gateway {
  const { api, log } = options;
  const note = (exchange: Exchange, text: string) =>
    log({
      source: `gateway:${api.name}`,
      text: `(${exchange.extendedRequestId}) ${text}`,
      at: new Date(),
    });
  const authorization = new Authorization({
    now: options.now,
    note,
    invoke: (authorizer, event) => {
      const sourceArn = `arn:aws:execute-api:${api.region}:${api.account}:${api.id}/authorizers/${authorizer.id}`;
      return options.invoke(authorizer.functionArn, event, { service: SERVICE, sourceArn });
    },
  });
  const serve = async (incoming: IncomingMessage, outgoing: ServerResponse) => {
    const exchange = openExchange(api, incoming, options.now());
    let answer: HttpAnswer;
    try {
      answer = await answerFor(exchange, incoming, { ...options, authorization, note });
    } catch (fault) {
      note(exchange, `The runner failed: ${fault instanceof Error ? fault.stack : fault}`);
      answer = refuse(exchange, 'API_CONFIGURATION_ERROR', 'Internal server error');
    }
    send(exchange, answer, outgoing);
    logAccess(exchange, log);
  };
  const server = createServer((incoming, outgoing) => {
    if (options.front?.(incoming, outgoing) !== true) void serve(incoming, outgoing);
  });
  return { server, flushAuthorizerCache: () => authorization.flush() };
}

interface Steps extends GatewayOptions {
  readonly authorization: Authorization;
  readonly note: (exchange: Exchange, text: string) => void;
}

async function answerFor(exchange: Exchange, incoming: IncomingMessage, steps: Steps): Promise<HttpAnswer> {
  const body = await readRequestBody(incoming);
  if (body === 'too-large') return refuse(exchange, 'REQUEST_TOO_LARGE', 'Request Too Long');
  try {
    exchange.match = findRoute(exchange.api.routes, exchange.path, readingOf(steps));
  } catch {
    return refuse(exchange, 'BAD_REQUEST', 'Bad Request');
  }
  const methods = exchange.match?.route.methods;
  const method = methods?.get(exchange.httpMethod) ?? methods?.get('ANY');
  if (!method) return refuseUnknown(exchange);
  const failure = method.authorizer && (await steps.authorization.check(method.authorizer, exchange));
  if (failure) return refuse(exchange, failure.type, failure.message);
  return integrate(exchange, body, method, steps);
}

async function integrate(
  exchange: Exchange,
  body: Buffer,
  method: Method,
  steps: Steps,
): Promise<HttpAnswer> {
  const { integration } = method;
  if (integration.kind === 'mock') {
    const isText = integration.convertsToText || !exchange.api.binaryMediaTypes.includes('*/*');
    if (isText) return answerMock(integration, exchange.sentHeaders);
    steps.note(exchange, 'A MOCK integration without CONVERT_TO_TEXT has no template for bytes.');
    return refuse(exchange, 'API_CONFIGURATION_ERROR', 'Internal server error');
  }
  const startedAt = Date.now();
  const invoker = { service: SERVICE, sourceArn: invokerArnOf(exchange, readingOf(steps)) };
  const invocation = steps.invoke(integration.functionArn, proxyEventOf(exchange, body), invoker);
  const result = await within(integration, invocation);
  exchange.integrationLatencyMs = Date.now() - startedAt;
  if (result === 'timeout') return refuse(exchange, 'INTEGRATION_TIMEOUT', 'Endpoint request timed out');
  if (!result) {
    steps.note(exchange, 'Invalid permissions on the Lambda function of the integration.');
    return refuse(exchange, 'API_CONFIGURATION_ERROR', 'Internal server error');
  }
  // A function that failed or timed out answers with an error object, not with a proxy response.
  exchange.integrationStatus = 200;
  if (result.kind === 'failed') {
    steps.note(exchange, `The function failed: ${result.errorType}: ${result.errorMessage}`);
    return refuse(exchange, 'BAD_GATEWAY', 'Internal server error');
  }
  const accept = headerValue(exchange.headers, 'accept');
  const answer = readProxyResponse(result.payload, {
    accept,
    binaryMediaTypes: exchange.api.binaryMediaTypes,
  });
  if (!answer) {
    steps.note(exchange, 'Malformed Lambda proxy response.');
    return refuse(exchange, 'BAD_GATEWAY', 'Internal server error');
  }
  exchange.integrationStatus = answer.statusCode;
  return { ...answer, headers: [...answer.headers, ['X-Amzn-Trace-Id', exchange.traceId]] };
}

function readingOf({ pathReading }: GatewayOptions): PathReading {
  return pathReading?.() ?? ASSUMED_READING;
}

function invokerArnOf(exchange: Exchange, { invokedFor }: PathReading): string {
  const path = invokedFor === 'path' ? exchange.path : (exchange.match?.route.path ?? exchange.path);
  return methodArnOf({ ...exchange, path });
}

async function within(
  { timeoutMs }: Integration & { kind: 'lambda' },
  invocation: Promise<InvocationResult | undefined>,
): Promise<InvocationResult | undefined | 'timeout'> {
  let timer: NodeJS.Timeout | undefined;
  const timeout = new Promise<'timeout'>((resolve) => {
    timer = setTimeout(() => resolve('timeout'), timeoutMs);
  });
  try {
    return await Promise.race([invocation, timeout]);
  } finally {
    clearTimeout(timer);
  }
}

/**
 * The API has no such path or method. API Gateway then tries to read the request as one that AWS signed,
 * and its message repeats the Authorization header. No response should print that message.
 */
function refuseUnknown(exchange: Exchange): HttpAnswer {
  const authorization = headerValue(exchange.headers, 'authorization');
  if (!authorization) return refuse(exchange, 'MISSING_AUTHENTICATION_TOKEN', 'Missing Authentication Token');
  const credential = authorization.split(' ').at(-1);
  const message = `'${credential}' not a valid key=value pair (missing equal-sign) in Authorization header: '${authorization}'.`;
  return refuse(exchange, 'INVALID_SIGNATURE', message);
}

function refuse(exchange: Exchange, type: FailureType, message: string | null): HttpAnswer {
  const failure: GatewayFailure = { type, message };
  exchange.failure = failure;
  const accept = headerValue(exchange.headers, 'accept');
  return renderGatewayResponse(failure, exchange.api.gatewayResponses, {
    accept,
    lookup: lookupIn(exchange),
  });
}

function send(exchange: Exchange, answer: HttpAnswer, outgoing: ServerResponse): void {
  exchange.status = answer.statusCode;
  exchange.responseLength = answer.body.length;
  const own = [
    ['x-amzn-RequestId', exchange.requestId],
    ['x-amz-apigw-id', exchange.extendedRequestId],
    ['Content-Length', String(answer.body.length)],
  ];
  try {
    outgoing.writeHead(answer.statusCode, [...answer.headers, ...own].flat());
  } catch {
    // A gateway response mapped a value that no header can hold, such as one with a line break.
    exchange.status = 502;
    outgoing.writeHead(502, { 'Content-Type': 'application/json' });
    outgoing.end('{"message": "Internal server error"}');
    return;
  }
  outgoing.end(exchange.httpMethod === 'HEAD' ? undefined : answer.body);
}

function logAccess(exchange: Exchange, log: Log): void {
  const format = exchange.api.stage.accessLogFormat;
  if (!format) return;
  const text = fillPlaceholders(format, lookupIn(exchange), '-');
  log({ source: `access-log:${exchange.api.name}`, text, at: new Date() });
}
