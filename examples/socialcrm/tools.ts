import type { Tool } from '../mcp/serve.ts';

const text = { type: 'string' } as const;

/** A key grants access to all brands of its company, so no tool asks for more than a valid one. */
export const TOOLS: readonly Tool[] = [
  {
    name: 'brands.list',
    description: 'Lists all brands of the company',
    inputSchema: { type: 'object', properties: {}, required: [] },
    annotations: { readOnlyHint: true },
  },
  {
    name: 'brands.create',
    description: 'Adds a brand to the company',
    inputSchema: { type: 'object', properties: { name: text }, required: ['name'] },
    annotations: { readOnlyHint: false },
  },
  {
    name: 'contacts.list',
    description: 'Lists the contacts of a brand',
    inputSchema: { type: 'object', properties: { brand_id: text }, required: ['brand_id'] },
    annotations: { readOnlyHint: true },
  },
];
