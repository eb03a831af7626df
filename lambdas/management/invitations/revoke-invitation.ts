import * as v from 'valibot';
import { isIdentifier } from '../../../core/credential/identifier.ts';
import { mayInvite } from '../../../core/management/permission.ts';
import { invitationView } from '../http/key-view.ts';
import { auditEvent, managementHandler, pathParameter } from '../http/management-handler.ts';
import { missingThing } from '../http/missing-thing.ts';
import { readOptionalBody } from '../http/request-body.ts';
import { invitationStore, workspaceStore } from '../stores.ts';
import { addressedWorkspace, assertPermitted } from '../workspaces/addressed.ts';

/** Whoever could make an invitation may take it back. One that has become a membership is no invitation any more. */
export const handler = managementHandler(async (call) => {
  const { workspace, caller } = await addressedWorkspace(workspaceStore, call);
  readOptionalBody(call.event, v.strictObject({}));
  const id = pathParameter(call, 'invitation');
  const address = { workspace: workspace.slug, id };
  const invitation = isIdentifier('inv', id) ? await invitationStore.get(address, call.now) : undefined;
  if (invitation === undefined) {
    // Whoever may not see invitations does not learn which there are.
    assertPermitted(mayInvite(caller, 'member'));
    throw missingThing('invitation');
  }
  assertPermitted(mayInvite(caller, invitation.role));
  const changed = { before: { role: invitation.role }, after: { role: null } };
  const subject = { workspace: workspace.slug, keyId: null, invitationId: id, ...changed };
  const event = auditEvent(call, 'invitation.revoked', subject);
  const outcome = await invitationStore.revoke(invitation, event);
  if (outcome.kind === 'gone') throw missingThing('invitation');
  return { status: 200, body: invitationView(invitation) };
});
