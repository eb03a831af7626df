import type { APIGatewayProxyResult } from 'aws-lambda';
import { type GuardedMcpEvent, refuseToolCall } from 'keyward/middleware';
import { serve } from '../mcp/serve.ts';
import { mayEverCall, refusalReason } from './access.ts';
import { callTool } from './calls.ts';
import { describeTool, TOOLS, toolNamed } from './tools.ts';

/** A CRM whose tools are called over MCP. Scopes are the guard's, what roles may do is the product's. */
export async function answer(event: GuardedMcpEvent): Promise<APIGatewayProxyResult> {
  const { message, principal } = event;
  if (message.method === 'tools/call') {
    if (principal === null) throw new Error('A tool was called by nobody.');
    const { name, arguments: given } = message.params;
    // `serve` answers a call of an unknown tool.
    const reason = toolNamed(name) && (await refusalReason(principal, name, given));
    if (reason !== undefined) return refuseToolCall({ ...event, message }, reason);
  }
  return serve(event, {
    name: 'supersonic',
    tools: TOOLS.filter((tool) => principal !== null && mayEverCall(principal, tool)).map(describeTool),
    call: (name, toolArguments) => callTool(principal?.workspace ?? '', name, toolArguments),
  });
}
