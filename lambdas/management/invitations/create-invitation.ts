import * as v from 'valibot';
import { INVITATION_SECONDS, type Invitation } from '../../../core/management/invitation-store.ts';
import { mayInvite } from '../../../core/management/permission.ts';
import { newId } from '../../environment.ts';
import { conflict } from '../../http/problem.ts';
import { email, role } from '../http/field.ts';
import { invitationView, timeView } from '../http/key-view.ts';
import { auditEvent, managementHandler } from '../http/management-handler.ts';
import { readBody } from '../http/request-body.ts';
import { invitationStore, workspaceStore } from '../stores.ts';
import { addressedWorkspace, assertPermitted, callerEnded } from '../workspaces/addressed.ts';

const invitationBody = v.strictObject({ email, role });

export const handler = managementHandler(async (call) => {
  const addressed = await addressedWorkspace(workspaceStore, call);
  const { workspace, caller, inForce } = addressed;
  const body = readBody(call.event, invitationBody);
  assertPermitted(mayInvite(caller, body.role));
  const invitation: Invitation = {
    id: newId('inv'),
    workspace: workspace.slug,
    email: body.email,
    role: body.role,
    invitedBy: caller.user,
    createdAt: call.now,
    expiresAt: call.now + INVITATION_SECONDS,
  };
  // Without the address: that of somebody who never comes is not kept for longer than the invitation.
  const after = { role: invitation.role, expires_at: timeView(invitation.expiresAt) };
  const subject = { workspace: workspace.slug, keyId: null, invitationId: invitation.id, after };
  const event = auditEvent(call, 'invitation.created', subject);
  const outcome = await invitationStore.create({ invitation, caller: inForce, event });
  if (outcome.kind === 'caller_ended') throw callerEnded(addressed);
  if (outcome.kind === 'exists') {
    const detail = 'The address is invited already. Take that invitation back to make another one.';
    throw conflict('invitation_exists', detail);
  }
  return { status: 201, body: invitationView(invitation) };
});
