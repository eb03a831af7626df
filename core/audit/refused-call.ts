import { hash } from 'node:crypto';
import type { Caller } from '../access/principal.ts';
import { isIdentifier } from '../credential/identifier.ts';
import { actorOf, type RefusedEvent } from './audit-event.ts';

/** A refused call of the management API, whose caller is proven. */
export interface RefusedCall {
  readonly caller: Caller;
  /** The log of the workspace that the call addresses, if the caller belongs there, or else the caller's own log. */
  readonly log: string;
  readonly route: { readonly method: string; readonly resource: string };
  /** As the caller wrote them; unverified. */
  readonly pathParameters: Readonly<Record<string, string | undefined>> | null;
  readonly sourceAddress: string;
  readonly code: string;
}

/** @param begun the id of the event, and the time when the id was made. */
export function makeRefusedEvent(call: RefusedCall, begun: Pick<RefusedEvent, 'id' | 'at'>): RefusedEvent {
  return {
    ...begun,
    type: 'call.refused',
    actor: actorOf(call.caller),
    sourceAddress: call.sourceAddress,
    workspace: call.log,
    ...readAddressedIds(call.pathParameters),
    outcome: 'refused',
    action: actionOf(call),
    code: call.code,
  };
}

function actionOf({ route }: RefusedCall): string {
  return `${route.method} ${route.resource}`;
}

/** The log tells of one refusal in this many seconds, of all that are alike. */
const OCCASION_SECONDS = 60;

/** The minute in which a caller is refused the same thing with the same code, however often. */
export interface Occasion {
  /** Refusals that are alike have the same id, and no others have. */
  readonly id: string;
  /** Unix seconds. Later refusals belong to another occasion. */
  readonly endsAt: number;
}

/**
 * Tells refusals apart by caller, action and code, and by nothing else that the caller sent. Otherwise a caller could fill the log
 * with refusals.
 * @param at Unix seconds.
 */
export function occasionOf(call: RefusedCall, at: number): Occasion {
  const { kind, credentialId, user } = actorOf(call.caller);
  const minute = Math.floor(at / OCCASION_SECONDS);
  const parts = [kind, credentialId, user, call.log, actionOf(call), call.code, minute];
  return { id: hash('sha256', JSON.stringify(parts), 'base64url'), endsAt: (minute + 1) * OCCASION_SECONDS };
}

/** The ids in the path, if they have the shape of an id. Any other text is the caller's own, and could be a secret. */
function readAddressedIds(
  parameters: RefusedCall['pathParameters'],
): Pick<RefusedEvent, 'keyId' | 'invitationId'> {
  const { key = '', token = '', invitation = '' } = parameters ?? {};
  const keyId = isIdentifier('key', key) ? key : isIdentifier('pat', token) ? token : null;
  return { keyId, ...(isIdentifier('inv', invitation) && { invitationId: invitation }) };
}
