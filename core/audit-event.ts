/** One line of the audit log: who did what to which credential, member or workspace. Written with the change it tells of, never alone. */
export interface AuditEvent {
  readonly id: string;
  /** Unix seconds. */
  readonly at: number;
  readonly type: AuditEventType;
  readonly actor: Actor;
  /** Where the request came from; `null` for the operator's own command line, the sweeper, and signing in. */
  readonly sourceAddress: string | null;
  /** Whose log it stands in; for a user's tokens, {@link userLog}. */
  readonly workspace: string;
  /** The credential it was done to; `null` where it was done to a workspace or a member. */
  readonly keyId: string | null;
  /** The user it was done to; absent where it was done to no member. */
  readonly userId?: string;
  /** What it changed, from and to; absent where the type of the event says it all. */
  readonly before?: ChangedFields;
  readonly after?: ChangedFields;
  /** The invitation that was made, revoked or accepted; absent elsewhere. */
  readonly invitationId?: string;
  /** `done`: begun, and finished by whoever has to. */
  readonly outcome: 'done';
}

/** What it was done to. */
export type EventSubject = Pick<
  AuditEvent,
  'workspace' | 'keyId' | 'userId' | 'invitationId' | 'before' | 'after'
>;

/** `null` for what was not there, or is no more. */
export type ChangedFields = Readonly<Record<string, string | null>>;

export type AuditEventType =
  | 'workspace.created'
  | 'workspace.updated'
  | 'member.added'
  | 'member.role_changed'
  | 'member.removed'
  | 'invitation.created'
  | 'invitation.revoked'
  | 'key.issued'
  | 'key.updated'
  | 'key.revoked'
  | 'key.rotated'
  | 'key.rotation_abandoned'
  | 'token.issued'
  | 'token.revoked'
  | 'management_key.issued'
  | 'management_key.revoked';

/** Who did it: through which credential, and as which user where one stands behind it. */
export interface Actor {
  readonly kind: 'api_key' | 'personal_access_token' | 'management_key' | 'person' | 'operator' | 'sweeper';
  readonly credentialId: string | null;
  readonly user: string | null;
}

/** The log of what a user has in no workspace in particular: their tokens. No workspace's slug can name it. */
export function userLog(userId: string): string {
  return `USER#${userId}`;
}
