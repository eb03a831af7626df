import { hash } from 'node:crypto';
import type { Caller } from '../access/principal.ts';

/**
 * A call that makes something or rotates a key may carry an `Idempotency-Key`. Then it is carried out once at most, however often
 * it is sent.
 * @see docs/decisions/0031-idempotency-key.md
 */

/** For how long an `Idempotency-Key` is known. A request that comes later is a new one. */
export const IDEMPOTENCY_SECONDS = 86_400;

/** Visible ASCII. A header that a proxy has joined from two has a space in it, and is refused. */
const IDEMPOTENCY_KEY = /^[\x21-\x7e]{1,255}$/;

export function isIdempotencyKey(text: string): boolean {
  return IDEMPOTENCY_KEY.test(text);
}

/** A request that came with an `Idempotency-Key`. */
export interface IdempotentRequest {
  /** The digest of the caller and of their `Idempotency-Key`. */
  readonly id: string;
  /** The digest of what is asked: the route, the path and the body. */
  readonly fingerprint: string;
  /** Unix seconds. */
  readonly at: number;
}

export interface AskedOnce {
  readonly caller: Caller;
  readonly idempotencyKey: string;
  /** Such as `POST`. */
  readonly method: string;
  /** The path as API Gateway names it, such as `/v1/workspaces/{workspace}/keys`. */
  readonly resource: string;
  readonly pathParameters: Readonly<Record<string, string | undefined>> | null;
  readonly body: Uint8Array;
  /** Unix seconds. */
  readonly at: number;
}

export function makeIdempotentRequest(asked: AskedOnce): IdempotentRequest {
  const { caller, idempotencyKey, method, resource, pathParameters, body, at } = asked;
  const parameters = Object.entries(pathParameters ?? {}).sort();
  return {
    id: digestOf([...identify(caller), idempotencyKey]),
    fingerprint: digestOf([method, resource, parameters, hash('sha256', body, 'base64url')]),
    at,
  };
}

/** Says who calls. A person is the same caller in all workspaces. */
function identify(caller: Caller): readonly string[] {
  if (caller.kind === 'signed_in') return ['person', caller.user];
  return [caller.kind, caller.credentialId];
}

/** As JSON, so that no two lists of texts look the same when they are joined. */
function digestOf(parts: readonly unknown[]): string {
  return hash('sha256', JSON.stringify(parts), 'base64url');
}

/**
 * What remembers requests. The stores write the memory of a request in the transaction that carries it out, so a request that
 * was refused leaves nothing behind.
 */
export interface RequestStore {
  /** Strongly consistent. @throws {Unavailable} when the store does not answer. */
  find(request: IdempotentRequest): Promise<FoundRequest>;
}

/**
 * `new`: it was not carried out within the last 24 hours. `done`: it was carried out; or it is a rotation that is under way. `other`:
 * the caller used the same `Idempotency-Key` for something else.
 */
export type FoundRequest =
  | { readonly kind: 'new' }
  | { readonly kind: 'other' }
  | {
      readonly kind: 'done';
      /** The id of what it made: of a workspace its slug, and of a rotation the id of its key. */
      readonly madeId: string;
      /** The event that tells of it. */
      readonly eventId: string;
    };
