import { isIdentifier } from '../../core/credential/identifier.ts';
import { maySeeInvitations } from '../../core/management/permission.ts';
import { addressedWorkspace, assertPermitted } from './addressed.ts';
import { invitationView } from './key-view.ts';
import { managementHandler } from './management-handler.ts';
import { cursorTo, readPage } from './page.ts';
import { invitationStore, workspaceStore } from './stores.ts';

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
