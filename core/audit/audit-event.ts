import type { Caller } from '../access/principal.ts';
import type { RateLimit } from '../access/rate-limit.ts';

/** One line of the audit log: who did what to which credential, member or workspace, or tried to. */
export type AuditEvent = ChangeEvent | RefusedEvent;

/** Written with the change it tells of, never alone. */
export interface ChangeEvent extends EventFacts {
  readonly type: AuditEventType;
  /** `done`: begun, and finished by whoever has to. */
  readonly outcome: 'done';
}

/** A call of somebody known that was refused: nothing was changed. */
export interface RefusedEvent extends EventFacts {
  readonly type: 'call.refused';
  readonly outcome: 'refused';
  /** What was tried: the route's method and pattern, never the path as it was sent. */
  readonly action: string;
  /** The code that the caller was answered. */
  readonly code: string;
}

interface EventFacts {
  /** Sorts by the time when the event was begun. */
  readonly id: string;
  /** Unix seconds. */
  readonly at: number;
  readonly actor: Actor;
  /** Where the request came from; `null` for the operator's own command line, the sweeper, and signing in. */
  readonly sourceAddress: string | null;
  /** Whose log it stands in: a workspace's slug, a {@link userLog}, or {@link OPERATOR_LOG}. */
  readonly workspace: string;
  /** The credential it was done to; `null` where it was done to a workspace or a member. */
  readonly keyId: string | null;
  /** The user it was done to; absent where it was done to no member. */
  readonly userId?: string;
  /** What it changed, from and to; absent where there was nothing before, or is nothing after. */
  readonly before?: ChangedFields;
  readonly after?: ChangedFields;
  /** The invitation that was made, revoked or accepted; absent elsewhere. */
  readonly invitationId?: string;
}

/** What it was done to. */
export type EventSubject = Pick<
  AuditEvent,
  'workspace' | 'keyId' | 'userId' | 'invitationId' | 'before' | 'after'
>;

/** Named and written as the API shows them, times in ISO 8601; `null` for what was not there, or is no more. Never a secret. */
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
  'member.removed',
  'invitation.created',
  'invitation.revoked',
  'key.issued',
  'key.updated',
  'key.revoked',
  'key.rotated',
  'key.rotation_abandoned',
  'token.issued',
  'token.revoked',
  'management_key.issued',
  'management_key.revoked',
] as const;

/** Of a change; a refused call is of a type of its own. */
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

/** Who did it: through which credential, and as which user where one stands behind it. */
export interface Actor {
  readonly kind: (typeof ACTOR_KINDS)[number];
  readonly credentialId: string | null;
  readonly user: string | null;
}

/** A person has no credential of Keyward's. */
export function actorOf(caller: Caller): Actor {
  if (caller.kind === 'signed_in' || caller.kind === 'person')
    return { kind: 'person', credentialId: null, user: caller.user };
  return { kind: caller.kind, credentialId: caller.credentialId, user: caller.user };
}

/** The log of what a user has in no workspace in particular: their tokens. No workspace's slug can name it. */
export function userLog(userId: string): string {
  return `USER#${userId}`;
}

/** The log of management keys, and of what they do in no workspace. No workspace's slug can name it. */
export const OPERATOR_LOG = 'OPERATOR';

/** The log of a caller where a call leads to no workspace of theirs: nobody writes into a stranger's. */
export function ownLogOf(caller: Caller): string {
  if (caller.kind === 'management_key') return OPERATOR_LOG;
  if (caller.kind === 'api_key' && caller.workspace !== null) return caller.workspace;
  return caller.user === null ? OPERATOR_LOG : userLog(caller.user);
}
