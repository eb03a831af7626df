import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';

/** An HTTP API on this machine, as far as a guard can tell the difference. */
export interface HttpApi {
  readonly url: string;
  stop(): void;
}

interface Answer {
  readonly statusCode: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

export type HttpApiFunction = (event: object, context: object) => Promise<Answer>;

/**
 * Serves a function behind an HTTP API, with payload 2.0. API Gateway prefers fixed parts of a route over parameters, and answers
 * 404 where no route matches.
 * @param routeKeys such as `GET /orders/{id}`; `$default` makes it a function URL.
 */
export async function serveHttpApi(routeKeys: readonly string[], invoke: HttpApiFunction): Promise<HttpApi> {
  const server = createServer(async (request, response) => {
    const { pathname } = new URL(request.url ?? '/', 'http://host');
    const routeKey = matchRoute(routeKeys, `${request.method} ${pathname}`);
    if (routeKey === undefined) {
      response.writeHead(404).end('{"message":"Not Found"}');
      return;
    }
    const { statusCode, headers, body } = await invoke(await toEvent(request, routeKey), {
      awsRequestId: 'lambda-request',
      getRemainingTimeInMillis: () => 3_000,
    });
    response.writeHead(statusCode, { ...headers }).end(body);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return { url: `http://127.0.0.1:${port}`, stop: () => server.close() };
}

function matchRoute(routeKeys: readonly string[], asked: string): string | undefined {
  const fits = (routeKey: string) => {
    const parts = routeKey.split('/');
    const given = asked.split('/');
    return (
      parts.length === given.length &&
      parts.every((part, index) => part === given[index] || (/^\{.*\}$/.test(part) && given[index] !== ''))
    );
  };
  if (routeKeys.includes('$default')) return '$default';
  return routeKeys.find((routeKey) => routeKey === asked) ?? routeKeys.find(fits);
}

async function toEvent(request: IncomingMessage, routeKey: string): Promise<object> {
  const url = new URL(request.url ?? '/', 'http://host');
  const chunks: Uint8Array[] = [];
  for await (const chunk of request) chunks.push(chunk);
  const joined = Object.entries(request.headersDistinct).map(([name, values]) => [name, values?.join(',')]);
  return {
    version: '2.0',
    routeKey,
    rawPath: url.pathname,
    rawQueryString: url.search.slice(1),
    headers: Object.fromEntries(joined),
    requestContext: {
      http: {
        method: request.method,
        path: url.pathname,
        protocol: 'HTTP/1.1',
        sourceIp: request.socket.remoteAddress,
        userAgent: request.headers['user-agent'],
      },
      requestId: 'http-api-request=',
      routeKey,
      stage: '$default',
    },
    body: Buffer.concat(chunks).toString(),
    isBase64Encoded: false,
  };
}
