import type { APIGatewayProxyResult } from 'aws-lambda';
import { type GuardedMcpEvent, refuseToolCall } from 'keyward/middleware';
import { serve, ToolError } from '../mcp/serve.ts';
import {
  type CrmRecord,
  listRecords,
  mayEverCall,
  putRecord,
  readRecord,
  refusalReason,
  textArgument,
} from './records.ts';
import { describeTool, TOOLS, toolNamed } from './tools.ts';

/** A CRM whose tools are called over MCP. The guard checks scopes. The product itself decides what roles may do. */
export async function answer(event: GuardedMcpEvent): Promise<APIGatewayProxyResult> {
  const { message, principal } = event;
  if (message.method === 'tools/call') {
    if (principal === null) throw new Error('A tool was called without a principal.');
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

type Arguments = Readonly<Record<string, unknown>>;

/** Runs a tool. Only records are stored. Other writes are answered as if they were stored. */
export async function callTool(workspace: string, name: string, toolArguments: Arguments): Promise<object> {
  const tool = toolNamed(name);
  if (tool === undefined) throw new ToolError('There is no such tool.');
  const missing = tool.takes.find(
    (take) => !take.endsWith('?') && textArgument(toolArguments, take) === undefined,
  );
  if (missing !== undefined) throw new ToolError(`The argument ${missing} must be a text.`);
  const text = (argument: string) => textArgument(toolArguments, argument);
  switch (name) {
    case 'records.list':
      return { records: await listRecords(workspace, text('object_type_slug') ?? null) };
    case 'records.get':
      return { record: await existingRecord(workspace, text('record_id')) };
    case 'records.create':
      return { record: await putRecord(workspace, newRecord(text)) };
    case 'records.update': {
      const before = await existingRecord(workspace, text('record_id'));
      return { record: await putRecord(workspace, changedRecord(before, text)) };
    }
    default:
      return tool.access === 'read' ? { items: [] } : { written: { tool: name, ...toolArguments } };
  }
}

async function existingRecord(workspace: string, id = ''): Promise<CrmRecord> {
  const record = await readRecord(workspace, id);
  if (record === undefined) throw new ToolError('There is no such record.');
  return record;
}

function newRecord(text: (argument: string) => string | undefined): CrmRecord {
  return {
    id: `rec_${crypto.randomUUID()}`,
    name: text('name') ?? '',
    object_type_slug: text('object_type_slug') ?? 'companies',
    assigned_to: text('assigned_to') ?? null,
  };
}

function changedRecord(before: CrmRecord, text: (argument: string) => string | undefined): CrmRecord {
  return {
    ...before,
    name: text('name') ?? before.name,
    object_type_slug: text('object_type_slug') ?? before.object_type_slug,
    assigned_to: text('assigned_to') ?? before.assigned_to,
  };
}
