import middy from '@middy/core';
import { guardMcp } from 'keyward/middleware';
import profile from '#product-profile' with { type: 'json' };
import { answer } from './crm.ts';

/** The sample product, whose own function verifies. */
export const handler = middy().use(guardMcp({ profile })).handler(answer);
