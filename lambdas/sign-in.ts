import type { Context, PreTokenGenerationTriggerEvent } from 'aws-lambda';
import { isUserId, normalizeEmailAddress } from '../core/access/identity.ts';
import type { AuditEvent } from '../core/audit/audit-event.ts';
import type { IdentifierPrefix } from '../core/credential/identifier.ts';
import { decisiveFailure, Unfinished } from '../core/errors/fault.ts';
import { principalOfMember } from '../core/management/caller.ts';
import type { AcceptanceStore, Invitation } from '../core/management/invitation-store.ts';
import type { FormerMembership, MemberStore } from '../core/management/member-store.ts';
import { mayStillInvite } from '../core/management/permission.ts';
import type { Member, WorkspaceStore } from '../core/management/workspace-store.ts';
import type { Profile } from '../core/profile/profile.ts';
import { isName } from '../core/text/visible-text.ts';
import { countOne, faultEntry, type LogEntry } from './log/entry.ts';
import { beginInvocation, writeEntry } from './log/powertools-log.ts';
import { pickDifferences } from './management/http/view.ts';
import { withinMilliseconds } from './time-limit.ts';

/** A person whose e-mail address the issuer has verified. */
export interface VerifiedPerson {
  readonly userId: string;
  /** As `normalizeEmailAddress` writes it. */
  readonly email: string;
}

/** Cognito waits five seconds for this function. After that it turns the person away. */
const ACCEPTING_MS = 3_500;

/**
 * Makes the function that the user pool runs before it gives somebody tokens. It logs every failure and never throws: a failure
 * must not keep anybody from signing in. They may be a member elsewhere, and the next sign-in tries again.
 */
export function createSignInHandler(accept: (person: VerifiedPerson) => Promise<void>) {
  return async (
    event: PreTokenGenerationTriggerEvent,
    context: Pick<Context, 'awsRequestId'>,
  ): Promise<PreTokenGenerationTriggerEvent> => {
    beginInvocation(context);
    try {
      const person = verifiedPerson(event.request.userAttributes);
      if (person === undefined)
        writeEntry(unverifiedEntry(event.request.userAttributes), context.awsRequestId);
      else await withinMilliseconds(ACCEPTING_MS, () => accept(person));
    } catch (error) {
      writeEntry(faultEntry(error, countOne('SignInFault')), context.awsRequestId);
    }
    return event;
  };
}

type Attributes = PreTokenGenerationTriggerEvent['request']['userAttributes'];

/** @returns `undefined` unless the issuer has verified the address: an unproven address must accept no invitation. */
function verifiedPerson({ sub, email, email_verified }: Attributes): VerifiedPerson | undefined {
  const address = email_verified === 'true' && email !== undefined ? normalizeEmailAddress(email) : undefined;
  if (sub === undefined || address === undefined || !isUserId(sub)) return undefined;
  return { userId: sub, email: address };
}

/**
 * Tells an operator why an invited person is no member. The entry leaves the address out: an unproven address may be somebody
 * else's.
 */
function unverifiedEntry({ sub, email_verified }: Attributes): LogEntry {
  const reason = email_verified === 'true' ? 'unusable_address' : 'unverified_address';
  const user = sub !== undefined && isUserId(sub) ? sub : null;
  return { level: 'WARN', message: 'invitations not looked for', fields: { reason, user } };
}

export interface AcceptanceOptions {
  readonly invitations: AcceptanceStore;
  readonly workspaces: Pick<WorkspaceStore, 'getMember'>;
  readonly members: Pick<MemberStore, 'put' | 'getFormerMembership'>;
  readonly profile: Profile;
  readonly newId: (prefix: IdentifierPrefix) => string;
  /** Unix seconds. */
  readonly now: () => number;
}

/** How often to decide again because somebody changed the inviter or the person in between. */
const ATTEMPTS = 3;

/**
 * Makes a person a member of every workspace that has invited their address, if the inviter could still invite them. A member
 * keeps the role that they have. A failure may be tried again at any time. An unfinished change is no failure: it goes on by
 * itself, and the next sign-in removes the invitation.
 * @throws {AggregateError} the faults of the stores, after every invitation was tried.
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
  throw new AggregateError(faults, 'Some invitations could not be accepted.', {
    cause: decisiveFailure(faults),
  });
}

async function acceptInvitation(
  options: AcceptanceOptions,
  invitation: Invitation,
  userId: string,
): Promise<void> {
  const { invitations, workspaces, newId } = options;
  for (let attempt = 1; attempt <= ATTEMPTS; attempt += 1) {
    const inviter = await findInviter(options, invitation);
    if (inviter === 'powerless') return;
    const claim = await invitations.claim(invitation, { userId, eventId: newId('evt') });
    if (claim.kind === 'gone') return;
    const { eventId } = claim;
    const isMember = (await workspaces.getMember(invitation.workspace, userId)) !== undefined;
    const former = await options.members.getFormerMembership(invitation.workspace, userId);
    const isSettled = isMember || wasRemovedSince(invitation, former);
    const joining = { invitation, userId, inviter, eventId, formerVersion: former.version };
    if (isSettled) return invitations.close(invitation, closingEvent(options, joining));
    if (await addMember(options, joining)) return invitations.remove(invitation, eventId);
  }
}

/** @returns `null` for an invitation that was made with a management key; `powerless` if the inviter may no longer invite. */
async function findInviter(
  { workspaces, profile }: AcceptanceOptions,
  invitation: Invitation,
): Promise<Member | null | 'powerless'> {
  const { workspace, invitedBy } = invitation;
  if (invitedBy === null) return null;
  const member = await workspaces.getMember(workspace, invitedBy);
  const permission = mayStillInvite(invitation, member && principalOfMember(member, profile));
  return member === undefined || permission.kind === 'refuse' ? 'powerless' : member;
}

/**
 * A removal also ends the invitations of before it. The member who removes somebody knows no address, so they cannot be asked to
 * revoke those invitations too.
 */
function wasRemovedSince({ createdAt }: Invitation, { removedAt }: FormerMembership): boolean {
  return removedAt !== null && removedAt > createdAt;
}

interface Joining {
  readonly invitation: Invitation;
  readonly userId: string;
  readonly inviter: Member | null;
  readonly eventId: string;
  /** The version of what an earlier membership left behind. If the person is removed after it was read, the version differs. */
  readonly formerVersion: number;
}

/** The event of an invitation that ended without making anybody a member. */
function closingEvent(
  { now }: AcceptanceOptions,
  { invitation: { id, workspace, role }, userId, eventId }: Joining,
): AuditEvent {
  return {
    id: eventId,
    at: now(),
    type: 'invitation.revoked',
    outcome: 'done',
    actor: { kind: 'person', credentialId: null, user: userId },
    sourceAddress: null,
    workspace,
    keyId: null,
    invitationId: id,
    before: { role },
    after: { role: null },
  };
}

/**
 * Writes the membership. The person is called by the invited address until somebody names them. The event has an id of the
 * invitation's claim and is never written twice. So a person who joined by this invitation before, and was removed since, does
 * not join again.
 * @returns false if the inviter or the person was changed after they were read.
 */
async function addMember(
  { members, newId, now }: AcceptanceOptions,
  { invitation, userId, inviter, eventId, formerVersion }: Joining,
): Promise<boolean> {
  const { id, workspace, role } = invitation;
  const name = isName(invitation.email) ? invitation.email : null;
  const at = now();
  const event: AuditEvent = {
    id: eventId,
    at,
    type: 'member.added',
    outcome: 'done',
    actor: { kind: 'person', credentialId: null, user: userId },
    sourceAddress: null,
    workspace,
    keyId: null,
    userId,
    invitationId: id,
    ...pickDifferences({ role: null, name: null }, { role, name }),
  };
  const outcome = await members.put({
    workspace,
    userId,
    role,
    name,
    event,
    now: at,
    decidedOn: null,
    formerVersion,
    changeId: newId('chg'),
    caller: inviter && { userId: inviter.userId, version: inviter.version },
  });
  return outcome.kind === 'added' || outcome.kind === 'changed';
}
