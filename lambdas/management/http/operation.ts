import type { APIGatewayProxyEvent } from 'aws-lambda';
import type { Caller } from '../../../core/access/principal.ts';
import {
  type AuditEventType,
  actorOf,
  type ChangeEvent,
  type EventSubject,
} from '../../../core/audit/audit-event.ts';
import type { IdentifierPrefix } from '../../../core/credential/identifier.ts';

/**
 * What one route of the management API does. Each file of an operation exports a factory, which takes the stores and the
 * profile, and returns this.
 * @throws {ProblemError} what the caller is refused.
 * @throws {Contended} when somebody else changed the same thing; the operation can then begin again.
 */
export type Operation = (call: ManagementCall) => Promise<Answer>;

/** As {@link Operation}, for a route without a credential: nobody knows the caller. */
export type PublicOperation = (call: PublicCall) => Promise<Answer>;

export type PublicCall = Omit<ManagementCall, 'caller'>;

/** One call of the management API, as an operation sees it. */
export interface ManagementCall {
  readonly event: APIGatewayProxyEvent;
  readonly caller: Caller;
  /** Unix seconds; one moment for the whole call. */
  readonly now: number;
}

export interface Answer {
  readonly status: number;
  /** Sent as JSON. */
  readonly body: object;
  /**
   * Whether the operation took rights from a credential, so that cached verdicts have to be flushed.
   * @default true
   */
  readonly takesRights?: boolean;
}

/** Makes the identifiers of what an operation writes. */
export interface Ids {
  readonly newId: (prefix: IdentifierPrefix) => string;
  readonly newEventIdentity: () => EventIdentity;
}

/** The id of a new event, and the time in that id in Unix seconds. A log that is sorted by ids is sorted by time. */
export interface EventIdentity {
  readonly id: string;
  readonly at: number;
}

/** The value of a path parameter. API Gateway sends every parameter of the route's path. */
export function pathParameter({ event }: ManagementCall, name: string): string {
  return event.pathParameters?.[name] ?? '';
}

/** The audit event of a change: what the caller did, and to what. */
export function makeChangeEvent(
  { event, caller }: ManagementCall,
  { ids, type, ...subject }: EventSubject & { readonly ids: Ids; readonly type: AuditEventType },
): ChangeEvent {
  return {
    ...ids.newEventIdentity(),
    type,
    actor: actorOf(caller),
    sourceAddress: event.requestContext.identity.sourceIp,
    ...subject,
    outcome: 'done',
  };
}
