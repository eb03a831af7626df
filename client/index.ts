/** `keyward/client`: the management API for programs in Node and in browsers. */

export type * from './api.ts';
export { type Client, createClient } from './client.ts';
export { type ErrorCode, KeywardError, type Progress } from './keyward-error.ts';
export type { CallOptions, MakingOptions } from './operation.ts';
export type { ClientOptions } from './options.ts';
