import type { Role } from '../access/role.ts';
import type { AuditEvent } from '../audit/audit-event.ts';
import type { CallerInForce } from './key-store.ts';

/**
 * What managing invitations asks of a store. Reads are strongly consistent, and none of them knows an invitation that has
 * expired.
 * @throws {Unavailable} when the store cannot finish now; nothing has been reported done.
 */
export interface InvitationStore {
  /** `exists`: the address has an open invitation to the workspace. `caller_ended`: the caller is no longer in force. */
  create(invitation: NewInvitation): Promise<'created' | 'exists' | 'caller_ended'>;
  get(address: InvitationAddress, now: number): Promise<Invitation | undefined>;
  /** Newest first. Full unless it is the last, or the cost of filling it is too high. */
  list(query: InvitationQuery): Promise<InvitationPage>;
  /** @returns false when it is gone already: accepted, or revoked by somebody else. */
  revoke(invitation: Invitation, event: AuditEvent): Promise<boolean>;
}

/** What accepting invitations asks of a store. */
export interface AcceptanceStore {
  /** Those of an address that are open. */
  invitationsOf(email: string, now: number): Promise<readonly Invitation[]>;
  /**
   * Notes who accepts an invitation, and the id of the event that will tell of it. Claiming again answers as the first time
   * did: the event is written with the membership, and no event is written twice, so an invitation is accepted once at
   * most, however often a crash makes somebody try.
   * @returns the id to use; undefined when the invitation is gone, or somebody else's by now.
   */
  claim(invitation: Invitation, claim: { userId: string; eventId: string }): Promise<string | undefined>;
  /** Takes away an invitation that has been accepted, by the event that tells of it. */
  remove(invitation: Invitation, eventId: string): Promise<void>;
  /**
   * Takes away an invitation that its claim makes nobody a member by: without an event, a copy of the tables from before would
   * open it again.
   * @param event of the claim's id; it is not written where that tells of an acceptance already.
   */
  close(invitation: Invitation, event: AuditEvent): Promise<void>;
}

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
  readonly after?: string;
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
  /** As `normalEmailAddress` writes it. */
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
