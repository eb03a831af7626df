import type { Role } from '../access/role.ts';
import type { AuditEvent } from '../audit/audit-event.ts';
import type { CallerInForce } from './key-store.ts';

/**
 * What managing invitations asks of a store. Reads are strongly consistent, and none of them knows an invitation that has
 * expired.
 * @throws {Unavailable} when the store cannot finish now; nothing has been reported done.
 */
export interface InvitationStore {
  create(invitation: NewInvitation): Promise<CreateInvitationOutcome>;
  get(address: InvitationAddress, now: number): Promise<Invitation | undefined>;
  /** Newest first. Full unless it is the last, or the cost of filling it is too high. */
  list(query: InvitationQuery): Promise<InvitationPage>;
  revoke(invitation: Invitation, event: AuditEvent): Promise<RevokeInvitationOutcome>;
}

/** `exists`: the address has an open invitation to the workspace. `caller_ended`: the caller is no longer in force. */
export interface CreateInvitationOutcome {
  readonly kind: 'created' | 'exists' | 'caller_ended';
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
   * Notes who accepts an invitation, and the id of the event that will tell of it. Claiming again answers as the first time
   * did: the event is written with the membership, and no event is written twice, so an invitation is accepted once at
   * most, however often a crash makes somebody try.
   */
  claim(invitation: Invitation, claim: { userId: string; eventId: string }): Promise<ClaimOutcome>;
  /** Takes away an invitation that has been accepted, by the event that tells of it. */
  remove(invitation: Invitation, eventId: string): Promise<void>;
  /**
   * Takes away an invitation that its claim makes nobody a member by: without an event, a copy of the tables from before would
   * open it again.
   * @param event of the claim's id; it is not written where that tells of an acceptance already.
   */
  close(invitation: Invitation, event: AuditEvent): Promise<void>;
}

/** `eventId`: the id to use. `gone`: there is no such invitation any more, or another user has claimed it. */
export type ClaimOutcome = { readonly kind: 'claimed'; readonly eventId: string } | { readonly kind: 'gone' };

export interface NewInvitation {
  readonly invitation: Invitation;
  /** Who asks for it; `null` for a management key. */
  readonly caller: CallerInForce | null;
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

/** An offer of membership to whoever proves to have an e-mail address. Times are Unix seconds. */
export interface Invitation {
  readonly id: string;
  readonly workspace: string;
  /** As `normalizeEmailAddress` writes it. */
  readonly email: string;
  readonly role: Role;
  /** The member who made it; `null` for a management key. */
  readonly invitedBy: string | null;
  readonly createdAt: number;
  /** Worth nothing from this moment on. */
  readonly expiresAt: number;
}

export const INVITATION_SECONDS = 14 * 86_400;

/** @param now Unix seconds; `expiresAt === now` counts as expired. */
export function isOpen({ expiresAt }: Pick<Invitation, 'expiresAt'>, now: number): boolean {
  return expiresAt > now;
}
