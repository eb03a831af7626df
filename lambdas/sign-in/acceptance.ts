import type { AuditEvent } from '../../core/audit/audit-event.ts';
import type { IdentifierPrefix } from '../../core/credential/identifier.ts';
import { decisiveFailure, Unfinished } from '../../core/errors/fault.ts';
import { principalOfMember } from '../../core/management/caller.ts';
import type { AcceptanceStore, Invitation } from '../../core/management/invitation-store.ts';
import type { FormerMembership, MemberStore } from '../../core/management/member-store.ts';
import { mayStillInvite } from '../../core/management/permission.ts';
import type { Member, WorkspaceStore } from '../../core/management/workspace-store.ts';
import type { Profile } from '../../core/profile/profile.ts';

export interface AcceptanceOptions {
  readonly invitations: AcceptanceStore;
  readonly workspaces: Pick<WorkspaceStore, 'getMember'>;
  readonly members: Pick<MemberStore, 'put' | 'getFormerMembership'>;
  readonly profile: Profile;
  readonly newId: (prefix: IdentifierPrefix) => string;
  /** Unix seconds. */
  readonly now: () => number;
}

/** Somebody whose address the issuer has verified. */
export interface VerifiedPerson {
  readonly userId: string;
  /** As `normalizeEmailAddress` writes it. */
  readonly email: string;
}

/** How often a membership is decided on anew because the inviter was changed in between. */
const ATTEMPTS = 3;

/**
 * Makes somebody a member wherever their address was invited to, while whoever invited them could still do so. A role
 * that they have already is theirs: no invitation changes it. What fails may be tried again at any time; what goes on by itself
 * is no failure, and the next sign-in takes the invitation away.
 * @throws what the stores throw, after having tried every invitation.
 */
export async function acceptInvitations(options: AcceptanceOptions, person: VerifiedPerson): Promise<void> {
  const invitations = await options.invitations.listOpen(person.email, options.now());
  const faults: unknown[] = [];
  for (const invitation of invitations) {
    await acceptInvitation(options, invitation, person.userId).catch((fault: unknown) => {
      if (!(fault instanceof Unfinished)) faults.push(fault);
    });
  }
  if (faults.length === 0) return;
  throw new AggregateError(faults, 'An invitation was not accepted.', { cause: decisiveFailure(faults) });
}

async function acceptInvitation(
  options: AcceptanceOptions,
  invitation: Invitation,
  userId: string,
): Promise<void> {
  const { invitations, workspaces, newId } = options;
  for (let attempt = 1; attempt <= ATTEMPTS; attempt += 1) {
    const inviter = await inviterOf(options, invitation);
    if (inviter === 'powerless') return;
    const claim = await invitations.claim(invitation, { userId, eventId: newId('evt') });
    if (claim.kind === 'gone') return;
    const { eventId } = claim;
    const isMember = (await workspaces.getMember(invitation.workspace, userId)) !== undefined;
    const former = await options.members.getFormerMembership(invitation.workspace, userId);
    const isSettled = isMember || wasRemovedSince(invitation, former);
    const joining = { invitation, userId, inviter, eventId, formerVersion: former.version };
    if (isSettled) return invitations.close(invitation, closingEvent(options, joining));
    if (await join(options, joining)) return invitations.remove(invitation, eventId);
  }
}

/** @returns `null` for an invitation that a management key made. */
async function inviterOf(
  { workspaces, profile }: AcceptanceOptions,
  invitation: Invitation,
): Promise<Member | null | 'powerless'> {
  const { workspace, invitedBy } = invitation;
  if (invitedBy === null) return null;
  const member = await workspaces.getMember(workspace, invitedBy);
  const permission = mayStillInvite(invitation, member && principalOfMember(member, profile));
  return member === undefined || permission.kind === 'refuse' ? 'powerless' : member;
}

/** Whoever removes somebody knows no address, and must not have to look for what the address was invited to before. */
function wasRemovedSince({ createdAt }: Invitation, { removedAt }: FormerMembership): boolean {
  return removedAt !== null && removedAt > createdAt;
}

interface Joining {
  readonly invitation: Invitation;
  readonly userId: string;
  readonly inviter: Member | null;
  readonly eventId: string;
  /** Of what was left of an earlier membership when it was looked at: a removal since then is one that counts. */
  readonly formerVersion: number;
}

/** The end of an invitation by which nobody became a member. */
function closingEvent(
  { now }: AcceptanceOptions,
  { invitation: { id, workspace, role }, userId, eventId }: Joining,
): AuditEvent {
  return {
    ...{ id: eventId, at: now(), type: 'invitation.revoked', outcome: 'done' },
    actor: { kind: 'person', credentialId: null, user: userId },
    sourceAddress: null,
    ...{ workspace, keyId: null, invitationId: id },
    ...{ before: { role }, after: { role: null } },
  };
}

/**
 * @returns false when somebody was not what they were: the inviter, or the person. They may have joined by this very
 * invitation before, and have been removed since, which the event tells: it is never written twice.
 */
async function join(
  { members, newId, now }: AcceptanceOptions,
  { invitation, userId, inviter, eventId, formerVersion }: Joining,
): Promise<boolean> {
  const { id, workspace, role } = invitation;
  const at = now();
  const event: AuditEvent = {
    ...{ id: eventId, at, type: 'member.added', outcome: 'done' },
    actor: { kind: 'person', credentialId: null, user: userId },
    sourceAddress: null,
    ...{ workspace, keyId: null, userId, invitationId: id },
    ...{ before: { role: null }, after: { role } },
  };
  const outcome = await members.put({
    ...{ workspace, userId, role, event, now: at },
    ...{ decidedOn: null, formerVersion },
    changeId: newId('chg'),
    caller: inviter && { userId: inviter.userId, version: inviter.version },
  });
  return outcome.kind === 'added' || outcome.kind === 'changed';
}
