import middy from '@middy/core';
import type { APIGatewayProxyResult } from 'aws-lambda';
import { type GuardedMcpEvent, guardMcp, type Principal } from 'keyward/middleware';
import profile from '#product-profile' with { type: 'json' };
import { serve, type Tool, ToolError } from '../mcp/serve.ts';
import { captureDocument, grepDocuments, listDocuments, searchDocuments } from './documents.ts';

/** The sample product's MCP server, whose own function verifies: an authorizer sees no tool's name. */
export const handler = middy().use(guardMcp({ profile })).handler(answer);

/** The sample product over MCP. The guard decides which tools a caller sees and may call: scopes grant them. */
export async function answer(event: GuardedMcpEvent): Promise<APIGatewayProxyResult> {
  const { principal } = event;
  return serve(event, {
    name: 'sophic',
    tools: TOOLS,
    call: (name, toolArguments) => {
      if (principal === null) throw new Error('A tool was called without a principal.');
      return callTool(principal, name, toolArguments);
    },
  });
}

const tool = (name: string, description: string, takes: readonly string[], readOnlyHint: boolean): Tool => ({
  name,
  description,
  inputSchema: {
    type: 'object',
    properties: Object.fromEntries(takes.map((take) => [take, { type: 'string' }] as const)),
    required: takes,
  },
  annotations: { readOnlyHint },
});

const TOOLS: readonly Tool[] = [
  tool('documents.list', 'Lists the documents of the workspace', [], true),
  tool('documents.search', 'Finds documents that hold a text', ['q'], true),
  tool('documents.grep', 'Finds the lines that hold a pattern, letter for letter', ['pattern'], true),
  tool('capture', 'Writes a document in your name', ['title', 'content'], false),
];

async function callTool(
  { workspace, user }: Principal,
  name: string,
  toolArguments: Readonly<Record<string, unknown>>,
): Promise<object> {
  const place = workspace ?? '';
  const text = (argument: string): string => {
    const value = toolArguments[argument];
    if (typeof value === 'string' && value !== '') return value;
    throw new ToolError(`The argument ${argument} must be a text.`);
  };
  switch (name) {
    case 'documents.list':
      return { documents: await listDocuments(place) };
    case 'documents.search':
      return { documents: await searchDocuments(place, text('q')) };
    case 'documents.grep':
      return { matches: await grepDocuments(place, text('pattern')) };
    case 'capture': {
      if (user === null) throw new Error('A document was captured without a user.');
      const fields = { title: text('title'), content: text('content') };
      return { document: await captureDocument({ workspace: place, user }, fields) };
    }
    default:
      throw new ToolError('There is no such tool.');
  }
}
