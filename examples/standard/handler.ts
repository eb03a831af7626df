import middy from '@middy/core';
import { guard } from 'keyward/middleware';
import { answer } from './collections.ts';

/** The sample product behind the authorizer. */
export const handler = middy().use(guard()).handler(answer);
