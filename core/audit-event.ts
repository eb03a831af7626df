/** One line of the audit log: who did what to which credential. Written with the change it tells of, never alone. */
export interface AuditEvent {
  readonly id: string;
  /** Unix seconds. */
  readonly at: number;
  readonly type: AuditEventType;
  readonly actor: Actor;
  /** Where the request came from; `null` for the operator's own command line, the sweeper, and signing in. */
  readonly sourceAddress: string | null;
  readonly workspace: string;
  /** The credential it was done to; `null` where it was done to a workspace. */
  readonly keyId: string | null;
  /** The invitation that was made, revoked or accepted; absent elsewhere. */
  readonly invitationId?: string;
  /** `done`: begun, and finished by whoever has to. */
  readonly outcome: 'done';
}

export type AuditEventType =
  | 'workspace.created'
  | 'member.added'
  | 'invitation.created'
  | 'invitation.revoked'
  | 'key.issued'
  | 'key.updated'
  | 'key.revoked'
  | 'key.rotated'
  | 'key.rotation_abandoned'
  | 'management_key.issued'
  | 'management_key.revoked';

/** Who did it: through which credential, and as which user where one stands behind it. */
export interface Actor {
  readonly kind: 'api_key' | 'management_key' | 'person' | 'operator' | 'sweeper';
  readonly credentialId: string | null;
  readonly user: string | null;
}
