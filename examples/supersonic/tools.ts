import type { Tool } from '../mcp/serve.ts';

/**
 * The sample's tools as data. Each says whether it reads or writes, and a write may say which argument names its record. Who
 * may call the tool follows from that.
 */
export interface ToolDeclaration {
  readonly name: string;
  readonly description: string;
  readonly access: 'read' | 'write';
  /** Names of text arguments; those with a `?` may be left out. */
  readonly takes: readonly string[];
  /** The argument that names the record. */
  readonly record?: string;
}

const read = (name: string, description: string, takes: readonly string[] = []): ToolDeclaration => ({
  name,
  description,
  access: 'read',
  takes,
});
const write = (name: string, description: string, takes: readonly string[]): ToolDeclaration => ({
  name,
  description,
  access: 'write',
  takes,
});
const writeRecord = (name: string, description: string, takes: readonly string[] = []): ToolDeclaration => ({
  ...write(name, description, ['record_id', ...takes]),
  record: 'record_id',
});

export const TOOLS: readonly ToolDeclaration[] = [
  read('objects.list', 'Lists the types of objects'),
  write('objects.create', 'Adds a type of objects', ['name']),
  read('records.list', 'Lists records', ['object_type_slug?']),
  read('records.get', 'Shows a record', ['record_id']),
  write('records.create', 'Adds a record', ['name', 'object_type_slug?', 'assigned_to?']),
  writeRecord('records.update', 'Changes a record', ['name?', 'object_type_slug?', 'assigned_to?']),
  read('lists.list', 'Lists lists'),
  writeRecord('lists.add', 'Puts a record on a list', ['list_id']),
  read('views.list', 'Lists saved views'),
  write('views.create', 'Saves a view', ['name']),
  read('notes.list', 'Lists the notes on a record', ['record_id?']),
  writeRecord('notes.create', 'Adds a note to a record', ['text']),
  read('tasks.list', 'Lists tasks', ['record_id?']),
  writeRecord('tasks.create', 'Adds a task to a record', ['title']),
  read('analytics.summary', 'Sums the pipeline up'),
  write('analytics.track', 'Tracks an event', ['event']),
  read('reports.list', 'Lists reports'),
  write('reports.create', 'Makes a report', ['name']),
  read('timeline.list', 'Shows what happened around a record', ['record_id?']),
  writeRecord('timeline.add', 'Adds to what happened around a record', ['text']),
  read('graph.neighbors', 'Shows who knows a contact', ['record_id']),
  writeRecord('graph.connect', 'Notes that one contact knows another', ['other_id']),
  writeRecord('contacts.classify', 'Classifies a contact', ['class']),
  read('integrations.list', 'Lists connected products'),
  write('integrations.connect', 'Connects a product', ['name']),
  read('email.list', 'Lists sent mail', ['record_id?']),
  writeRecord('email.send', 'Sends mail to a contact', ['subject', 'text']),
  read('messages.list', 'Lists messages', ['record_id?']),
  writeRecord('messages.send', 'Sends a message to a contact', ['text']),
  read('meetings.list', 'Lists meetings', ['record_id?']),
  writeRecord('meetings.schedule', 'Schedules a meeting with a contact', ['at']),
  read('billing.show', 'Shows the plan and the invoices'),
  write('billing.change_plan', 'Changes the plan', ['plan']),
  read('support.list', 'Lists tickets'),
  write('support.open', 'Opens a ticket', ['text']),
];

export function toolNamed(name: string): ToolDeclaration | undefined {
  return TOOLS.find((tool) => tool.name === name);
}

/** The tool as the protocol shows it. */
export function describeTool({ name, description, access, takes }: ToolDeclaration): Tool {
  const properties = takes.map((take) => [take.replace('?', ''), { type: 'string' }] as const);
  return {
    name,
    description,
    inputSchema: {
      type: 'object',
      properties: Object.fromEntries(properties),
      required: takes.filter((take) => !take.endsWith('?')),
    },
    annotations: { readOnlyHint: access === 'read' },
  };
}
