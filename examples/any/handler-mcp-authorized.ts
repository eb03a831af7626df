import middy from '@middy/core';
import { guardMcpBehindAuthorizer } from 'keyward/middleware';
import profile from '#product-profile' with { type: 'json' };
import { answer } from './mcp.ts';

/** Any product's MCP server, behind the authorizer. */
export const handler = middy().use(guardMcpBehindAuthorizer({ profile })).handler(answer);
