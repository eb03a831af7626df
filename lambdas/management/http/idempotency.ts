import type { APIGatewayProxyEvent } from 'aws-lambda';
import { isIdentifier } from '../../../core/credential/identifier.ts';
import { Contended } from '../../../core/errors/fault.ts';
import {
  type IdempotentRequest,
  isIdempotencyKey,
  makeIdempotentRequest,
  type RequestStore,
} from '../../../core/management/idempotency.ts';
import { MANAGEMENT_PROBLEMS } from '../../../core/management/problem.ts';
import { headerValues, type MultiValueHeaders } from '../../../core/verification/presentation.ts';
import { invalidRequest, ProblemError } from '../../http/problem.ts';
import type { Answer, ManagementCall } from './operation.ts';

const IDEMPOTENCY_KEY = 'Idempotency-Key';

/** A call, and the request that its store remembers; `undefined` where the call has no `Idempotency-Key`. */
export type Once<Call extends ManagementCall> = Call & { readonly request: IdempotentRequest | undefined };

export interface OnceOptions<Call extends ManagementCall> {
  readonly requests: RequestStore;
  /**
   * Waits until what an earlier call has begun is finished or undone.
   * @default nothing can be half done: the earlier call made everything in one transaction
   */
  readonly settle?: (call: Call) => Promise<unknown>;
}

/**
 * Makes work that is carried out once at most for each `Idempotency-Key`. Use it behind the check that the caller may know what
 * is there. It comes before all other checks: they may fail now because of what the earlier call did.
 * @param work passes `call.request` to the store, which remembers it in the transaction that carries it out.
 * @returns work that throws a {@link ProblemError}: 409 `already_done`, 422 `idempotency_mismatch`, or 400 for a bad header.
 */
export function answerOnce<Call extends ManagementCall>(
  options: OnceOptions<Call>,
  work: (call: Once<Call>) => Promise<Answer>,
): (call: Call) => Promise<Answer> {
  return async (call) => {
    const request = readRequest(call);
    if (request === undefined) return work({ ...call, request });
    const assertNew = () => assertNotDone(options, call, request);
    await assertNew();
    try {
      return await work({ ...call, request });
    } catch (error) {
      // An earlier call may have been carried out since, and may be why this one was refused.
      if (error instanceof ProblemError) await assertNew();
      throw error;
    }
  };
}

/** What to throw when the store finds that another call with the same `Idempotency-Key` was faster: the next look finds it. */
export function requestTakenError(): Error {
  return new Contended('Another call with the same Idempotency-Key was faster.');
}

/** Tells whether a call has a header with which it may be repeated safely. */
export function hasIdempotencyKey(event: APIGatewayProxyEvent): boolean {
  return sentKeys(event).length > 0;
}

function readRequest({ event, caller, now }: ManagementCall): IdempotentRequest | undefined {
  const [idempotencyKey, ...others] = sentKeys(event);
  if (idempotencyKey === undefined) return undefined;
  if (others.length > 0 || !isIdempotencyKey(idempotencyKey))
    throw invalidRequest(IDEMPOTENCY_KEY, 'one header of 1 to 255 visible ASCII characters, without spaces');
  const { httpMethod: method, resource, pathParameters, body, isBase64Encoded } = event;
  return makeIdempotentRequest({
    caller,
    idempotencyKey,
    method,
    resource,
    pathParameters,
    body: Buffer.from(body ?? '', isBase64Encoded ? 'base64' : 'utf8'),
    at: now,
  });
}

function sentKeys({ multiValueHeaders }: APIGatewayProxyEvent): readonly string[] {
  return headerValues((multiValueHeaders ?? {}) as MultiValueHeaders, IDEMPOTENCY_KEY.toLowerCase());
}

async function assertNotDone<Call extends ManagementCall>(
  { requests, settle }: OnceOptions<Call>,
  call: Call,
  request: IdempotentRequest,
): Promise<void> {
  const found = await requests.find(request);
  if (found.kind === 'new') return;
  if (found.kind === 'other') throw new ProblemError(MANAGEMENT_PROBLEMS.idempotency_mismatch);
  if (settle === undefined) throw alreadyDone(found.madeId);
  await settle(call);
  const settled = await requests.find(request);
  if (settled.kind !== 'done') return;
  if (settled.eventId !== found.eventId) throw requestTakenError();
  throw alreadyDone(settled.madeId);
}

function alreadyDone(madeId: string): ProblemError {
  const { detail, ...problem } = MANAGEMENT_PROBLEMS.already_done;
  return new ProblemError({ ...problem, detail: detail + adviceFor(madeId), members: { made_id: madeId } });
}

/** How to get a secret, for what has one. */
function adviceFor(madeId: string): string {
  if (isIdentifier('key', madeId))
    return ' No answer shows its secret again: rotate the key with overlap_seconds 0 to get a new one.';
  if (isIdentifier('pat', madeId))
    return ' No answer shows its secret again: revoke the token and issue another.';
  return '';
}
