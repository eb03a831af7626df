import { hash } from 'node:crypto';
import { actorOf, type RefusedEvent } from './audit-event.ts';
import type { RandomBytes } from './base62.ts';
import type { Caller } from './caller.ts';
import { isIdentifier, newIdentifier } from './identifier.ts';

/** A call of the management API that was refused after its caller had been proven. */
export interface RefusedCall {
  readonly caller: Caller;
  /** The log that tells of it: that of the workspace which the call leads to, if the caller belongs there, or else their own. */
  readonly log: string;
  readonly route: { readonly method: string; readonly resource: string };
  /** As the caller wrote them. */
  readonly pathParameters: Readonly<Record<string, string | undefined>> | null;
  readonly sourceAddress: string;
  readonly code: string;
}

/** Of calls that are alike, this many milliseconds tell of one. */
const WINDOW_MS = 60_000;

/**
 * The event of a refused call. Its id is made of who was refused what and in which minute, so that refusing them over and over
 * puts one event and not thousands.
 * @param now Unix milliseconds.
 */
export function refusedEvent(call: RefusedCall, now: number): RefusedEvent {
  const { caller, log, route, sourceAddress, code } = call;
  const actor = actorOf(caller);
  const action = `${route.method} ${route.resource}`;
  const seed = JSON.stringify([actor.kind, actor.credentialId, actor.user, log, action, code]);
  return {
    id: newIdentifier('evt', now - (now % WINDOW_MS), bytesOf(seed)),
    at: Math.floor(now / 1000),
    type: 'call.refused',
    ...{ actor, sourceAddress, workspace: log },
    ...addressed(call.pathParameters),
    ...{ outcome: 'refused', action, code },
  };
}

/** What was addressed, where it could be an id at all: anything else is the caller's own text, and could be a secret. */
function addressed(parameters: RefusedCall['pathParameters']): Pick<RefusedEvent, 'keyId' | 'invitationId'> {
  const { key = '', token = '', invitation = '' } = parameters ?? {};
  const keyId = isIdentifier('key', key) ? key : isIdentifier('pat', token) ? token : null;
  return { keyId, ...(isIdentifier('inv', invitation) && { invitationId: invitation }) };
}

/** Bytes that look random and are the same for the same seed. */
function bytesOf(seed: string): RandomBytes {
  let round = 0;
  return (count) => {
    round += 1;
    return hash('sha256', `${round} ${seed}`, 'buffer').subarray(0, count);
  };
}
