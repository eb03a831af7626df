import {
  createMcpHandler,
  isLegacyRequest,
  Server,
  WebStandardStreamableHTTPServerTransport,
} from '@modelcontextprotocol/server';
import type { APIGatewayProxyResult } from 'aws-lambda';
import { answerUnknownTool, type GuardedMcpEvent } from 'keyward/middleware';

export interface Tool {
  readonly name: string;
  readonly description: string;
  readonly inputSchema: {
    readonly type: 'object';
    readonly properties: Readonly<Record<string, { readonly type: 'string' }>>;
    readonly required: readonly string[];
  };
  readonly annotations: { readonly readOnlyHint: boolean };
}

export interface ToolServer {
  readonly name: string;
  readonly tools: readonly Tool[];
  /** @returns the structured content. The client also gets it as a text of JSON. */
  call(name: string, toolArguments: Readonly<Record<string, unknown>>): Promise<object>;
}

/** A mistake in a call. The model that made the call reads the message. */
export class ToolError extends Error {
  override readonly name = 'ToolError';
}

/**
 * Answers one guarded message with the protocol's official package, in JSON and without a session, in every version of the
 * protocol. The package wants headers that some clients do not send, so they are set here.
 */
export async function serve(event: GuardedMcpEvent, toolServer: ToolServer): Promise<APIGatewayProxyResult> {
  const { message } = event;
  if (message.method === 'tools/call' && !hasTool(toolServer, message.params.name)) {
    return answerUnknownTool({ ...event, message });
  }
  const request = new Request('https://mcp.invalid/', {
    method: 'POST',
    headers: headersOf(event),
    body: '{}',
  });
  const parsedBody: unknown = message;
  const response = (await isLegacyRequest(request.clone(), parsedBody))
    ? await legacyResponse(toolServer, request, parsedBody)
    : await createMcpHandler(() => serverOf(toolServer), { legacy: 'reject' }).fetch(request, { parsedBody });
  return {
    statusCode: response.status,
    headers: { 'Content-Type': response.headers.get('content-type') ?? 'application/json' },
    body: await response.text(),
  };
}

function hasTool({ tools }: ToolServer, wanted: string): boolean {
  return tools.some(({ name }) => name === wanted);
}

const PASSED_ON = ['mcp-protocol-version', 'mcp-method', 'mcp-name'];

function headersOf({ headers }: GuardedMcpEvent): Headers {
  const passedOn = Object.entries(headers ?? {}).filter(([name]) => PASSED_ON.includes(name.toLowerCase()));
  const own = { 'content-type': 'application/json', accept: 'application/json, text/event-stream' };
  return new Headers({ ...Object.fromEntries(passedOn.map(([name, value]) => [name, value ?? ''])), ...own });
}

/** The package would answer older versions with a stream. A function behind a REST API has none. */
async function legacyResponse(
  toolServer: ToolServer,
  request: Request,
  parsedBody: unknown,
): Promise<Response> {
  const transport = new WebStandardStreamableHTTPServerTransport({ enableJsonResponse: true });
  const server = serverOf(toolServer);
  await server.connect(transport);
  try {
    return await transport.handleRequest(request, { parsedBody });
  } finally {
    await server.close();
  }
}

function serverOf({ name, tools, call }: ToolServer): Server {
  const server = new Server({ name, version: '1.0.0' }, { capabilities: { tools: {} } });
  server.setRequestHandler('tools/list', () => ({ tools: structuredClone(tools) as never }));
  server.setRequestHandler('tools/call', async ({ params }) => {
    try {
      const result = await call(params.name, params.arguments ?? {});
      return {
        content: [{ type: 'text', text: JSON.stringify(result) }],
        structuredContent: { ...result },
      };
    } catch (error) {
      if (!(error instanceof ToolError)) throw error;
      return { content: [{ type: 'text', text: error.message }], isError: true };
    }
  });
  return server;
}
