import {
  Agent,
  createServer,
  type IncomingMessage,
  request,
  type Server,
  type ServerResponse,
} from 'node:http';
import { isObject, type Json, type JsonObject } from '../assembly/json.ts';
import type { CallRecord } from '../functions/call-record.ts';
import { callerOf, type FunctionCaller, type IamAction, judgeCall } from '../functions/caller.ts';
import type { Log } from '../log.ts';
import { iamActionsOf, type TableLocation } from './iam-actions.ts';
import { authorizationOf, type Namespace } from './table-request.ts';

/**
 * Lets a test disturb a call that the role allows. Undefined lets it pass. `reset`: the connection breaks before DynamoDB sees
 * the call. `drop-answer`: DynamoDB does the call, then the connection breaks. `delay-answer`: DynamoDB does the call, and
 * the answer comes late.
 */
export type InterceptedCall =
  | { readonly kind: 'answer'; readonly status: number; readonly body: unknown }
  | { readonly kind: 'reset' }
  | { readonly kind: 'drop-answer' }
  | { readonly kind: 'delay-answer'; readonly milliseconds: number };

export type DynamoDbIntercept = (call: {
  readonly functionId: string;
  readonly operation: string;
  readonly body: unknown;
}) => InterceptedCall | undefined | Promise<InterceptedCall | undefined>;

export interface ProxyOptions {
  readonly namespace: Namespace;
  readonly location: TableLocation;
  readonly callers: ReadonlyMap<string, FunctionCaller>;
  readonly record: CallRecord;
  readonly log: Log;
  readonly intercept?: DynamoDbIntercept | undefined;
}

/**
 * Stands between the functions and DynamoDB Local, which knows neither roles nor runs. It records every call, enforces what
 * IAM would, and moves every request into the namespace of this run. Bodies pass unchanged.
 */
export function createFunctionProxy(options: ProxyOptions): Server {
  const agent = new Agent({ keepAlive: true });
  const forward = createForwarder(options.namespace, agent);
  const server = createServer((incoming, outgoing) => {
    answerFunction(incoming, outgoing, options, forward).catch(() => outgoing.destroy());
  });
  return server.on('close', () => agent.destroy());
}

/** The operator's way to the same tables: no role limits it, and nothing is recorded. */
export function createOperatorProxy(namespace: Namespace): Server {
  const agent = new Agent({ keepAlive: true });
  const forward = createForwarder(namespace, agent);
  const server = createServer((incoming, outgoing) => {
    readRequestBody(incoming)
      .then((body) => forward(incoming, body, outgoing))
      .catch(() => outgoing.destroy());
  });
  return server.on('close', () => agent.destroy());
}

async function answerFunction(
  incoming: IncomingMessage,
  outgoing: ServerResponse,
  options: ProxyOptions,
  forward: Forwarder,
): Promise<void> {
  const raw = await readRequestBody(incoming);
  const [service, operation = ''] = String(incoming.headers['x-amz-target']).split('.');
  if (service !== 'DynamoDB_20120810') {
    const text = `A function called an AWS service that does not run here (${incoming.method} ${incoming.url}).`;
    options.log({ source: 'dynamodb', text, at: new Date() });
    return answer(outgoing, 400, refusal('com.amazon.coral.service#UnknownOperationException', text));
  }
  const caller = callerOf(incoming, options.callers);
  if (!caller) {
    const type = 'com.amazon.coral.service#UnrecognizedClientException';
    return answer(outgoing, 400, refusal(type, 'The security token included in the request is invalid.'));
  }
  const body = parseObject(raw);
  const needed: IamAction[] = iamActionsOf(operation, body, options.location) ?? [
    { action: `dynamodb:${operation}`, resource: 'an operation that the local runner cannot judge' },
  ];
  const { account } = options.location;
  const denied = judgeCall(caller, needed, { ...options, account, source: 'dynamodb' });
  if (denied) return answer(outgoing, 400, refusal('com.amazon.coral.service#AccessDeniedException', denied));
  const { functionId } = caller;
  const intercepted = await options.intercept?.({ functionId, operation, body });
  if (intercepted?.kind === 'answer') return answer(outgoing, intercepted.status, intercepted.body);
  if (intercepted?.kind === 'reset') return breakOff(outgoing);
  const delayMs = intercepted?.kind === 'delay-answer' ? intercepted.milliseconds : 0;
  await forward(incoming, raw, intercepted?.kind === 'drop-answer' ? 'drop' : outgoing, delayMs);
  if (intercepted?.kind === 'drop-answer') breakOff(outgoing);
}

type Forwarder = (
  incoming: IncomingMessage,
  body: Buffer,
  outgoing: ServerResponse | 'drop',
  delayMs?: number,
) => Promise<void>;

function createForwarder(namespace: Namespace, agent: Agent): Forwarder {
  const { hostname, port } = new URL(namespace.endpoint);
  return (incoming, body, outgoing, delayMs = 0) =>
    new Promise((resolve, reject) => {
      const headers = {
        ...incoming.headers,
        authorization: authorizationOf(namespace),
        host: `${hostname}:${port}`,
      };
      const { method, url: path } = incoming;
      const call = request({ hostname, port, method, path, headers, agent }, (response) => {
        response.on('error', reject);
        response.on('end', resolve);
        if (outgoing === 'drop') {
          response.resume();
          return;
        }
        const answer = () => {
          outgoing.writeHead(response.statusCode ?? 502, response.headers);
          response.pipe(outgoing);
        };
        if (delayMs === 0) answer();
        // DynamoDB has answered; only the caller still waits.
        else setTimeout(answer, delayMs);
      });
      call.on('error', reject);
      call.end(body);
    });
}

async function readRequestBody(incoming: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of incoming) chunks.push(chunk);
  return Buffer.concat(chunks);
}

function parseObject(raw: Buffer): JsonObject {
  try {
    const body: Json = JSON.parse(raw.toString('utf8'));
    return isObject(body) ? body : {};
  } catch {
    return {};
  }
}

function breakOff(outgoing: ServerResponse): void {
  outgoing.socket?.resetAndDestroy();
}

function answer(outgoing: ServerResponse, status: number, body: unknown): void {
  outgoing.writeHead(status, { 'content-type': 'application/x-amz-json-1.0' });
  outgoing.end(JSON.stringify(body));
}

function refusal(type: string, message: string): JsonObject {
  return { __type: type, message, Message: message };
}
