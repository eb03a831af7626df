import fc from 'fast-check';
import { MCP_METHODS, type ToolCall } from '../../../core/mcp/message.ts';

const mostly = (right: fc.Arbitrary<unknown>) =>
  fc.oneof({ weight: 6, arbitrary: right }, { weight: 1, arbitrary: fc.jsonValue() });

const TOOLS = [
  'records.list',
  'records.update',
  'lists.create',
  'contacts.classify',
  '*',
  'POST /',
  '__proto__',
  'récords.list',
];

/** As `Mcp-Name` carries a name that is no plain ASCII. */
export const encodedName = (name: string) => `=?base64?${Buffer.from(name).toString('base64')}?=`;

const VERSIONS = ['2026-07-28', '2025-11-25'];
const claims = fc.oneof(
  { weight: 6, arbitrary: fc.constantFrom(...VERSIONS) },
  { weight: 1, arbitrary: fc.constant({ toString: 1, valueOf: null }) },
  { weight: 1, arbitrary: fc.jsonValue() },
);

/** Sent once, and now and then not at all or twice. */
const mostlyOnce = (...values: string[]) =>
  fc.oneof(
    { weight: 6, arbitrary: fc.constantFrom(...values).map((value) => [value]) },
    { weight: 1, arbitrary: fc.array(fc.constantFrom(...values, ''), { maxLength: 2 }) },
  );

/** Headers that repeat a message, or nearly so. */
export const nearHeaders = fc.oneof(
  fc.constant({}),
  fc.record(
    {
      'MCP-Protocol-Version': mostlyOnce(...VERSIONS),
      'Mcp-Method': mostlyOnce('tools/call', 'tools/call', 'tools/list'),
      'Mcp-Name': mostlyOnce('records.list', 'lists.create', ...TOOLS, ...TOOLS.map(encodedName)),
    },
    { requiredKeys: [] },
  ),
);

/** Values that are nearly JSON-RPC requests: every field may be right, wrong or missing. */
export const nearMessages = fc.record(
  {
    jsonrpc: mostly(fc.constant('2.0')),
    id: mostly(fc.oneof(fc.integer(), fc.string())),
    method: mostly(fc.constantFrom('tools/call', ...MCP_METHODS, 'notifications/initialized')),
    params: mostly(
      fc.record(
        {
          name: mostly(fc.constantFrom(...TOOLS)),
          arguments: fc.jsonValue(),
          _meta: fc.record({ 'io.modelcontextprotocol/protocolVersion': claims }),
        },
        { requiredKeys: [] },
      ),
    ),
    result: fc.jsonValue(),
  },
  { requiredKeys: ['jsonrpc', 'method'] },
);

/** Calls that are right, of either era, but for what they claim about their version. */
export const toolCalls = fc
  .tuple(fc.constantFrom('records.list', 'lists.create'), fc.option(claims))
  .map(([name, claim]): ToolCall => {
    const meta = claim === null ? {} : { _meta: { 'io.modelcontextprotocol/protocolVersion': claim } };
    return { jsonrpc: '2.0', id: 1, method: 'tools/call', params: { name, ...meta } };
  });
