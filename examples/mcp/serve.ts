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
  /** @returns what is shown as structured content and, the same as JSON, as text. */
  call(name: string, toolArguments: Readonly<Record<string, unknown>>): Promise<object>;
}

/** A mistake of the caller's, told to the model that made it. */
export class ToolError extends Error {
  override readonly name = 'ToolError';
}

/**
 * Answers one guarded message with the protocol's official package, in JSON and without a session, whichever version the
 * client speaks. The headers that its entry asks for are set here: the page's clients do not send them.
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

/** The entry's own way of serving the older versions answers in a stream, which a Lambda behind a REST API has not. */
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
