import { isIdentifier } from '../../../core/credential/identifier.ts';
import { maySeeInvitations } from '../../../core/management/permission.ts';
import { invitationView } from '../http/key-view.ts';
import { managementHandler } from '../http/management-handler.ts';
import { cursorTo, readPage } from '../http/page.ts';
import { invitationStore, workspaceStore } from '../stores.ts';
import { addressedWorkspace, assertPermitted } from '../workspaces/addressed.ts';

export const handler = managementHandler(async (call) => {
  const { workspace, caller } = await addressedWorkspace(workspaceStore, call);
  assertPermitted(maySeeInvitations(caller));
  const { invitations, next } = await invitationStore.list({
    workspace: workspace.slug,
    ...readPage(call.event, (id) => isIdentifier('inv', id)),
    now: call.now,
  });
  return { status: 200, body: { invitations: invitations.map(invitationView), next_cursor: cursorTo(next) } };
});
