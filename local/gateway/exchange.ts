import { randomBytes, randomUUID } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import type { GatewayFailure } from './gateway-response.ts';
import { type HeaderList, headersForFunction, headerValue, pairHeaders } from './headers.ts';
import type { Lookup } from './placeholders.ts';
import type { RestApi } from './rest-api.ts';
import type { RouteMatch } from './router.ts';

/** One request on its way through the gateway, with everything that became known about it. */
export interface Exchange {
  readonly api: RestApi;
  /** The caller's own, where the request has the header `x-amzn-RequestId`. */
  readonly requestId: string;
  readonly extendedRequestId: string;
  readonly traceId: string;
  readonly startedAt: number;
  readonly httpMethod: string;
  /** As sent, percent-encoding and all, without the query. */
  readonly path: string;
  readonly query: readonly (readonly [name: string, value: string])[];
  /** As sent. */
  readonly sentHeaders: HeaderList;
  /** As functions get them: hop-by-hop headers gone, forwarding headers added. */
  readonly headers: HeaderList;
  readonly sourceIp: string;
  readonly protocol: string;
  match: RouteMatch | undefined;
  /** The authorizer's context, as texts; absent before the authorizer ran, without an authorizer, and after `Unauthorized`. */
  authorizer: Readonly<Record<string, string>> | undefined;
  authorizerLatencyMs: number;
  failure: GatewayFailure | undefined;
  integrationStatus: number | undefined;
  integrationLatencyMs: number | undefined;
  status: number | undefined;
  responseLength: number | undefined;
}

export function openExchange(api: RestApi, incoming: IncomingMessage, startedAt: number): Exchange {
  const [path = '/', ...queryParts] = (incoming.url ?? '/').split('?');
  const sentHeaders = pairHeaders(incoming.rawHeaders);
  const sourceIp = incoming.socket.remoteAddress?.replace(/^::ffff:/, '') ?? '127.0.0.1';
  const traceId = headerValue(sentHeaders, 'x-amzn-trace-id') ?? newTraceId(startedAt);
  return {
    api,
    requestId: headerValue(sentHeaders, 'x-amzn-requestid') || randomUUID(),
    extendedRequestId: randomBytes(11).toString('base64url').concat('='),
    traceId,
    startedAt,
    httpMethod: incoming.method ?? 'GET',
    path,
    query: [...new URLSearchParams(queryParts.join('?'))],
    sentHeaders,
    headers: addForwardingHeaders(headersForFunction(sentHeaders), sourceIp, traceId),
    sourceIp,
    protocol: `HTTP/${incoming.httpVersion}`,
    match: undefined,
    authorizer: undefined,
    authorizerLatencyMs: 0,
    failure: undefined,
    integrationStatus: undefined,
    integrationLatencyMs: undefined,
    status: undefined,
    responseLength: undefined,
  };
}

export function methodArnOf({ api, httpMethod, path }: Exchange): string {
  return `arn:aws:execute-api:${api.region}:${api.account}:${api.id}/${api.stage.name}/${httpMethod}${path}`;
}

export function domainNameOf({ id, region }: RestApi): string {
  return `${id}.execute-api.${region}.amazonaws.com`;
}

/** The values of `$context`, `$stageVariables` and `method.request` in this exchange. */
export function lookupIn(exchange: Exchange): Lookup {
  return (name) => {
    const [, family, rest = ''] = /^(context|stageVariables|method\.request)\.(.+)$/.exec(name) ?? [];
    if (family === 'stageVariables') return exchange.api.stage.variables[rest];
    if (family === 'context') return contextVariable(exchange, rest);
    const [, kind, parameter = ''] = /^(header|querystring|path)\.(.+)$/.exec(rest) ?? [];
    if (kind === 'header') return headerValue(exchange.headers, parameter);
    if (kind === 'querystring') return exchange.query.findLast(([key]) => key === parameter)?.[1];
    return exchange.match?.pathParameters?.[parameter];
  };
}

function contextVariable(exchange: Exchange, name: string): string | undefined {
  if (name === 'authorizer.latency') return exchange.authorizerLatencyMs?.toString();
  if (name.startsWith('authorizer.')) return exchange.authorizer?.[name.slice('authorizer.'.length)];
  const { api, failure, match } = exchange;
  switch (name) {
    case 'accountId':
      return api.account;
    case 'apiId':
      return api.id;
    case 'deploymentId':
      return api.stage.deploymentId;
    case 'domainName':
      return domainNameOf(api);
    case 'domainPrefix':
      return api.id;
    case 'error.message':
      return failure?.message ?? undefined;
    case 'error.messageString':
      return failure && JSON.stringify(failure.message);
    case 'error.responseType':
      return failure?.type;
    case 'extendedRequestId':
      return exchange.extendedRequestId;
    case 'httpMethod':
      return exchange.httpMethod;
    case 'identity.sourceIp':
      return exchange.sourceIp;
    case 'identity.userAgent':
      return headerValue(exchange.headers, 'user-agent');
    case 'integration.integrationStatus':
    case 'integration.status':
    case 'integrationStatus':
      return exchange.integrationStatus?.toString();
    case 'integration.latency':
    case 'integrationLatency':
      return exchange.integrationLatencyMs?.toString();
    case 'path':
      return `/${api.stage.name}${exchange.path}`;
    case 'protocol':
      return exchange.protocol;
    case 'requestId':
      return exchange.requestId;
    case 'requestTime':
      return commonLogTime(exchange.startedAt);
    case 'requestTimeEpoch':
      return String(exchange.startedAt);
    case 'resourceId':
      return match?.route.resourceId;
    case 'resourcePath':
      return match?.route.path;
    case 'responseLength':
      return exchange.responseLength?.toString();
    case 'responseLatency':
      return exchange.status === undefined ? undefined : String(Math.max(0, Date.now() - exchange.startedAt));
    case 'stage':
      return api.stage.name;
    case 'status':
      return exchange.status?.toString();
    case 'xrayTraceId':
      return exchange.traceId.replace(/^Root=/, '');
    default:
      return undefined;
  }
}

/** `22/Nov/2026:01:47:12 +0000`, the format of `requestTime`. */
export function commonLogTime(milliseconds: number): string {
  const [, day, month, year, time] = new Date(milliseconds).toUTCString().split(' ');
  return `${day}/${month}/${year}:${time} +0000`;
}

function addForwardingHeaders(headers: HeaderList, sourceIp: string, traceId: string): HeaderList {
  const added = ['x-amzn-trace-id', 'x-forwarded-for', 'x-forwarded-port', 'x-forwarded-proto'];
  const forwarded = headerValue(headers, 'x-forwarded-for');
  return [
    ...headers.filter(([name]) => !added.includes(name.toLowerCase())),
    ['X-Amzn-Trace-Id', traceId],
    ['X-Forwarded-For', forwarded ? `${forwarded}, ${sourceIp}` : sourceIp],
    ['X-Forwarded-Port', '443'],
    ['X-Forwarded-Proto', 'https'],
  ];
}

function newTraceId(milliseconds: number): string {
  const seconds = Math.floor(milliseconds / 1000).toString(16);
  return `Root=1-${seconds}-${randomBytes(12).toString('hex')}`;
}
