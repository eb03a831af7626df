import type { APIGatewayProxyResult } from 'aws-lambda';
import type { GuardedMcpEvent } from 'keyward/middleware';
import { serve, type Tool } from '../mcp/serve.ts';
import { callerOf, PRODUCT, TOOLS } from './product.ts';

/** Any product's tools. Each answers with what the guard has let through. */
export async function answer(event: GuardedMcpEvent): Promise<APIGatewayProxyResult> {
  const { message, principal } = event;
  // The guard lets through what a pattern of a scope grants, whether or not the profile names it.
  const called = message.method === 'tools/call' ? [message.params.name] : [];
  return serve(event, {
    name: PRODUCT,
    tools: [...new Set([...TOOLS, ...called])].map(describeTool),
    call: async (tool, toolArguments) => ({
      tool,
      arguments: toolArguments,
      caller: principal && callerOf(principal),
    }),
  });
}

function describeTool(name: string): Tool {
  return {
    name,
    description: `Tells what ${PRODUCT} was asked for by calling ${name}, and by whom`,
    inputSchema: { type: 'object', properties: {}, required: [] },
    annotations: { readOnlyHint: true },
  };
}
