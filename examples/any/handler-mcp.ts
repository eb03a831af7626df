import middy from '@middy/core';
import { guardMcp } from 'keyward/middleware';
import profile from '#product-profile' with { type: 'json' };
import { answer } from './mcp.ts';

/** Any product's MCP server, whose own function verifies. */
export const handler = middy().use(guardMcp({ profile })).handler(answer);
