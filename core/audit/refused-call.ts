import { hash } from 'node:crypto';
import type { Caller } from '../access/principal.ts';
import { isIdentifier } from '../credential/identifier.ts';
import { actorOf, type RefusedEvent } from './audit-event.ts';

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

/** @param begun the event's identity: its id and the time when that was made. */
export function makeRefusedEvent(call: RefusedCall, begun: Pick<RefusedEvent, 'id' | 'at'>): RefusedEvent {
  const { caller, log: workspace, sourceAddress, code } = call;
  return {
    ...begun,
    ...{ type: 'call.refused', actor: actorOf(caller), sourceAddress, workspace },
    ...addressed(call.pathParameters),
    ...{ outcome: 'refused', action: actionOf(call), code },
  };
}

function actionOf({ route }: RefusedCall): string {
  return `${route.method} ${route.resource}`;
}

/** Of refusals that are alike, this many seconds tell of one. */
const OCCASION_SECONDS = 60;

/** The minute in which somebody is refused the same thing with the same code, however often. */
export interface Occasion {
  /** The same for refusals that are alike, and for no others. */
  readonly id: string;
  /** Unix seconds; after that there can be no more of it. */
  readonly endsAt: number;
}

/**
 * Tells refusals apart by who was refused what and why, and not by anything else that they sent: otherwise whoever is refused
 * could have as many written down as they like.
 * @param at Unix seconds.
 */
export function occasionOf(call: RefusedCall, at: number): Occasion {
  const { kind, credentialId, user } = actorOf(call.caller);
  const minute = Math.floor(at / OCCASION_SECONDS);
  const parts = [kind, credentialId, user, call.log, actionOf(call), call.code, minute];
  return { id: hash('sha256', JSON.stringify(parts), 'base64url'), endsAt: (minute + 1) * OCCASION_SECONDS };
}

/** What was addressed, where it could be an id at all: anything else is the caller's own text, and could be a secret. */
function addressed(parameters: RefusedCall['pathParameters']): Pick<RefusedEvent, 'keyId' | 'invitationId'> {
  const { key = '', token = '', invitation = '' } = parameters ?? {};
  const keyId = isIdentifier('key', key) ? key : isIdentifier('pat', token) ? token : null;
  return { keyId, ...(isIdentifier('inv', invitation) && { invitationId: invitation }) };
}
