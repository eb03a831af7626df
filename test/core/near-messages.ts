import fc from 'fast-check';
import { MCP_METHODS } from '../../core/mcp-message.ts';

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
];

/** Values that are nearly JSON-RPC requests: every field may be right, wrong or missing. */
export const nearMessages = fc.record(
  {
    jsonrpc: mostly(fc.constant('2.0')),
    id: mostly(fc.oneof(fc.integer(), fc.string())),
    method: mostly(fc.constantFrom('tools/call', ...MCP_METHODS, 'notifications/initialized')),
    params: mostly(
      fc.record({ name: mostly(fc.constantFrom(...TOOLS)), arguments: fc.jsonValue() }, { requiredKeys: [] }),
    ),
    result: fc.jsonValue(),
  },
  { requiredKeys: ['jsonrpc', 'method'] },
);
