import { hash } from 'node:crypto';
import type { Caller } from '../access/principal.ts';
import type { RateLimit } from '../access/rate-limit.ts';
import { isIdentifier } from '../credential/identifier.ts';

/** One line of the audit log: who did what, or tried to, and to which credential, member or workspace. */
export type AuditEvent = ChangeEvent | RefusedEvent;

/** Written together with its change, never alone. */
export interface ChangeEvent extends EventFacts {
  readonly type: AuditEventType;
  /** `done`: the change has begun, and a retry or the sweeper finishes it. */
  readonly outcome: 'done';
}

/** A refused call of a known caller. Nothing was changed. */
export interface RefusedEvent extends EventFacts {
  readonly type: 'call.refused';
  readonly outcome: 'refused';
  /** The route's method and pattern, never the path as the caller sent it. */
  readonly action: string;
  /** The code in the answer. */
  readonly code: string;
}

interface EventFacts {
  /** Sorts by the time when the event was begun. */
  readonly id: string;
  /** Unix seconds. */
  readonly at: number;
  readonly actor: Actor;
  /** Where the request came from; `null` for the operator's command line, the sweeper, and signing in. */
  readonly sourceAddress: string | null;
  /** The log that holds it: a workspace's slug, a {@link userLog}, or {@link OPERATOR_LOG}. */
  readonly workspace: string;
  /** The credential that it was done to; `null` if it was done to a workspace or a member. */
  readonly keyId: string | null;
  /** The user that it was done to; absent if it was not done to a member. */
  readonly userId?: string;
  /** The changed fields, before and after; absent if there was nothing before, or there is nothing after. */
  readonly before?: ChangedFields;
  readonly after?: ChangedFields;
  /** The invitation that was made, revoked or accepted; absent in other events. */
  readonly invitationId?: string;
}

/** The part of an event that says what it was done to. */
export type EventSubject = Pick<
  AuditEvent,
  'workspace' | 'keyId' | 'userId' | 'invitationId' | 'before' | 'after'
>;

/** Named and written as the API shows them, times in ISO 8601; `null` for an empty field. Never a secret. */
export type ChangedFields = Readonly<Record<string, ChangedValue>>;

type ChangedValue =
  | string
  | number
  | boolean
  | null
  | readonly string[]
  | { readonly limit: RateLimit['limit']; readonly window_seconds: RateLimit['windowSeconds'] };

export const CHANGE_TYPES = [
  'workspace.created',
  'workspace.updated',
  'member.added',
  'member.role_changed',
  'member.renamed',
  'member.removed',
  'invitation.created',
  'invitation.revoked',
  'key.issued',
  'key.imported',
  'key.updated',
  'key.revoked',
  'key.rotated',
  'key.rotation_abandoned',
  'key.previous_secret_revoked',
  'token.issued',
  'token.revoked',
  'session.created',
  'session.started',
  'session.ended',
  'management_key.issued',
  'management_key.revoked',
] as const;

/** The types of changes. A refused call has a type of its own. */
export type AuditEventType = (typeof CHANGE_TYPES)[number];

export const EVENT_TYPES = [...CHANGE_TYPES, 'call.refused'] as const satisfies readonly AuditEvent['type'][];

export const OUTCOMES = ['done', 'refused'] as const satisfies readonly AuditEvent['outcome'][];

export const ACTOR_KINDS = [
  'api_key',
  'personal_access_token',
  'management_key',
  'person',
  'operator',
  'sweeper',
] as const;

/** Who did it: with which credential, and as which user if the credential has one. */
export interface Actor {
  readonly kind: (typeof ACTOR_KINDS)[number];
  readonly credentialId: string | null;
  readonly user: string | null;
}

/** A person has no credential of Keyward's, but may act through a session. */
export function actorOf(caller: Caller): Actor {
  if (caller.kind === 'signed_in')
    return { kind: 'person', credentialId: caller.session?.id ?? null, user: caller.user };
  if (caller.kind === 'person') {
    const { credentialId, user } = caller;
    return { kind: 'person', credentialId: credentialId === user ? null : credentialId, user };
  }
  return { kind: caller.kind, credentialId: caller.credentialId, user: caller.user };
}

/** The log of a user's tokens, which belong to no workspace. No slug can have this name. */
export function userLog(userId: string): string {
  return `USER#${userId}`;
}

/** The log of management keys, and of what they do outside workspaces. No slug can have this name. */
export const OPERATOR_LOG = 'OPERATOR';

/** The log for a caller's refused call outside their own workspaces: nobody writes into a stranger's log. */
export function ownLogOf(caller: Caller): string {
  if (caller.kind === 'management_key') return OPERATOR_LOG;
  if (caller.kind === 'api_key' && caller.workspace !== null) return caller.workspace;
  return caller.user === null ? OPERATOR_LOG : userLog(caller.user);
}

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
