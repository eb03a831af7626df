import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, expect } from '@jest/globals';
import { loadProfile } from '../lib/files/profile-file.ts';
import type { FlushIntercept } from '../local/index.ts';
import { type Answer, borrowAssembly, manager, send, type TestProduct } from './product.ts';
import { sharedAssembly } from './shared-assembly.ts';

/** A product whose verdicts can be cached, with everything that can take rights away there: scopes, roles, rotation. */
const LIBRARY = join(import.meta.dirname, 'library.json');

export const TTL_SECONDS = 2;

/** How a flush can fail. */
export const FAILING_FLUSHES: readonly [string, FlushIntercept][] = [
  ['is throttled', () => ({ status: 429, error: 'TooManyRequestsException' })],
  ['fails', () => ({ status: 500, error: 'InternalFailure' })],
  ['hangs', () => new Promise(() => {})],
];

export interface Issued {
  readonly id: string;
  readonly secret: string;
}

let interceptFlush: FlushIntercept | undefined;
/** The clock of the cache. */
let clock: () => number = Date.now;
let product: TestProduct | undefined;

/** Runs the product with cached verdicts for the tests of a file; clock and flushes are as usual at the start of each. */
export function useCachedProduct(): void {
  beforeAll(async () => {
    const { profile } = loadProfile(LIBRARY);
    const assemblyDirectory = await sharedAssembly(LIBRARY, { cache_seconds: TTL_SECONDS });
    product = await borrowAssembly(
      { profile, assemblyDirectory },
      { now: () => clock(), interceptFlush: (call) => interceptFlush?.(call) },
    );
  });
  afterAll(() => product?.stop());
  afterEach(() => {
    interceptFlush = undefined;
    clock = Date.now;
  });
}

export function cachedProduct(): TestProduct {
  if (product === undefined) throw new Error('useCachedProduct() was not called.');
  return product;
}

/** Stops the clock of the cache, so that no verdict leaves it by itself. */
export function stopTime(): void {
  const stopped = Date.now();
  clock = () => stopped;
}

/** Moves a stopped clock on. */
export function passSeconds(seconds: number): void {
  const later = clock() + seconds * 1000;
  clock = () => later;
}

/** Lets flushes fail until the test ends. */
export function failFlushes(failing: FlushIntercept): void {
  interceptFlush = failing;
}

export async function issue(fields: object = {}): Promise<Issued> {
  const { status, body } = await manager(cachedProduct()).issue({ scopes: ['write'], ...fields });
  expect(status).toBe(201);
  return { id: body.key.id, secret: body.secret };
}

export function call(secret: string, route = 'GET /books'): Promise<Answer> {
  const [method = '', path = ''] = route.split(' ');
  const body = method === 'POST' ? { name: 'A book' } : undefined;
  return send(cachedProduct().apiUrl + path, { method, headers: { 'x-library-key': secret }, body });
}

export async function statusOf(secret: string, route?: string): Promise<number> {
  return (await call(secret, route)).status;
}

/** The id of the function that a construct of this name makes. */
export function functionNamed(name: string): string {
  const found = Object.values(cachedProduct().assembly.functions).find(({ constructPath }) =>
    constructPath.endsWith(`/${name}`),
  );
  if (found === undefined) throw new Error(`There is no function ${name}.`);
  return found.id;
}

/** How often the authorizer has read a secret. */
export function countAuthorizerReads(): number {
  const authorizer = functionNamed('ProductAuthorizer');
  return cachedProduct()
    .assembly.recordedCalls()
    .filter(({ functionId, action }) => functionId === authorizer && action === 'dynamodb:GetItem').length;
}
