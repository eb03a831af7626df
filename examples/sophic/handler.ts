import middy from '@middy/core';
import { guard } from 'keyward/middleware';
import { answer } from './rest.ts';

/** The sample product behind the authorizer. */
export const handler = middy().use(guard()).handler(answer);
