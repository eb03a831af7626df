import middy from '@middy/core';
import { guardAlone } from 'keyward/middleware';
import profile from '#product-profile' with { type: 'json' };
import { answer } from './collections.ts';

/** The sample product without an authorizer: its own function verifies. */
export const handler = middy().use(guardAlone({ profile })).handler(answer);
