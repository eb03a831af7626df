import { globSync } from 'node:fs';
import { join } from 'node:path';
import type { APIGatewayProxyEvent, APIGatewayProxyResult, Context } from 'aws-lambda';
import type { ManagementHandler } from '../../../core/management/route.ts';
import { writeDecision } from '../../../lambdas/authorizer/principal-context.ts';
import type { TestTables } from '../../stores/dynamodb/tables.ts';

export interface Asked {
  readonly method: string;
  readonly resource: string;
  readonly path?: Readonly<Record<string, string>>;
  readonly body?: unknown;
  /** What Lambda would say is left. Milliseconds. */
  readonly remaining?: number;
}

export interface Answered {
  readonly status: number;
  readonly headers: Readonly<Record<string, unknown>>;
  // biome-ignore lint/suspicious/noExplicitAny: what a body holds is for each test to say.
  readonly body: any;
}

const MANAGEMENT = join(import.meta.dirname, '../../../lambdas/management');

type Handler = (event: APIGatewayProxyEvent, context: Context) => Promise<APIGatewayProxyResult>;

/** The context that the authorizer gives for the operator's key. */
const OPERATOR = writeDecision({
  kind: 'allow',
  principal: {
    ...{ kind: 'management_key', credentialId: `key_${'0'.repeat(20)}` },
    ...{ workspace: null, user: null, role: null, scopes: 'all' },
    constraints: { expiresAt: null, allowedCidrs: [] },
  },
});

/**
 * The functions of the management API, run in this process, called by the operator.
 * @returns what calls one, and the client that all of them share, to be given faults.
 */
export async function managementHandlers(tables: TestTables) {
  // Read when the modules are loaded, as in a function.
  Object.assign(process.env, tables.environment);
  const { tables: shared } = await import('../../../lambdas/management/stores.ts');
  let requests = 0;
  const call = async (name: ManagementHandler, asked: Asked): Promise<Answered> => {
    const [file = ''] = globSync(`*/${name}.ts`, { cwd: MANAGEMENT });
    const { handler } = (await import(join(MANAGEMENT, file))) as { handler: Handler };
    requests += 1;
    const { method, resource, path, body, remaining = 9_500 } = asked;
    const end = Date.now() + remaining;
    const event = {
      ...{ httpMethod: method, resource, pathParameters: path ?? null, queryStringParameters: null },
      ...{ body: body === undefined ? null : JSON.stringify(body), isBase64Encoded: false },
      headers: { 'Content-Type': 'application/json' },
      multiValueHeaders: { 'Content-Type': ['application/json'] },
      requestContext: {
        ...{ requestId: `request-${requests}`, identity: { sourceIp: '192.0.2.1' } },
        authorizer: OPERATOR,
      },
    } as unknown as APIGatewayProxyEvent;
    const context = { awsRequestId: `lambda-${requests}`, getRemainingTimeInMillis: () => end - Date.now() };
    const answer = await handler(event, context as Context);
    return { status: answer.statusCode, headers: answer.headers ?? {}, body: JSON.parse(answer.body) };
  };
  return { call, client: shared.client };
}
