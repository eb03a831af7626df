import * as v from 'valibot';
import { isIdentifier } from '../../../core/credential/identifier.ts';
import type { RequestStore } from '../../../core/management/idempotency.ts';
import {
  INVITATION_SECONDS,
  type Invitation,
  type InvitationStore,
} from '../../../core/management/invitation-store.ts';
import { mayInvite, maySeeInvitations } from '../../../core/management/permission.ts';
import { MANAGEMENT_PROBLEMS } from '../../../core/management/problem.ts';
import { conflict, ProblemError } from '../../http/problem.ts';
import type { InvitationAnswer, InvitationsAnswer } from '../answers/workspace-answers.ts';
import { emailField, roleField } from '../http/field.ts';
import { answerOnce, type Once, requestTakenError } from '../http/idempotency.ts';
import { type Ids, makeChangeEvent, type Operation, pathParameter } from '../http/operation.ts';
import { cursorTo, readPage } from '../http/page.ts';
import { assertPermitted, noSuch } from '../http/refusal.ts';
import { readBody, readOptionalBody } from '../http/request-body.ts';
import { timeView } from '../http/view.ts';
import {
  callerEndedError,
  resolveWorkspaceCall,
  type WorkspaceCall,
  type WorkspaceOptions,
} from '../workspaces/resolve-caller.ts';

export interface InvitationOptions extends WorkspaceOptions {
  readonly invitations: InvitationStore;
  readonly ids: Ids;
}

export const invitationBody = v.strictObject({ email: emailField, role: roleField });

export interface CreateInvitationOptions extends InvitationOptions {
  readonly requests: RequestStore;
  /** Who makes members of invited people: signing in does, unless people sign in where nobody knows their addresses. */
  readonly acceptedBy: 'signing_in' | 'nobody';
}

export function createInvitationOperation(options: CreateInvitationOptions): Operation {
  const { profile, invitations, ids, acceptedBy } = options;
  const inviteOnce = answerOnce(options, async (call: Once<WorkspaceCall>) => {
    const { workspace, caller, inForce, request, now } = call;
    const body = readBody(call.event, invitationBody);
    assertPermitted(mayInvite(caller, body.role));
    if (acceptedBy === 'nobody') throw new ProblemError(MANAGEMENT_PROBLEMS.no_invitations);
    const invitation: Invitation = {
      id: ids.newId('inv'),
      workspace: workspace.slug,
      email: body.email,
      role: body.role,
      invitedBy: caller.user,
      createdAt: now,
      expiresAt: now + INVITATION_SECONDS,
    };
    const event = makeChangeEvent(call, {
      ids,
      type: 'invitation.created',
      workspace: workspace.slug,
      keyId: null,
      invitationId: invitation.id,
      // Without the address: events are kept longer than an invitation that nobody accepts.
      after: { role: invitation.role, expires_at: timeView(invitation.expiresAt) },
    });
    const outcome = await invitations.create({ invitation, caller: inForce, request, event });
    if (outcome.kind === 'caller_ended') throw callerEndedError(call, profile);
    if (outcome.kind === 'request_taken') throw requestTakenError();
    if (outcome.kind === 'exists') throw conflict('invitation_exists', ALREADY_INVITED);
    return { status: 201, body: invitationView(invitation) };
  });
  return resolveWorkspaceCall(options, inviteOnce);
}

const ALREADY_INVITED = 'The address has an open invitation already. Revoke it to make another one.';

export function readInvitationsOperation(options: Omit<InvitationOptions, 'ids'>): Operation {
  return resolveWorkspaceCall(options, async ({ event, workspace, caller, now }) => {
    assertPermitted(maySeeInvitations(caller));
    const asked = readPage(event, (id) => isIdentifier('inv', id));
    const page = await options.invitations.list({ workspace: workspace.slug, ...asked, now });
    const shown = page.invitations.map(invitationView);
    const body: InvitationsAnswer = { invitations: shown, next_cursor: cursorTo(page.next) };
    return { status: 200, body };
  });
}

export const revokeBody = v.strictObject({});

/** Takes an invitation back. Everybody who may make it may revoke it. An accepted one is a membership, and is not found. */
export function revokeInvitationOperation(options: InvitationOptions): Operation {
  const { invitations, ids } = options;
  return resolveWorkspaceCall(options, async (call) => {
    const { event, workspace, caller, now } = call;
    readOptionalBody(event, revokeBody);
    const id = pathParameter(call, 'invitation');
    const address = { workspace: workspace.slug, id };
    const invitation = isIdentifier('inv', id) ? await invitations.get(address, now) : undefined;
    if (invitation === undefined) {
      // A caller who may not see invitations does not learn which exist.
      assertPermitted(mayInvite(caller, 'member'));
      throw noSuch('invitation');
    }
    assertPermitted(mayInvite(caller, invitation.role));
    const revocation = makeChangeEvent(call, {
      ids,
      type: 'invitation.revoked',
      workspace: workspace.slug,
      keyId: null,
      invitationId: id,
      before: { role: invitation.role },
      after: { role: null },
    });
    const outcome = await invitations.revoke(invitation, revocation);
    if (outcome.kind === 'gone') throw noSuch('invitation');
    return { status: 200, body: invitationView(invitation) };
  });
}

function invitationView(invitation: Invitation): InvitationAnswer {
  const { id, workspace, email, role, invitedBy, createdAt, expiresAt } = invitation;
  return {
    id,
    workspace,
    email,
    role,
    invited_by: invitedBy,
    created_at: timeView(createdAt),
    expires_at: timeView(expiresAt),
  };
}
