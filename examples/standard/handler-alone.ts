import middy from '@middy/core';
import { guardAlone } from 'keyward/middleware';
import { answer } from './collections.ts';

/** The sample product without an authorizer: its own function verifies. */
export const handler = middy().use(guardAlone()).handler(answer);
