import {
  IDEMPOTENCY_SECONDS,
  type IdempotentRequest,
  type RequestStore,
} from '../../../core/management/idempotency.ts';
import type { MemoryWorld } from './world.ts';

/** Requests with an `Idempotency-Key`, in memory. It keeps the contract of the port. */
export function memoryRequestStore(world: MemoryWorld): RequestStore {
  return {
    async find(request) {
      const known = knownRequest(world, request);
      if (known === undefined) return { kind: 'new' };
      const { fingerprint, madeId, eventId } = known;
      return fingerprint === request.fingerprint ? { kind: 'done', madeId, eventId } : { kind: 'other' };
    },
  };
}

/** Whether another call with the same `Idempotency-Key` was faster. */
export function isTaken(world: MemoryWorld, request: IdempotentRequest | undefined): boolean {
  return request !== undefined && knownRequest(world, request) !== undefined;
}

export function writeRequest(
  { requests }: MemoryWorld,
  request: IdempotentRequest | undefined,
  did: { readonly madeId: string; readonly eventId: string },
): void {
  if (request !== undefined) requests.set(request.id, { ...request, ...did });
}

function knownRequest({ requests }: MemoryWorld, { id, at }: IdempotentRequest) {
  const known = requests.get(id);
  return known !== undefined && at < known.at + IDEMPOTENCY_SECONDS ? known : undefined;
}
