import type { APIGatewayProxyEvent, Context } from 'aws-lambda';
import type { ManagementHandler } from '../../../core/management/route.ts';
import { writeDecision } from '../../../lambdas/authorizer/principal-context.ts';
import * as functions from '../../../lambdas/management/functions.ts';
import type { ManagementFunction } from '../../../lambdas/management/http/serve.ts';
import { connectSessionTables } from '../../../lambdas/tables.ts';
import { pascalCase } from '../../../lib/files/stack-names.ts';
import type { SessionTable } from '../../../stores/dynamodb/sessions/session-store.ts';
import type { Tables } from '../../../stores/dynamodb/table/tables.ts';
import type { TestTables } from '../../stores/dynamodb/tables.ts';

export interface Asked {
  readonly method: string;
  readonly resource: string;
  readonly path?: Readonly<Record<string, string>>;
  readonly body?: unknown;
  readonly idempotencyKey?: string;
  /** What Lambda would say is left. Milliseconds. */
  readonly remaining?: number;
}

export interface Answered {
  readonly status: number;
  readonly headers: Readonly<Record<string, unknown>>;
  // biome-ignore lint/suspicious/noExplicitAny: what a body holds is for each test to say.
  readonly body: any;
}

/** What makes the function of each handler. Its name is held to the table of routes, as the bundler needs it. */
const MAKERS: Record<
  `make${Pascal<ManagementHandler>}`,
  (tables: Tables & SessionTable) => ManagementFunction
> = functions;

/** `issue-key` as `IssueKey`. */
type Pascal<Name extends string> = Name extends `${infer First}-${infer Rest}`
  ? `${Capitalize<First>}${Pascal<Rest>}`
  : Capitalize<Name>;

/** The context that the authorizer gives for the operator's key. */
const OPERATOR = writeDecision({
  kind: 'allow',
  principal: {
    kind: 'management_key',
    credentialId: `key_${'0'.repeat(20)}`,
    workspace: null,
    user: null,
    role: null,
    scopes: 'all',
    constraints: { expiresAt: null, allowedCidrs: [] },
  },
});

/**
 * The functions of the management API, run in this process, called by the operator.
 * @returns what calls one, and the client that all of them share, to be given faults.
 */
export function managementHandlers({ environment }: TestTables) {
  Object.assign(process.env, environment);
  const tables = connectSessionTables();
  const handlers = new Map<ManagementHandler, ManagementFunction>();
  const handlerOf = (name: ManagementHandler): ManagementFunction => {
    const handler = handlers.get(name) ?? MAKERS[`make${pascalCase(name)}` as keyof typeof MAKERS](tables);
    handlers.set(name, handler);
    return handler;
  };
  let requests = 0;
  const call = async (name: ManagementHandler, asked: Asked): Promise<Answered> => {
    requests += 1;
    const { method, resource, path, body, idempotencyKey, remaining = 9_500 } = asked;
    const headers = {
      'Content-Type': 'application/json',
      ...(idempotencyKey !== undefined && { 'Idempotency-Key': idempotencyKey }),
    };
    const end = Date.now() + remaining;
    const event = {
      httpMethod: method,
      resource,
      pathParameters: path ?? null,
      queryStringParameters: null,
      body: body === undefined ? null : JSON.stringify(body),
      isBase64Encoded: false,
      headers,
      multiValueHeaders: Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, [value]])),
      requestContext: {
        requestId: `request-${requests}`,
        identity: { sourceIp: '192.0.2.1' },
        authorizer: OPERATOR,
      },
    } as unknown as APIGatewayProxyEvent;
    const context = { awsRequestId: `lambda-${requests}`, getRemainingTimeInMillis: () => end - Date.now() };
    const answer = await handlerOf(name)(event, context as Context);
    return { status: answer.statusCode, headers: answer.headers ?? {}, body: JSON.parse(answer.body) };
  };
  return { call, client: tables.client };
}
