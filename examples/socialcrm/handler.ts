import middy from '@middy/core';
import type { APIGatewayProxyEvent, APIGatewayProxyResult, Context } from 'aws-lambda';
import { type GuardedMcpEvent, guardMcp, withCrossOriginHeaders } from 'keyward/middleware';
import profile from '#product-profile' with { type: 'json' };
import { serve } from '../mcp/serve.ts';
import { discoveryDocument } from './discovery.ts';
import { callTool, TOOLS } from './tools.ts';

const guarded = middy().use(guardMcp({ profile })).handler(answer);

/** The sample product. It answers public requests before the guard, which lets no request through without a key. */
export async function handler(event: APIGatewayProxyEvent, context: Context): Promise<APIGatewayProxyResult> {
  const document = discoveryDocument(event);
  if (document !== undefined) return withCrossOriginHeaders(event, document);
  return guarded(event as GuardedMcpEvent, context);
}

/** A key reaches the whole company, so the tools only need to know whose key it is. */
async function answer(event: GuardedMcpEvent): Promise<APIGatewayProxyResult> {
  const { principal } = event;
  return serve(event, {
    name: 'socialcrm',
    tools: TOOLS,
    call: (name, toolArguments) => {
      if (principal?.workspace == null) throw new Error('A tool was called without a principal.');
      return callTool(principal.workspace, name, toolArguments);
    },
  });
}
