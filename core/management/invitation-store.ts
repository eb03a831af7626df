import type { Role } from '../access/role.ts';
import type { AuditEvent } from '../audit/audit-event.ts';
import type { IdempotentRequest } from './idempotency.ts';
import type { CallerInForce } from './key-store.ts';

/**
 * What managing invitations asks of a store. Reads are strongly consistent, and never return an expired invitation.
 * @throws {Unavailable} when the store cannot finish now; nothing has been reported done.
 */
export interface InvitationStore {
  create(invitation: NewInvitation): Promise<CreateInvitationOutcome>;
  get(address: InvitationAddress, now: number): Promise<Invitation | undefined>;
  /** Newest first. A page is full unless it is the last, or the cost of filling it is too high. */
  list(query: InvitationQuery): Promise<InvitationPage>;
  revoke(invitation: Invitation, event: AuditEvent): Promise<RevokeInvitationOutcome>;
}

/** `exists`: the address has an open invitation to the workspace. `caller_ended`: the caller is no longer in force. `request_taken`: another call with the same `Idempotency-Key` was faster. */
export interface CreateInvitationOutcome {
  readonly kind: 'created' | 'exists' | 'caller_ended' | 'request_taken';
}

/** `gone`: the invitation was accepted, or somebody else revoked it. */
export interface RevokeInvitationOutcome {
  readonly kind: 'revoked' | 'gone';
}

/** What accepting invitations asks of a store. */
export interface AcceptanceStore {
  /** @returns the open invitations of an address. */
  listOpen(email: string, now: number): Promise<readonly Invitation[]>;
  /**
   * Stores who accepts an invitation, and the id of the event that will tell of it. Claiming again answers as the first time did.
   * The event is written with the membership, and no event is written twice. So an invitation is accepted once at most,
   * even if a crash makes a user try again.
   */
  claim(invitation: Invitation, claim: { userId: string; eventId: string }): Promise<ClaimOutcome>;
  /** Deletes an accepted invitation, by the event that tells of it. */
  remove(invitation: Invitation, eventId: string): Promise<void>;
  /**
   * Deletes a claimed invitation that made nobody a member. Without its event, a restored backup would open the invitation
   * again.
   * @param event has the claim's id. It is not written if that id tells of an acceptance already.
   */
  close(invitation: Invitation, event: AuditEvent): Promise<void>;
}

/** `eventId`: the id to use. `gone`: there is no such invitation any more, or another user has claimed it. */
export type ClaimOutcome = { readonly kind: 'claimed'; readonly eventId: string } | { readonly kind: 'gone' };

export interface NewInvitation {
  readonly invitation: Invitation;
  /** Who asks for it; `null` for a management key. */
  readonly caller: CallerInForce | null;
  /** Absent if the call has no `Idempotency-Key`. */
  readonly request?: IdempotentRequest | undefined;
  readonly event: AuditEvent;
}

export interface InvitationAddress {
  readonly workspace: string;
  readonly id: string;
}

export interface InvitationQuery {
  readonly workspace: string;
  readonly limit: number;
  /** The id after which the page starts; absent for the newest. */
  readonly after?: string | undefined;
  /** Unix seconds. */
  readonly now: number;
}

export interface InvitationPage {
  readonly invitations: readonly Invitation[];
  /** The id to continue after; `null` at the end. */
  readonly next: string | null;
}

/** An offer of membership to the user who proves that an e-mail address is theirs. Times are Unix seconds. */
export interface Invitation {
  readonly id: string;
  readonly workspace: string;
  /** As `normalizeEmailAddress` writes it. */
  readonly email: string;
  readonly role: Role;
  /** The member who made it; `null` for a management key. */
  readonly invitedBy: string | null;
  readonly createdAt: number;
  /** From this moment on nobody can accept it. */
  readonly expiresAt: number;
}

export const INVITATION_SECONDS = 14 * 86_400;

/** @param now Unix seconds; `expiresAt === now` counts as expired. */
export function isOpen({ expiresAt }: Pick<Invitation, 'expiresAt'>, now: number): boolean {
  return expiresAt > now;
}
