import middy from '@middy/core';
import { guardMcp } from 'keyward/middleware';
import profile from '#product-profile' with { type: 'json' };
import { answer } from './tools.ts';

/** The sample product's MCP server, whose own function verifies: an authorizer sees no tool's name. */
export const handler = middy().use(guardMcp({ profile })).handler(answer);
